"""SARIF 2.1.0 of any tool (CodeQL, Semgrep, Snyk, Copilot, Bandit ...) as candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from undersign.catalogs.weaknesses import ids_in
from undersign.records.candidate import Candidate, Step
from undersign.records.review import Looker
from undersign.surfaces.review.imports import (
    Imported,
    category_of,
    line_of,
    path_of,
    severity_of,
    text_of,
)

_MOST_STEPS = 40
_SILENT = ("pass", "notApplicable", "informational")


@dataclass
class _Run:
    """One run while it is read."""

    where: str
    tool: str
    rules: Sequence[Mapping[str, Any]]
    bases: Mapping[str, Any]
    candidates: list[Candidate] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def read_sarif(document: Mapping[str, Any], where: str) -> Imported:
    """Read every run; a result that cannot be used is a remark that names it."""
    candidates: list[Candidate] = []
    lookers: list[Looker] = []
    failed: dict[str, str] = {}
    remarks: list[str] = []
    for at, raw in enumerate(document.get("runs", ())):
        if not isinstance(raw, dict):
            remarks.append(f"{where}: runs[{at}] is no object")
            continue
        run, looker = _run(raw, f"{where}: runs[{at}]")
        candidates += run.candidates
        lookers.append(looker)
        failed |= run.failed
        remarks += run.remarks
    return Imported(tuple(candidates), tuple(lookers), failed, tuple(remarks))


def _run(raw: Mapping[str, Any], where: str) -> tuple[_Run, Looker]:
    driver = _at(raw, "tool", "driver")
    rules = [r for r in _list(driver.get("rules")) if isinstance(r, dict)]
    for extension in _list(_at(raw, "tool").get("extensions")):
        if isinstance(extension, dict):
            rules += [r for r in _list(extension.get("rules")) if isinstance(r, dict)]
    name = text_of(driver.get("name")) or "unnamed tool"
    version = text_of(driver.get("semanticVersion")) or text_of(driver.get("version"))
    run = _Run(where, name, rules, _at(raw, "originalUriBaseIds"))
    silent = 0
    for at, result in enumerate(_list(raw.get("results"))):
        place = f"{where}.results[{at}]"
        if not isinstance(result, dict):
            run.remarks.append(f"{place} is no object")
        elif result.get("kind") in _SILENT:
            silent += 1
        else:
            run.candidates += _result(result, run, place)
    if silent:
        run.remarks.append(f"{where}: {silent:,} results say that nothing is wrong; left out")
    trouble = _invocations(raw, run)
    return run, Looker(name, version, len(run.candidates), trouble)


def _invocations(raw: Mapping[str, Any], run: _Run) -> str:
    """Return why a tool says that it failed; note the files that it names."""
    said: list[str] = []
    for one in _list(raw.get("invocations")):
        if not isinstance(one, dict):
            continue
        if one.get("executionSuccessful") is False:
            said.append(text_of(one.get("exitCodeDescription")) or "it says that it failed")
        for note in _list(one.get("toolExecutionNotifications")):
            if isinstance(note, dict) and note.get("level") == "error":
                words = text_of(_at(note, "message").get("text")) or "an error without words"
                said.append(words[:200])
                for location in _list(note.get("locations")):
                    path = _path(_at(location, "physicalLocation", "artifactLocation"), run)
                    if path:
                        run.failed[path] = f"{run.tool}: {words[:200]}"
    return "; ".join(dict.fromkeys(said))[:500]


def _result(result: Mapping[str, Any], run: _Run, place: str) -> Iterator[Candidate]:
    rule = _rule(result, run)
    rule_id = text_of(result.get("ruleId")) or text_of(rule.get("id"))
    message = _message(result, rule)
    locations = [x for x in _list(result.get("locations")) if isinstance(x, dict)]
    physical = _at(locations[0], "physicalLocation") if locations else {}
    written = _path(_at(physical, "artifactLocation"), run)
    path, trouble = path_of(written)
    if not written or trouble:
        run.remarks.append(
            f"{place} names no file that can be looked at: {trouble or 'none named'}"
        )
        path = path or "?"
    region = _at(physical, "region")
    cwe = _cwe(result, rule)
    line, last = line_of(region.get("startLine")), line_of(region.get("endLine"))
    yield Candidate(
        file=path,
        line=line,
        end_line=last if last >= line else 0,
        column=line_of(region.get("startColumn")) or 1,
        end_column=line_of(region.get("endColumn")),
        message=message or rule_id or "(no message)",
        origin=run.tool,
        rule=rule_id,
        quote=text_of(_at(region, "snippet").get("text")),
        category=category_of(rule_id, cwe, message),
        cwe=cwe,
        owasp=_owasp(result, rule),
        severity=_severity(result, rule),
        steps=tuple(_steps(result, run)),
        suppressed=_suppressed(result),
    )


def _rule(result: Mapping[str, Any], run: _Run) -> Mapping[str, Any]:
    at = result.get("ruleIndex", _at(result, "rule").get("index"))
    if isinstance(at, int) and not isinstance(at, bool) and 0 <= at < len(run.rules):
        return run.rules[at]
    wanted = result.get("ruleId", _at(result, "rule").get("id"))
    return next((r for r in run.rules if r.get("id") == wanted), {})


def _message(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    message = _at(result, "message")
    text = text_of(message.get("text")) or text_of(message.get("markdown"))
    if not text and (name := message.get("id")):
        text = text_of(_at(rule, "messageStrings", str(name)).get("text"))
    for at, argument in enumerate(_list(message.get("arguments"))):
        text = text.replace(f"{{{at}}}", text_of(argument))
    return text or text_of(_at(rule, "shortDescription").get("text"))


def _path(location: Mapping[str, Any], run: _Run, hops: int = 4) -> str:
    """Return the path of an artifact location, relative where its base is a checkout's root."""
    uri = location.get("uri")
    if not isinstance(uri, str):
        return ""
    path = unquote(uri)
    if path.startswith("file:"):
        path = unquote(urlsplit(uri).path)
    base = location.get("uriBaseId")
    inner = run.bases.get(base) if isinstance(base, str) else None
    above = inner.get("uriBaseId") if isinstance(inner, dict) else None
    if isinstance(above, str) and hops and isinstance(inner, dict):
        # A base that stands on another one is a folder of the checkout.
        path = _path(inner, run, hops - 1) + path
    root = inner.get("uri") if isinstance(inner, dict) else None
    if isinstance(root, str) and root.startswith("file:"):
        path = path.removeprefix(unquote(urlsplit(root).path))
    return path.encode("utf-8", "replace").decode()


