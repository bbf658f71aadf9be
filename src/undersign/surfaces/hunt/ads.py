"""The document of Palantir's Alerting and Detection Strategy framework, from a hunt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from undersign.catalogs.attack import Attack
from undersign.records.hunt import Entry, Hunt, Note
from undersign.surfaces.hunt import markdown
from undersign.surfaces.hunt.markdown_text import code, fenced, inline, prose

HEADINGS = (
    "Goal", "Categorization", "Strategy Abstract", "Technical Context",
    "Blind Spots and Assumptions", "False Positives", "Validation", "Priority", "Response",
    "Additional Resources",
)  # fmt: skip
_UNSAID = "*Nobody has written this yet.*"


@dataclass(frozen=True, slots=True)
class Strategy:
    """What the document is made of beside the hunt."""

    entry: Entry
    """The query that becomes the rule."""
    rule: str
    """Path of the rule."""
    priority: str = ""
    """A person's words; what nobody said stays open in the document."""
    response: str = ""
    left_out: tuple[str, ...] = ()
    """What the query says and the rule does not."""


def write(hunt: Hunt, strategy: Strategy, attack: Attack) -> str:
    """Write the document; a heading that nobody has anything for says so."""
    texts = {
        "Goal": prose(hunt.hypothesis),
        "Categorization": _categorization(hunt, attack),
        "Strategy Abstract": _abstract(hunt, strategy),
        "Technical Context": "\n\n".join(_context(strategy.entry)),
        "Blind Spots and Assumptions": _blind_spots(strategy),
        "False Positives": _written(hunt.false_positives),
        "Validation": _written(hunt.validation),
        "Priority": prose(strategy.priority) or _UNSAID,
        "Response": prose(strategy.response) or _UNSAID,
        "Additional Resources": _resources(hunt),
    }
    parts = [f"# {inline(hunt.title)}", *(f"## {name}\n\n{texts[name]}" for name in HEADINGS)]
    return "\n\n".join(parts) + "\n"


def _categorization(hunt: Hunt, attack: Attack) -> str:
    lines = []
    for name in hunt.techniques:
        known = attack.techniques.get(name)
        tactics = ", ".join(attack.tactics.get(t, t) for t in known.tactics) if known else ""
        title = f"{known.name} ({tactics})" if known else "not in the ATT&CK edition at hand"
        lines.append(f"- {inline(name)} {inline(title)}")
    return "\n".join(lines) or _UNSAID


def _abstract(hunt: Hunt, strategy: Strategy) -> str:
    entry = strategy.entry
    asked = f"It asks: {inline(entry.question)}\n\n" if entry.question else ""
    return (
        f"The rule {code(strategy.rule)} was made from query {entry.nth} of hunt "
        f"{inline(hunt.id)}.\n\n{asked}{fenced(entry.query, entry.language)}"
    )


def _context(entry: Entry) -> Iterator[str]:
    shown = entry.shown
    if shown is None or shown.rows is None:
        yield "It has not run on history."
        return
    yield f"On history as of {inline(entry.as_of or entry.at)} it gave {shown.rows:,} rows:"
    yield (
        "\n".join(
            f"- {code(s.text)}: {'not counted' if s.rows is None else f'{s.rows:,} rows'}"
            for s in shown.stages
        )
        or "no counts of its stages were kept."
    )


def _blind_spots(strategy: Strategy) -> str:
    lines = [f"- The rule leaves out {inline(one)}" for one in strategy.left_out]
    entry = strategy.entry
    lines += [f"- Open question of the draft: {inline(one)}" for one in entry.open_questions]
    said = markdown.critique(entry.critique)
    return "\n".join(lines) + ("\n\n" if lines else "") + said


def _written(notes: Iterable[Note]) -> str:
    lines = (
        f"- {prose(n.text)} ({inline(n.person)}, {inline(n.at)})".replace("  \n", "  \n  ")
        for n in notes
    )
    return "\n".join(lines) or _UNSAID


def _resources(hunt: Hunt) -> str:
    lines = [
        f"- https://attack.mitre.org/techniques/{t.replace('.', '/')}/" for t in hunt.techniques
    ]
    return "\n".join([*lines, f"- Hunt {inline(hunt.id)}, opened by {inline(hunt.hunter)}"])
