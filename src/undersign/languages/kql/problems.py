"""What the language service complains of, in our words for the kind of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from undersign.languages.kql.places import Places
from undersign.records.query import Problem, ProblemKind
from undersign.records.visible import Visible

KINDS: dict[str, ProblemKind] = {
    **dict.fromkeys(["KS145", "KS109", "KS150"], "unknown-column"),
    **dict.fromkeys(["KS181", "KS204", "KS209", "KS210", "KS248"], "unknown-table"),
    **dict.fromkeys(
        ["KS122", "KS123", "KS124", "KS128", "KS211", "KS236", "KS237"], "unknown-function"
    ),
    **dict.fromkeys(["KS146", "KS184"], "ambiguous-name"),
    **dict.fromkeys(
        ["KS106", "KS107", "KS116", "KS127", "KS137", "KS138", "KS141", "KS178", "KS206", "KS227"],
        "type",
    ),
    **dict.fromkeys(["KS232", "KS233", "KS234", "KS235", "KS241", "KS242"], "type"),
    **dict.fromkeys(["KS117", "KS118", "KS119", "KS120", "KS121", "KS193"], "arguments"),
    **dict.fromkeys(["KS195", "KS196", "KS197"], "arguments"),
    **dict.fromkeys(["KS125", "KS126", "KS177"], "unsupported"),
    **dict.fromkeys(["KS174", "KS175", "KS176", "KS198", "KS244", "KS245", "KS246"], "syntax"),
    **dict.fromkeys(["KS100", "KS101", "KS102", "KS103", "KS104", "KS105", "KS228"], "syntax"),
}
"""By the service's code; KS001 to KS006 are syntax, KS142 says in its text what is missing."""
ADDED = frozenset({"workspace", "app", "resource", "adx", "arg", "FileProfile"})
"""Functions of Sentinel and Defender that are no functions of Kusto."""
CODES_OF_ADDED = frozenset({"KS193", "KS195", "KS196", "KS197"})
SAVED = "; it may be a saved function of the workspace it was written for"
UNBOUND_KINDS = frozenset({"unknown-column", "unknown-table"})


def problems(
    listed: Iterable[Sequence[Any]], places: Places, visible: Visible | None
) -> list[Problem]:
    """Return what is wrong, in order of text; without `visible` no column or table is unknown."""
    found = []
    for code, severity, message, start, length in listed:
        if severity != "Error":
            continue
        at = [start, start + length]
        name = places.slice(at)
        kind = _kind(code, message)
        if kind == "unknown-function" and name in ADDED:
            continue
        if visible is None and kind in UNBOUND_KINDS:
            continue
        named = name if kind.startswith(("unknown", "ambiguous")) else ""
        found.append(Problem(kind, message + _advice(kind, name, visible), places.span(at), named))
    return sorted(set(found), key=lambda p: (p.span.line, p.span.column))


def hints(listed: Iterable[Sequence[Any]], places: Places) -> list[Problem]:
    """Return what the service only warns of."""
    return [
        Problem("other", message, places.span([start, start + length]))
        for _, severity, message, start, length in listed
        if severity != "Error"
    ]


def _kind(code: str, message: str) -> ProblemKind:
    if code <= "KS006":
        return "syntax"
    if code == "KS142":
        return (
            "unknown-table" if "table" in message and "column" not in message else "unknown-column"
        )
    return KINDS.get(code, "other")


def _advice(kind: ProblemKind, name: str, visible: Visible | None) -> str:
    if kind == "unknown-function":
        return SAVED
    if visible is None or not name:
        return ""
    if kind == "unknown-table":
        near = visible.nearest_tables(name)
    elif kind == "unknown-column":
        near = visible.nearest_columns(name, visible.tables)
    else:
        return ""
    if any(other.lower() == name.lower() for other in near):
        real = next(other for other in near if other.lower() == name.lower())
        return f" Kusto tells upper from lower case: here it is {real}."
    return f" Near it: {', '.join(near)}." if near else ""
