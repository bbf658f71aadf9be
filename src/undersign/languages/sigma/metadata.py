"""Title, id, dates, tags and log source of a document: what is not valid Sigma, with places.

Says what pySigma 1.5.1 says, without its rule classes: importing those takes longer than a check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from undersign.languages.sigma.document import Problem
from undersign.languages.sigma.yaml_spans import Items, Pairs, Scalar, YamlNode

MAX_TITLE = 256
"""Characters, as the Sigma specification has it."""
_LEVELS = ("informational", "low", "medium", "high", "critical")
_STATUSES = ("stable", "test", "experimental", "deprecated", "unsupported")
_RELATIONS = ("correlation", "derived", "merged", "obsolete", "renamed", "similar")
_DATE = re.compile(
    r"([1-3][0-9]{3})(?:-([01][0-9])-([0-3][0-9])|/([01]?[0-9])/([0-3]?[0-9]))", re.ASCII
)

Checker = Callable[[str, YamlNode], Iterator[Problem]]


def check_metadata(root: Pairs) -> list[Problem]:
    """Return what is wrong outside of log source, detection, correlation and filter."""
    title = root.get("title")
    problems: list[Problem] = []
    if title is None or _is_null(title):
        place = title or (root.entries[0][0] if root.entries else root)
        problems.append(Problem("there is no title", place.span))
    for key, value in root.entries:
        check = _CHECKERS.get(key.raw)
        if check is not None and not _is_null(value):
            problems += check(key.raw, value)
    return problems


def check_log_source(section: Pairs) -> list[Problem]:
    """Return what is wrong with a log source."""
    parts = {key: section.get(key) for key in ("category", "product", "service")}
    if all(part is None or _is_null(part) for part in parts.values()):
        message = "a log source needs a category, a product or a service"
        return [Problem(message, section.span)]
    named = {**parts, "definition": section.get("definition")}
    return [
        Problem(f"the {key} of a log source must be text", part.span)
        for key, part in named.items()
        if part is not None and not _is_null(part) and _text(part) is None
    ]


def _is_null(node: YamlNode) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _text(node: YamlNode | None) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _a_text(key: str, node: YamlNode) -> Iterator[Problem]:
    if _text(node) is None:
        yield Problem(f"`{key}` must be text", node.span)


def _some_text(key: str, node: YamlNode) -> Iterator[Problem]:
    if not _text(node):
        yield Problem(f"`{key}` must be a text that is not empty", node.span)


def _a_title(key: str, node: YamlNode) -> Iterator[Problem]:
    yield from _a_text(key, node)
    if len(_text(node) or "") > MAX_TITLE:
        yield Problem(f"a title has at most {MAX_TITLE} characters", node.span)


def _a_list(key: str, node: YamlNode) -> Iterator[Problem]:
    if not isinstance(node, Items):
        yield Problem(f"`{key}` must be a list", node.span)


def _an_id(key: str, node: YamlNode) -> Iterator[Problem]:
    if not _is_uuid(_text(node) or ""):
        yield Problem("an id must be a UUID", node.span)


def _one_of(words: tuple[str, ...]) -> Checker:
    def check(key: str, node: YamlNode) -> Iterator[Problem]:
        if (_text(node) or "").lower() not in words:
            yield Problem(f"`{key}` is one of {', '.join(words)}", node.span)

    return check


def _a_date(key: str, node: YamlNode) -> Iterator[Problem]:
    match = _DATE.fullmatch(node.raw) if isinstance(node, Scalar) else None
    try:
        if match is not None:
            year, month, day = (int(part) for part in match.groups() if part is not None)
            date(year, month, day)
            return
    except ValueError:
        pass  # 2024-02-31 has the form of a date and is none: said below.
    yield Problem(f"`{key}` must be a date such as 2024-12-31", node.span)


def _tags(key: str, node: YamlNode) -> Iterator[Problem]:
    yield from _a_list(key, node)
    for tag in node.items if isinstance(node, Items) else ():
        text = _text(tag)
        if text is None:
            yield Problem("a tag must be text", tag.span)
        elif not all(text.partition(".")):
            message = "a tag is a namespace and a name, such as `attack.t1059`"
            yield Problem(message, tag.span)


def _related(key: str, node: YamlNode) -> Iterator[Problem]:
    yield from _a_list(key, node)
    for item in node.items if isinstance(node, Items) else ():
        id_ = _text(item.get("id")) if isinstance(item, Pairs) else None
        relation = _text(item.get("type")) if isinstance(item, Pairs) else None
        if not _is_uuid(id_ or "") or (relation or "").lower() not in _RELATIONS:
            message = f"a related rule has an `id` and a `type`: {', '.join(_RELATIONS)}"
            yield Problem(message, item.span)


_CHECKERS: dict[str, Checker] = {
    "title": _a_title,
    "id": _an_id,
    "name": _some_text,
    "taxonomy": _some_text,
    "related": _related,
    "level": _one_of(_LEVELS),
    "status": _one_of(_STATUSES),
    "tags": _tags,
    "date": _a_date,
    "modified": _a_date,
    "fields": _a_list,
    "falsepositives": _a_list,
    "references": _a_list,
    "scope": _a_list,
    "author": _a_text,
    "description": _a_text,
    "license": _a_text,
}
