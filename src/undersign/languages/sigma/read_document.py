"""Sigma YAML text -> a `SigmaFile`: documents with spans, trees and located problems."""

from __future__ import annotations

from typing import Any

from undersign.languages.sigma.budget import Budget
from undersign.languages.sigma.detection import DetectionReader
from undersign.languages.sigma.document import (
    Correlation,
    Document,
    Filter,
    LogSource,
    Problem,
    Rule,
    SigmaFile,
)
from undersign.languages.sigma.metadata import check_log_source, check_metadata
from undersign.languages.sigma.read_correlation import correlation_parts
from undersign.languages.sigma.values import Placeholders, Reading
from undersign.languages.sigma.yaml_spans import (
    Items,
    Pairs,
    Scalar,
    YamlDocument,
    YamlNode,
    plain,
    read_yaml,
    spans,
)

_ACTIONS = frozenset({"global", "reset", "repeat"})


def read(text: str, placeholders: Placeholders | None = None) -> SigmaFile:
    """Parse a Sigma file of any number of documents; never raises on bad text.

    `placeholders` gives the values of `%name%` under the modifier `expand`. A rule with problems
    still has the trees that could be read; what could not is `Unsupported`, never left out.
    """
    documents, problems = read_yaml(text)
    if not documents and not problems:
        problems = (Problem("the file holds no document"),)
    reading = Reading(placeholders or {}, Budget())
    read = tuple(_document(document, reading) for document in documents)
    return SigmaFile(text, read, problems)


def _document(document: YamlDocument, reading: Reading) -> Document:
    root = document.root
    problems = list(document.problems)
    if not isinstance(root, Pairs):
        problems.append(Problem("a Sigma document must be a mapping", root.span))
        root = Pairs((), root.span, 1, 1, 0)
        return Document(**_common(root, document), problems=tuple(problems))
    common = _common(root, document)
    action = root.get("action")
    if isinstance(action, Scalar) and action.raw in _ACTIONS and root.get("detection") is None:
        message = f"`action: {action.raw}` is no longer Sigma; write every rule out in full"
        return Document(**common, problems=(*problems, Problem(message, action.span)))
    if root.get("correlation") is not None:
        return _correlation(root, common, problems)
    if root.get("filter") is not None:
        return _filter(root, common, problems, reading)
    return _rule(root, common, problems, reading)


def _common(root: Pairs, document: YamlDocument) -> dict[str, Any]:
    tags = root.get("tags")
    items = tags.items if isinstance(tags, Items) else ()
    level, status = _text(root, "level"), _text(root, "status")
    return {
        "title": _text(root, "title") or "",
        "name": _text(root, "name"),
        "id": _text(root, "id"),
        "level": level.lower() if level else None,
        "status": status.lower() if status else None,
        "tags": tuple(t.value for t in items if isinstance(t, Scalar) and isinstance(t.value, str)),
        "data": plain(root),
        "spans": spans(document.root),
    }


def _text(mapping: Pairs, key: str) -> str | None:
    """Return a text value; anything else counts as absent here and is a problem elsewhere."""
    node = mapping.get(key)
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _log_source(root: Pairs, problems: list[Problem]) -> LogSource:
    section = root.get("logsource")
    if not isinstance(section, Pairs):
        message = "there is no log source" if section is None else "a log source must be a mapping"
        problems.append(Problem(message, section.span if section else root.span))
        return LogSource()
    problems += check_log_source(section)
    parts = {key: _text(section, key) for key in ("product", "category", "service")}
    return LogSource(**{key: text.lower() if text else None for key, text in parts.items()})


def _rule(
    root: Pairs,
    common: dict[str, Any],
    problems: list[Problem],
    reading: Reading,
) -> Rule:
    problems += check_metadata(root)
    log_source = _log_source(root, problems)
    section = root.get("detection")
    if not isinstance(section, Pairs):
        message = "there is no detection" if section is None else "a detection must be a mapping"
        problems.append(Problem(message, section.span if section else root.span))
        return Rule(**common, problems=tuple(problems), logsource=log_source)
    reader = DetectionReader(reading, problems)
    window = section.get("timeframe")
    if window is not None:
        message = "`timeframe` is no longer part of a detection; write a correlation rule"
        problems.append(Problem(message, window.span))
    selections = reader.selections(section, frozenset({"condition", "timeframe"}))
    trees, texts = reader.conditions(section.get("condition"), selections, section.span)
    return Rule(
        **common,
        problems=tuple(problems),
        logsource=log_source,
        selections=selections,
        conditions=trees,
        condition_texts=texts,
    )


def _correlation(root: Pairs, common: dict[str, Any], problems: list[Problem]) -> Correlation:
    problems += check_metadata(root)
    parts = correlation_parts(root, problems)
    return Correlation(**common, **parts, problems=tuple(problems))


def _filter(
    root: Pairs,
    common: dict[str, Any],
    problems: list[Problem],
    reading: Reading,
) -> Filter:
    problems += check_metadata(root)
    log_source = _log_source(root, problems)
    section = root.get("filter")
    if not isinstance(section, Pairs):
        problems.append(Problem("a filter must be a mapping", section.span if section else None))
        return Filter(**common, problems=tuple(problems), logsource=log_source)
    reader = DetectionReader(reading, problems)
    selections = reader.selections(section, frozenset({"condition", "rules"}))
    condition = section.get("condition")
    if isinstance(condition, Items):
        problems.append(Problem("the condition of a filter must be one text", condition.span))
    trees, _ = reader.conditions(condition, selections, section.span)
    return Filter(
        **common,
        problems=tuple(problems),
        logsource=log_source,
        rules=_filter_rules(section, problems),
        selections=selections,
        condition=trees[0] if len(trees) == 1 else None,
    )


def _filter_rules(section: Pairs, problems: list[Problem]) -> tuple[str, ...]:
    """Return the names a filter is for; `any` alone stands for all rules of its log source."""
    node: YamlNode | None = section.get("rules")
    names = node.items if isinstance(node, Items) else (node,)
    found: list[str] = []
    for name in names:
        if isinstance(name, Scalar) and isinstance(name.value, str):
            found.append(name.value)
        else:
            message = "`rules` must be `any`, or names or ids of rules"
            problems.append(Problem(message, name.span if name else section.span))
    if not names or (len(found) == 1 and found[0].lower() == "any"):
        return ("any",)
    return tuple(found)
