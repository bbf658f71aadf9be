"""SARIF 2.1.0 of any tool (CodeQL, Semgrep, Snyk, Bandit, Trivy, ESLint ...) as candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from undersign.errors import BadInput
from undersign.records.candidate import Candidate, Step
from undersign.records.review import Looker
from undersign.surfaces.review.imports.categories import category_of
from undersign.surfaces.review.imports.imported import Imported, Remarks
from undersign.surfaces.review.imports.sarif_run import Run, open_run
from undersign.surfaces.review.imports.texts import at, items, line_of, objects, path_of, text_of

_MOST_STEPS = 40
_MOST_PLACES = 20
"""Places of one result, each a candidate of its own."""
MOST_RESULTS = 200_000
"""Of one file; GitHub takes 25,000 a run."""
_NOTHING_WRONG = ("pass", "notApplicable")
_NO_MESSAGE = "(no message)"


def of_sarif(document: Mapping[str, Any], where: str, root: str = "") -> Imported:
    """Read every run; a result that cannot be used is a remark that names it."""
    remarks = Remarks(where)
    _require_version(document, where, remarks)
    runs = document.get("runs")
    if not isinstance(runs, list):
        raise BadInput("no SARIF: `runs` is no list", path=where)
    candidates: list[Candidate] = []
    lookers: list[Looker] = []
    failed: dict[str, str] = {}
    read: dict[str, tuple[str, ...]] = {}
    for number, raw in enumerate(runs):
        place = f"runs[{number}]"
        if not isinstance(raw, dict):
            remarks.add(place, "is no object")
            continue
        run = open_run(raw, place, remarks, root)
        found = _results(run, MOST_RESULTS - len(candidates))
        candidates += found
        lookers.append(Looker(run.tool, run.version, len(found), run.trouble))
        failed |= run.failed
        for path in run.read:
            read[path] = (*read.get(path, ()), run.tool)
    if not runs:
        remarks.add("`runs`", "is empty: no tool says that it looked at anything")
    return Imported(tuple(candidates), tuple(lookers), failed, remarks.told(), read)


def _require_version(document: Mapping[str, Any], where: str, remarks: Remarks) -> None:
    version = document.get("version")
    if version is None:
        remarks.add("`version`", "is missing; it was read as SARIF 2.1.0")
    elif not isinstance(version, str) or not version.startswith("2.1."):
        raise BadInput(
            f"SARIF {text_of(str(version), 40)} is not read",
            path=where,
            hint="2.1.0 is; the tool that wrote it, or `sarif-multitool transform`, can write that",
        )


def _results(run: Run, most: int) -> list[Candidate]:
    found: list[Candidate] = []
    left: dict[str, int] = {}
    results = items(run.raw.get("results"))
    for number, result in enumerate(results):
        place = f"{run.place}.results[{number}]"
        if len(found) >= most:
            rest = f"{len(results) - number:,} results were not read: {MOST_RESULTS:,} are the most"
            run.troubles.append(rest)
            run.remarks.add(run.place, f"is too long: {rest}")
            break
        if not isinstance(result, dict):
            run.remarks.add(place, "is no object")
        elif kind := _says_nothing(result):
            left[kind] = left.get(kind, 0) + 1
        else:
            found += _candidates(result, run, place)
    for kind, count in left.items():
        run.remarks.add(run.place, f"holds {count:,} results that are {kind}; they are left out")
    return found


def _says_nothing(result: Mapping[str, Any]) -> str:
    """Say in which way a result speaks of nothing that is wrong; empty when it does not."""
    kind = result.get("kind")
    if kind in _NOTHING_WRONG:
        return str(kind)
    return "absent since its baseline" if result.get("baselineState") == "absent" else ""


def _candidates(result: Mapping[str, Any], run: Run, place: str) -> Iterator[Candidate]:
    """Make one candidate of every place of a result."""
    rule, rule_id, agrees = run.rules.of(result)
    if not agrees:
        run.remarks.add(place, "names one rule by its id and another by its index")
    message = _message(result, rule) or rule_id or _NO_MESSAGE
    if message is _NO_MESSAGE:
        run.remarks.add(place, "says nothing of what is wrong")
    labels = run.rules.labels(rule, result)
    locations = objects(result.get("locations"))
    if len(locations) > _MOST_PLACES:
        run.remarks.add(place, f"has more than {_MOST_PLACES} places; the first are kept")
    steps = _steps(result, run, place)
    for location in locations[:_MOST_PLACES] or [{}]:
        file, region = _place(location, run, place)
        line, last = _lines(region, run, place)
        yield Candidate(
            file=file,
            line=line,
            end_line=last,
            column=line_of(region.get("startColumn")) or 1,
            end_column=line_of(region.get("endColumn")),
            message=message,
            origin=run.tool,
            rule=rule_id,
            quote=text_of(at(region, "snippet").get("text")),
            category=category_of(rule_id, labels.cwe, message),
            cwe=labels.cwe,
            owasp=labels.owasp,
            severity=labels.severity,
            confidence=_confidence(result, rule),
            steps=steps,
            fix=_fix(result),
            suppressed=_suppressed(result),
        )


def _place(location: Mapping[str, Any], run: Run, place: str) -> tuple[str, Mapping[str, Any]]:
    physical = at(location, "physicalLocation")
    written = run.places.of(at(physical, "artifactLocation"))
    path, trouble = path_of(written)
    if not written:
        run.remarks.add(place, "names no file")
    elif trouble:
        run.remarks.add(place, f"names no file that can be looked at: {trouble}")
    return text_of(path) or "?", at(physical, "region")


def _lines(region: Mapping[str, Any], run: Run, place: str) -> tuple[int, int]:
    """Return the first line, and the last where one is given; 0 for what cannot be used."""
    line, last = line_of(region.get("startLine")), line_of(region.get("endLine"))
    if region and not line:
        unusable = "startLine" in region
        run.remarks.add(
            place, "names a line that is none" if unusable else "says its place not in lines"
        )
    if last and last < line:
        run.remarks.add(place, "ends before it begins")
    return line, last if line <= last else 0


def _message(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    message = at(result, "message")
    text = text_of(message.get("text")) or text_of(message.get("markdown"))
    if not text and isinstance(id_ := message.get("id"), str):
        text = text_of(at(rule, "messageStrings", id_).get("text"))
    for number, argument in enumerate(items(message.get("arguments"))[:10]):
        text = text.replace(f"{{{number}}}", text_of(argument, 500))
    text = text or text_of(at(rule, "shortDescription").get("text"))
    return text_of(text) or text_of(rule.get("name"))


def _confidence(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    own, general = at(result, "properties"), at(rule, "properties")
    said = (own.get("issue_confidence"), own.get("confidence"), general.get("precision"))
    return next((text_of(one, 40) for one in said if isinstance(one, str)), "")


def _fix(result: Mapping[str, Any]) -> str:
    for fix in objects(result.get("fixes")):
        if words := text_of(at(fix, "description").get("text")):
            return words
        for change in objects(fix.get("artifactChanges")):
            for one in objects(change.get("replacements")):
                if text := text_of(at(one, "insertedContent").get("text")):
                    return text
    return ""


def _suppressed(result: Mapping[str, Any]) -> str:
    """Say why the origin would hide it; a suppression that was rejected hides nothing."""
    said = []
    for one in objects(result.get("suppressions")):
        if one.get("status") != "rejected":
            words = text_of(one.get("justification"), 200) or "no reason"
            said.append(f"{text_of(one.get('kind'), 40) or 'suppressed'}: {words}")
    return "; ".join(said)[:1_000]


def _steps(result: Mapping[str, Any], run: Run, place: str) -> tuple[Step, ...]:
    """Return the first way that a result gives."""
    ways = [
        thread
        for flow in objects(result.get("codeFlows"))
        for thread in objects(flow.get("threadFlows"))
    ]
    if not ways:
        return ()
    if len(ways) > 1:
        run.remarks.add(place, "gives more ways than one; the first is kept")
    given = items(ways[0].get("locations"))
    if len(given) > _MOST_STEPS:
        # Both ends matter: what is left out is in the middle.
        half = _MOST_STEPS // 2
        given = [*given[:half], *given[-half:]]
        run.remarks.add(place, f"gives a way of more than {_MOST_STEPS} steps; its middle is cut")
    made = [_step(one, run) for one in given]
    if None in made:
        run.remarks.add(place, "gives a way with steps that name no line of a file")
    return tuple(step for step in made if step)


def _step(one: Any, run: Run) -> Step | None:
    if isinstance(one, dict) and "location" not in one and isinstance(one.get("index"), int):
        kept = items(run.raw.get("threadFlowLocations"))
        one = kept[one["index"]] if 0 <= one["index"] < len(kept) else {}
    location = at(one, "location")
    physical = at(location, "physicalLocation")
    region = at(physical, "region")
    path, trouble = path_of(run.places.of(at(physical, "artifactLocation")))
    line = line_of(region.get("startLine"))
    if not line or not path or trouble:
        return None
    return Step(
        path,
        line,
        text_of(at(location, "message").get("text"), 200) or "step",
        text_of(at(region, "snippet").get("text"), 400).strip(),
        line_of(region.get("startColumn")) or 1,
        line_of(region.get("endColumn")),
    )
