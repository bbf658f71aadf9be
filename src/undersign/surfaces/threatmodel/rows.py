"""Rows of a description, one by one: facts with their places, decisions, what drafters wrote."""

from __future__ import annotations

import re
from datetime import date

from undersign.languages.yaml.tree import Tree
from undersign.records.artifact import Span
from undersign.records.system import Element, ExtraThreat, Proposal, Treatment, Value, Waiver

STATUSES = ("mitigated", "accepted", "transferred", "open", "rejected")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._>-]{0,119}")
FACT = re.compile(r"[a-z][a-z0-9_]{0,63}")
NEEDED = {
    "boundary": ("name",),
    "component": ("name", "kind"),
    "flow": ("from", "to"),
    "fact": ("fact", "value"),
}
"""Sort of a proposal -> what it says beside `id` and `element`."""
_UNKNOWN = frozenset({"unknown", "?", "~", ""})


def span(tree: Tree) -> Span:
    """Return where a node stands."""
    start, end = tree.node.start_mark, tree.node.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def facts_of(fields: dict[str, Tree]) -> tuple[dict[str, Value], dict[str, Span]]:
    """Return facts by name, and where each stands; BadInput for what cannot name one."""
    facts: dict[str, Value] = {}
    for key, inner in fields.items():
        if not FACT.fullmatch(key):
            raise inner.wrong(f"{key!r} cannot name a fact", "lower case, digits and underscores")
        facts[key] = value(inner)
    return facts, {key: span(inner) for key, inner in fields.items()}


def value(tree: Tree) -> Value:
    """Return a fact's value; None when it is unknown."""
    plain = tree.plain()
    if plain is None or (isinstance(plain, str) and plain.strip().casefold() in _UNKNOWN):
        return None
    if isinstance(plain, list):
        return tuple(str(one) for one in plain)
    if isinstance(plain, dict):
        # A record, such as a supplier's policy with its version and digest.
        return tuple(f"{key}={'' if value is None else value}" for key, value in plain.items())
    return plain  # type: ignore[no-any-return]


def day(tree: Tree) -> date:
    """Return an ISO date; BadInput, located, when it is none."""
    try:
        return date.fromisoformat(tree.text())
    except ValueError as error:
        raise tree.wrong(f"{tree.text()!r} is no day", "such as 2027-01-31") from error


def _maybe_day(fields: dict[str, Tree]) -> date | None:
    return day(fields["expires"]) if "expires" in fields else None


def _texts(tree: Tree, known: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, str]:
    fields = tree.fields(known)
    for name in needed:
        if name not in fields:
            raise tree.wrong(f"needs {name!r}")
    return {
        key: value.text() for key, value in fields.items() if key not in ("expires", "references")
    }


def treatment(tree: Tree) -> Treatment:
    """Read what people decided about a threat."""
    known = ("threat", "status", "owner", "reason", "evidence", "expires")
    texts = _texts(tree, known, ("threat", "status"))
    if texts["status"] not in STATUSES:
        raise tree.wrong(f"{texts['status']!r} is no treatment", f"one of {', '.join(STATUSES)}")
    return Treatment(**texts, expires=_maybe_day(dict(tree.fields())), span=span(tree))


def waiver(tree: Tree) -> Waiver:
    """Read what people decided to do without."""
    known = ("element", "what", "owner", "reason", "expires")
    texts = _texts(tree, known, ("element", "what"))
    return Waiver(**texts, expires=_maybe_day(dict(tree.fields())), span=span(tree))


def extra_threat(tree: Tree) -> ExtraThreat:
    """Read a threat that a person or a drafter wrote."""
    known = ("id", "element", "fact", "title", "stride", "references", "by", "judged_by")
    texts = _texts(tree, known, ("id", "element", "fact", "title"))
    fields = tree.fields()
    references = fields["references"].texts() if "references" in fields else ()
    return ExtraThreat(**texts, references=references, span=span(tree))


def proposal(tree: Tree) -> Proposal:
    """Read an element or a fact that a drafter wrote down."""
    known = ("id", "sort", "element", "name", "kind", "boundary", "from", "to", "fact", "value",
             "by", "document", "quote", "judged_by")  # fmt: skip
    fields = dict(tree.fields(known))
    stated = value(fields.pop("value")) if "value" in fields else None
    texts = {key: inner.text() for key, inner in fields.items()}
    sort = texts.get("sort", "")
    if sort not in NEEDED:
        raise tree.wrong(f"{sort!r} is nothing to draft", f"`sort` is one of {', '.join(NEEDED)}")
    for key in ("id", "element", *NEEDED[sort]):
        if key not in texts and key != "value":
            raise tree.wrong(f"a drafted {sort} needs {key!r}")
    if sort == "fact" and not FACT.fullmatch(texts["fact"]):
        raise tree.wrong(f"{texts['fact']!r} cannot name a fact")
    if not ID.fullmatch(texts["element"]):
        raise tree.wrong(f"{texts['element']!r} is no id", "letters, digits, dots and dashes")
    ends = {"source": texts.pop("from", ""), "target": texts.pop("to", "")}
    return Proposal(**texts, **ends, value=stated, span=span(tree))


def element_of(one: Proposal) -> Element:
    """Return the boundary, component or flow that a proposal adds."""
    return Element(one.element, one.name, one.sort, one.kind, one.boundary, one.source, one.target,
                   {}, one.span)  # fmt: skip
