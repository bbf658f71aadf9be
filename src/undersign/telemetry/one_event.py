"""One rule on one event: is its log source asked for, and the event as the rule names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.catalogs.log_sources import Answer, LogSources
from undersign.languages.sigma.document import Rule
from undersign.languages.sigma.evaluate import holds


def place(
    rule: Rule, source: str, values: Mapping[str, Any], sources: LogSources
) -> tuple[Answer | None, str | None]:
    """Return the answer through which a rule sees this event, or a remark on why it does not."""
    asked = rule.logsource
    answers = sources.answers(asked.product, asked.category, asked.service)
    mine = [a for a in answers if a.source.name == source]
    for answer in mine:
        if all(_one_of(values, name, wanted) for name, wanted in answer.route.where.items()):
            return answer, None
    if not mine:
        return None, f"the event is of {source}, but the rule asks for {asked}"
    where = "; ".join(
        f"{name} is {value_of(values, name)!r}, not {' or '.join(wanted)}"
        for name, wanted in mine[0].route.where.items()
    )
    return mine[0], f"the event is not of {asked}: {where}"


def view(values: Mapping[str, Any], answer: Answer | None) -> dict[str, Any]:
    """Return the event's own fields, with those the rule knows by another name added."""
    seen = {k: v for k, v in values.items() if not k.startswith("_")}
    for name, column in (answer.route.rename if answer else {}).items():
        found = value_of(values, column)
        if found is not None:
            seen[name] = found
    return seen


def matches(rule: Rule, source: str, values: Mapping[str, Any], sources: LogSources) -> bool:
    """Tell whether a rule matches one event of a log source.

    Raises CannotTell when the outcome hangs on what cannot be evaluated.
    """
    answer, remark = place(rule, source, values, sources)
    if remark is not None:
        return False
    seen = view(values, answer)
    return any(holds(condition, seen) for condition in rule.conditions)


def value_of(values: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field, its name compared without case; None when absent."""
    lowered = name.lower()
    return next((v for k, v in values.items() if k.lower() == lowered), None)


def _one_of(values: Mapping[str, Any], name: str, wanted: tuple[str, ...]) -> bool:
    return str(value_of(values, name)).lower() in {w.lower() for w in wanted}
