"""The check `filter-hides-everything`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.measured import Measured, measured, settled
from undersign.checks.reading.trees import nodes
from undersign.checks.reading.wording import listed, plural, quoted
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.languages.sigma.tree import And, Node, Not, Or, Selection
from undersign.records.finding import Fault
from undersign.records.history import Histories


def filter_hides_everything(file: SigmaFile, histories: Histories) -> Iterator[Fault]:
    """Report filters that took away every event the rest of the rule had matched."""
    found, blocked = measured(file, histories)
    faults = [fault for item in found for fault in _hidden(item)]
    yield from settled(faults, "History", blocked)


def _hidden(item: Measured) -> Iterator[Fault]:
    rule, history = item.document, item.history
    if not isinstance(rule, Rule) or history.matches or len(rule.conditions) != 1:
        return
    wanted, filters = _sides(rule.conditions[0])
    caught = [history.selection_matches.get(name, 0) for name in wanted]
    active = [n for n in sorted(filters) if history.selection_matches.get(n)]
    # With more than one wanted selection their overlap is not known: it may be empty by itself.
    if len(wanted) != 1 or not caught[0] or not active:
        return
    name = next(iter(wanted))
    yield Fault(
        f"selection {quoted(name)} matched {plural(caught[0], 'event')},"
        f" and {listed(map(quoted, active))} hid all of them",
        rule.span("detection", active[0], "~"),
        {
            "selection_matches": {n: history.selection_matches[n] for n in (name, *active)},
            "events": history.events,
            "snapshot": history.snapshot,
        },
        "narrow the filter until a true-positive test gets through",
    )


def _sides(condition: Node) -> tuple[set[str], set[str]]:
    """Return the selections a condition asks for, and those it excludes; empty if neither."""
    args = condition.args if isinstance(condition, And) else (condition,)
    wanted: set[str] = set()
    filters: set[str] = set()
    for arg in args:
        if isinstance(arg, Selection):
            wanted.add(arg.name)
        elif isinstance(arg, Not):
            filters |= {n.name for n in nodes(arg) if isinstance(n, Selection)}
        elif isinstance(arg, And | Or):
            return set(), set()
    return wanted, filters
