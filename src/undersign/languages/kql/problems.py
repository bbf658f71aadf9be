"""What the language service complains of, in our words for the kind of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from undersign.languages.kql.places import Places
from undersign.records.artifact import Span
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
SAVED = "; it may be a saved function of the workspace it was written for"
UNBOUND_KINDS = frozenset({"unknown-column", "unknown-table"})


def problems(
    read: Mapping[str, Any], places: Places, visible: Visible | None, tables: Iterable[str]
) -> list[Problem]:
    """Return what is wrong, in order of text.

    Without `visible` no column or table is unknown. `tables` are those that the query names: their
    columns are the ones worth proposing.
    """
    # Functions of Sentinel and Defender take columns and named arguments that Kusto knows not of.
    excused = [at for _, _, at, added in read["functions"] if added]
    found: dict[Span, Problem] = {}
    for code, severity, message, start, length in read["problems"]:
        if severity != "Error" or any(a < start < b for a, b in excused):
            continue
        at = [start, start + length]
        kind = _kind(code, message)
        if code == "KS108" and visible is not None and places.slice(at) in visible.tables:
            kind = "unknown-column"
        if visible is None and kind in UNBOUND_KINDS:
            continue
        name = places.slice(at) if kind.startswith(("unknown", "ambiguous")) else ""
        message += _advice(kind, name, visible, tables)
        span = places.span(at)
        # One complaint a place; that a name is unknown explains what else is said of it.
        if span not in found or (kind.startswith("unknown") and not found[span].name):
            found[span] = Problem(kind, message, span, name)
    nothing = None if found else _no_query(read, places)
    if nothing:
        found[nothing.span] = nothing
    ordered = sorted(found.values(), key=lambda p: (p.span.line, p.span.column))
    return [_widened(places), *ordered] if places.widened else ordered


def is_syntax(listed: Sequence[Any]) -> bool:
    """Return whether one complaint of the service says that the text cannot be read."""
    code, severity, message, *_ = listed
    return severity == "Error" and _kind(code, message) == "syntax"


def hints(listed: Iterable[Sequence[Any]], places: Places) -> list[Problem]:
    """Return what the service only warns of."""
    return [
        Problem("other", message, places.span([start, start + length]))
        for _, severity, message, start, length in listed
        if severity != "Error"
    ]


def _no_query(read: Mapping[str, Any], places: Places) -> Problem | None:
    """Say why a text without any complaint still has nothing to run."""
    text = places.text
    start = places.unit(len(text) - len(text.lstrip()))
    place = places.span([start, start])
    if read["command"]:
        return Problem("forbidden", "This is a control command, not a query.", place)
    if read["main"] is None and read["lets"]:
        return Problem("other", "Here are only let statements and no query.", place)
    return Problem("syntax", "There is no query here.", place) if read["main"] is None else None


def _widened(places: Places) -> Problem:
    first = places.text.index("\0")
    message = "This text is full of NUL characters, as UTF-16 read as UTF-8 is: save it as UTF-8."
    line = places.text.count("\n", 0, first) + 1
    column = first - places.text.rfind("\n", 0, first)
    return Problem("other", message, Span(line, column, line, column + 1))


def _kind(code: str, message: str) -> ProblemKind:
    if code <= "KS006":
        return "syntax"
    if code == "KS142":
        return (
            "unknown-table" if "table" in message and "column" not in message else "unknown-column"
        )
    return KINDS.get(code, "other")


def _advice(kind: ProblemKind, name: str, visible: Visible | None, tables: Iterable[str]) -> str:
    if kind == "unknown-function":
        return SAVED
    if visible is None or kind not in UNBOUND_KINDS:
        return ""
    if kind == "unknown-table":
        near = visible.nearest_tables(name)
    else:
        near = visible.nearest_columns(name, tables)
    other_case = next((n for n in near if n != name and n.lower() == name.lower()), None)
    if other_case:
        return f" Kusto tells upper from lower case: here it is {other_case}."
    near = tuple(n for n in near if n != name)
    return f" Near it: {', '.join(near)}." if near else ""
