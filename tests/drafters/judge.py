"""A small judge of Sigma trees over plain dicts, written apart from the matcher it does not use."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from undersign.languages.sigma import tree
from undersign.languages.sigma.document import Correlation, Rule, SigmaFile
from undersign.languages.sigma.tree import Place


def rule_matches(rule: Rule, event: Mapping[str, Any]) -> bool:
    """Tell whether any condition of a rule holds for an event."""
    return any(_holds(condition, event) for condition in rule.conditions)


def alerts(file: SigmaFile, time: str, events: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether the file's one correlation fires on events in order of time."""
    (correlation,) = file.correlations
    (rule,) = file.rules
    groups: dict[Any, list[tuple[dt.datetime, Any]]] = defaultdict(list)
    for event in events:
        if rule_matches(rule, event):
            key = tuple(event.get(name) for name in correlation.group_by)
            at = dt.datetime.fromisoformat(event[time])
            groups[key].append((at, event.get(correlation.field or "")))
    return any(_fires(correlation, sorted(g, key=lambda p: p[0])) for g in groups.values())


def _fires(correlation: Correlation, seen: list[tuple[dt.datetime, Any]]) -> bool:
    span = dt.timedelta(seconds=correlation.timespan_seconds)
    for start, _ in seen:
        inside = [value for at, value in seen if start <= at < start + span]
        counted = len(set(inside)) if correlation.type == "value_count" else len(inside)
        if counted > correlation.threshold - (correlation.operator == ">="):
            return True
    return False


def _holds(node: tree.Node, event: Mapping[str, Any]) -> bool:
    if isinstance(node, tree.And):
        return all(_holds(arg, event) for arg in node.args)
    if isinstance(node, tree.Or):
        return any(_holds(arg, event) for arg in node.args)
    if isinstance(node, tree.Not):
        return not _holds(node.arg, event)
    if isinstance(node, tree.Selection):
        return _holds(node.arg, event)
    return _atom(node, event)


def _atom(atom: tree.Atom, event: Mapping[str, Any]) -> bool:
    assert atom.field is not None
    value, test = event.get(atom.field), atom.test
    if value is None:
        return isinstance(test, tree.Null)
    text = str(value)
    if isinstance(test, tree.Text):
        return _text(test, text.lower(), test.value.lower())
    if isinstance(test, tree.Number):
        return text == str(test.value)
    if isinstance(test, tree.Regex):
        return re.search(test.pattern, text) is not None
    if isinstance(test, tree.Cidr):
        return ip_address(text) in ip_network(test.network)
    if isinstance(test, tree.Compare):
        number = float(value)
        less, more = number < test.value, number > test.value
        return {"<": less, "<=": not more, ">": more, ">=": not less}[test.operator]
    raise AssertionError(f"the judge does not know {test}")


def _text(test: tree.Text, value: str, wanted: str) -> bool:
    return {
        Place.EQUALS: value == wanted,
        Place.CONTAINS: wanted in value,
        Place.STARTSWITH: value.startswith(wanted),
        Place.ENDSWITH: value.endswith(wanted),
    }[test.place]
