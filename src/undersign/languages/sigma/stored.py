"""Parsed Sigma files as JSON text, so that rules parsed once need neither YAML nor pySigma again.

The stored form carries no proof of its origin: whoever caches it binds it to the digest of the
rule's text and to `FORMAT`. Loading runs nothing from it and answers damage with an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from undersign.errors import BadInput
from undersign.languages.sigma.document import (
    Correlation,
    Document,
    Filter,
    LogSource,
    Path,
    Problem,
    Rule,
    SigmaFile,
)
from undersign.languages.sigma.stored_tree import TreeReader, TreeWriter
from undersign.languages.sigma.tree import Node
from undersign.records.artifact import Span

FORMAT = 3
"""Changes whenever the stored form does, or what the same text is parsed to."""
_PLAIN = ("title", "name", "id", "level", "status", "data")
_CORRELATION = (
    "type",
    "timespan_seconds",
    "operator",
    "threshold",
    "aliases",
    "generate",
    "unsupported",
    "field",
)


def dump(sigma_file: SigmaFile) -> str:
    """Return a parsed file as compact JSON in ASCII; `load` gives back an equal one."""
    stored = {
        "format": FORMAT,
        "text": sigma_file.text,
        "problems": [_dump_problem(problem) for problem in sigma_file.problems],
        "documents": [_dump_document(document) for document in sigma_file.documents],
    }
    return json.dumps(stored, separators=(",", ":"))


def load(stored: str) -> SigmaFile:
    """Return the file that `dump` was given.

    Raises BadInput when the text is damaged or of another format.
    """
    try:
        read = json.loads(stored)
        if read["format"] != FORMAT:
            raise BadInput("a stored rule is of another format", hint="parse the rule again")
        return SigmaFile(
            read["text"],
            tuple([_load_document(document) for document in read["documents"]]),
            tuple([_load_problem(problem) for problem in read["problems"]]),
        )
    # The text may come from a file that somebody damaged or wrote: any shape is possible.
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        said = f"a stored rule is damaged ({type(error).__name__})"
        raise BadInput(said, hint="parse the rule again") from error


def _dump_problem(problem: Problem) -> list[Any]:
    return [problem.message, _four(problem.span)]


def _load_problem(stored: list[Any]) -> Problem:
    message, span = stored
    return Problem(message, Span(*span) if span else None)


def _four(span: Span | None) -> list[int] | None:
    return [span.line, span.column, span.end_line, span.end_column] if span else None


def _dump_document(document: Document) -> dict[str, Any]:
    paths = list(document.spans)
    stored: dict[str, Any] = {name: getattr(document, name) for name in _PLAIN}
    stored["tags"] = document.tags
    stored["problems"] = [_dump_problem(problem) for problem in document.problems]
    # Where spans follow the data, and they do unless the document is broken, paths are implied.
    stored["paths"] = None if paths == _paths(document.data) else paths
    places = {span: number for number, span in enumerate(dict.fromkeys(document.spans.values()))}
    stored["span_of"] = [places[span] for span in document.spans.values()]
    writer = TreeWriter(places)
    match document:
        case Rule():
            stored |= _dump_rule(document, writer)
        case Correlation():
            stored |= {name: getattr(document, name) for name in _CORRELATION}
            stored |= {"kind": "correlation", "rules": document.rules}
            stored["group_by"] = document.group_by
        case Filter():
            stored |= _dump_filter(document, writer)
        case _:
            stored["kind"] = "document"
    stored["places"] = [number for span in places for number in _four(span) or ()]
    return stored


def _dump_rule(rule: Rule, writer: TreeWriter) -> dict[str, Any]:
    return {
        "kind": "rule",
        "logsource": _dump_source(rule.logsource),
        "selections": writer.selections(rule.selections),
        "conditions": [writer.node(condition) for condition in rule.conditions],
        "condition_texts": rule.condition_texts,
    }


def _dump_filter(document: Filter, writer: TreeWriter) -> dict[str, Any]:
    selections = writer.selections(document.selections)
    condition = document.condition
    return {
        "kind": "filter",
        "logsource": _dump_source(document.logsource),
        "rules": document.rules,
        "selections": selections,
        "condition": None if condition is None else writer.node(condition),
    }


def _dump_source(source: LogSource) -> list[str | None]:
    return [source.product, source.category, source.service]


def _load_document(stored: dict[str, Any]) -> Document:
    places: list[int] = stored["places"]
    common: dict[str, Any] = {name: stored[name] for name in _PLAIN}
    common["tags"] = tuple(stored["tags"])
    common["problems"] = tuple([_load_problem(problem) for problem in stored["problems"]])
    common["spans"] = _Spans(stored["data"], stored["paths"], places, stored["span_of"])
    return _LOADERS[stored["kind"]](stored, common, TreeReader(places))


def _load_rule(stored: dict[str, Any], common: dict[str, Any], reader: TreeReader) -> Document:
    selections: Mapping[str, Node] = reader.selections(stored["selections"])
    return Rule(
        **common,
        logsource=LogSource(*stored["logsource"]),
        selections=selections,
        conditions=tuple([reader.node(condition) for condition in stored["conditions"]]),
        condition_texts=tuple(stored["condition_texts"]),
    )


def _load_correlation(
    stored: dict[str, Any], common: dict[str, Any], reader: TreeReader
) -> Document:
    parts: dict[str, Any] = {name: stored[name] for name in _CORRELATION}
    parts |= {name: tuple(stored[name]) for name in ("rules", "group_by")}
    return Correlation(**common, **parts)


def _load_filter(stored: dict[str, Any], common: dict[str, Any], reader: TreeReader) -> Document:
    selections = reader.selections(stored["selections"])
    condition = stored["condition"]
    return Filter(
        **common,
        logsource=LogSource(*stored["logsource"]),
        rules=tuple(stored["rules"]),
        selections=selections,
        condition=None if condition is None else reader.node(condition),
    )


def _load_plain(stored: dict[str, Any], common: dict[str, Any], reader: TreeReader) -> Document:
    return Document(**common)


_LOADERS: dict[str, Callable[[dict[str, Any], dict[str, Any], TreeReader], Document]] = {
    "rule": _load_rule,
    "correlation": _load_correlation,
    "filter": _load_filter,
    "document": _load_plain,
}


class _Spans(Mapping[Path, Span]):
    """Spans by path, the paths worked out when first asked: most readers ask for none."""

    __slots__ = ("_data", "_paths", "_places", "_read", "_span_of")

    def __init__(
        self, data: Any, paths: list[list[Any]] | None, places: list[int], span_of: list[int]
    ) -> None:
        self._data = data
        self._paths = paths
        self._places = places
        self._span_of = span_of
        self._read: dict[Path, Span] | None = None

    def __getitem__(self, path: Path) -> Span:
        return self._whole()[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __repr__(self) -> str:
        return repr(self._whole())

    def _whole(self) -> dict[Path, Span]:
        if self._read is None:
            listed = self._paths
            paths = _paths(self._data) if listed is None else [tuple(path) for path in listed]
            numbers = iter(self._places)
            spans = list(map(Span, numbers, numbers, numbers, numbers))
            found = [spans[number] for number in self._span_of]
            self._read = dict(zip(paths, found, strict=True))
        return self._read


def _paths(data: Any) -> list[Path]:
    """Return the paths of `yaml_spans.spans` for plain data, in its order."""
    found: list[Path] = []
    _collect_paths(data, (), found)
    return found


def _collect_paths(data: Any, path: Path, found: list[Path]) -> None:
    found.append(path)
    if isinstance(data, dict):
        for key, value in data.items():
            here = (*path, key)
            found.append((*here, "~"))
            _collect_paths(value, here, found)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            _collect_paths(item, (*path, index), found)