def _tags(result: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[str]:
    for holder in (result, rule):
        properties = _at(holder, "properties")
        for key in ("tags", "cwe", "cwes", "owasp", "categories"):
            value = properties.get(key)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str):
                    yield one[:200]
        for taxon in _list(holder.get("taxa")):
            if isinstance(taxon, dict):
                name = text_of(_at(taxon, "toolComponent").get("name"))
                yield f"{name}-{text_of(taxon.get('id'))}"
        for relation in _list(holder.get("relationships")):
            target = _at(relation, "target") if isinstance(relation, dict) else {}
            name = text_of(_at(target, "toolComponent").get("name"))
            yield f"{name}-{text_of(target.get('id'))}"


def _cwe(result: Mapping[str, Any], rule: Mapping[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for tag in _tags(result, rule):
        ids = ids_in(tag.replace("/", " ").replace("CWE-CWE", "CWE"))
        if ids:
            named = tag if tag.upper().startswith("CWE-") and ":" in tag else ids[0]
            found.append(named)
    return tuple(dict.fromkeys(found))[:8]


def _owasp(result: Mapping[str, Any], rule: Mapping[str, Any]) -> tuple[str, ...]:
    from undersign.catalogs.owasp import read

    found = []
    for tag in _tags(result, rule):
        plain = (
            tag.rpartition("/")[2] if tag.lower().startswith(("owasp", "external/owasp")) else tag
        )
        if read(plain) is not None:
            found.append(plain)
    return tuple(dict.fromkeys(found))[:8]


def _severity(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    for holder in (result, rule):
        properties = _at(holder, "properties")
        score = properties.get("security-severity")
        try:
            number = float(score) if isinstance(score, str | int | float) else -1.0
        except ValueError:
            number = -1.0
        for least, word in ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low")):
            if 10.0 >= number >= least:
                return word
        if word := severity_of(properties.get("severity", properties.get("issue_severity"))):
            return word
    level = result.get("level", _at(rule, "defaultConfiguration").get("level"))
    return severity_of(level)


def _steps(result: Mapping[str, Any], run: _Run) -> Iterator[Step]:
    for flow in _list(result.get("codeFlows"))[:1]:
        for thread in _list(flow.get("threadFlows") if isinstance(flow, dict) else None)[:1]:
            places = _list(thread.get("locations") if isinstance(thread, dict) else None)
            for one in places[:_MOST_STEPS]:
                location = _at(one, "location") if isinstance(one, dict) else {}
                physical = _at(location, "physicalLocation")
                path, trouble = path_of(_path(_at(physical, "artifactLocation"), run))
                line = line_of(_at(physical, "region").get("startLine"))
                if line and path and not trouble:
                    yield Step(
                        path, line, text_of(_at(location, "message").get("text"))[:200] or "step"
                    )


def _suppressed(result: Mapping[str, Any]) -> str:
    said = []
    for one in _list(result.get("suppressions")):
        if isinstance(one, dict):
            words = text_of(one.get("justification"))[:200] or "no reason"
            said.append(f"{text_of(one.get('kind')) or 'suppressed'}: {words}")
    return "; ".join(said)


def _at(value: Any, *keys: str) -> Mapping[str, Any]:
    """Return the object at a chain of keys; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
