"""A threat model for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.system import System
from undersign.records.threat import Analysis, Question, Threat
from undersign.render import threat_words as words
from undersign.render.terminal import Paint, counted, pad, safe

_MOST_ALIKE = 3
"""Questions of one rule that are told one by one, after the first."""


def render(system: System, analysis: Analysis, *, colour: bool = False) -> str:
    """Write the threats, the most severe first, then what to ask and what is not covered."""
    paint = Paint(colour)
    lines = [paint.bold(safe(system.name) or "A system without a name"), ""]
    for one in analysis.threats:
        lines += _threat(one, paint)
    lines += ["", paint.bold(counted(len(analysis.questions), "question", "questions"))]
    lines += _questions(analysis)
    bare = [one for one in analysis.crossings if not one.threats and not one.waived]
    lines += [f"  {paint.yellow('!')} {safe(one.name)} crosses a boundary, and no threat is on it"
              for one in bare]  # fmt: skip
    for reference in analysis.ai:
        missing = ", ".join(reference.missing)
        if missing:
            lines.append(f"  {paint.yellow('!')} {safe(reference.name)} has no {missing}")
    return "\n".join([*lines, "", summary(analysis)]) + "\n"


def _questions(analysis: Analysis) -> Iterator[str]:
    """Yield the questions, those of one rule about many elements in one line."""
    by_rule: dict[str, list[Question]] = {}
    for one in analysis.questions:
        by_rule.setdefault(one.rule, []).append(one)
    for first, *others in by_rule.values():
        yield f"  ? {safe(first.text)}"
        if len(others) > _MOST_ALIKE:
            names = ", ".join(safe(one.element_name) for one in others[:_MOST_ALIKE])
            yield f"    and so of {names} and {len(others) - _MOST_ALIKE} more"
        else:
            yield from (f"  ? {safe(one.text)}" for one in others)


def _threat(one: Threat, paint: Paint) -> list[str]:
    mark = {"critical": paint.red, "high": paint.red, "medium": paint.yellow}.get(
        one.severity, paint.dim
    )
    facts = "; ".join(words.fact(fact) for fact in one.facts)
    return [
        f"{mark(pad(one.severity, 9))}{paint.cyan(safe(one.id))} {safe(one.title)}",
        f"         {paint.dim(safe(facts))}",
    ] + ([f"         {safe(words.status(one))}"] if one.treatment else [])


def questions(analysis: Analysis, *, colour: bool = False) -> str:
    """Write the questions for a whiteboard, by element, with the facts they decide."""
    paint = Paint(colour)
    lines: list[str] = []
    for element in dict.fromkeys(one.element_name for one in analysis.questions):
        lines += ["", paint.bold(safe(element))]
        for one in analysis.questions:
            if one.element_name == element:
                facts = ", ".join(f"{fact.element}.{fact.fact}" for fact in one.unknown)
                lines += [f"  ? {safe(one.text)}", f"    {paint.dim(safe(facts))}"]
    return "\n".join(lines[1:]) + "\n" if lines else "Nothing is open: every fact is stated.\n"


def summary(analysis: Analysis) -> str:
    """Write the counts in a line."""
    by = ", ".join(f"{number} {name}" for name, number in words.counts(analysis).items())
    open_ones = sum(one.treatment is None for one in analysis.threats)
    threats = counted(len(analysis.threats), "threat", "threats")
    asked = counted(len(analysis.questions), "question", "questions")
    return f"{threats} ({by or 'none'}), {open_ones} undecided; {asked}"
