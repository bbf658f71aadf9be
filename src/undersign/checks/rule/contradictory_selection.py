"""The check `contradictory-selection`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.implication import conflict, impossible
from undersign.checks.reading.trees import alternatives, atoms, with_detection
from undersign.checks.reading.wording import described, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.tree import Node
from undersign.records.artifact import Span
from undersign.records.finding import Fault, Severity


def contradictory_selection(file: SigmaFile) -> Iterator[Fault]:
    """Report a selection that asks one field to be two things at once."""
    for _, selections in with_detection(file):
        for name, selection in selections.items():
            ways = list(alternatives(selection))
            dead = [way for way in ways if impossible(way)]
            for way in dead:
                yield _fault(name, way, None if len(dead) == len(ways) else Severity.WARNING)


def _fault(name: str, way: Node, severity: Severity | None) -> Fault:
    clash = conflict(way)
    parts = (described(clash.one), described(clash.other)) if clash else ("", "")
    why = f"{parts[0]} and {parts[1]} cannot both hold" if clash else "it can never hold"
    what = "never matches" if severity is None else "has an alternative that never matches"
    return Fault(
        f"selection {quoted(name)} {what}: {why}",
        _span(clash.other if clash else way),
        {"selection": name, "parts": [p for p in parts if p]},
        "to match either value, put both in one list under the field",
        severity,
    )


def _span(node: Node) -> Span | None:
    return next((a.span for a in atoms(node)), None)
