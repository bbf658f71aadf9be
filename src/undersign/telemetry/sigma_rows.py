"""The events that a Sigma rule matches, and how many each of its selections does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from undersign.catalogs.log_sources import LogSources
from undersign.errors import QueryRefused
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.languages.sigma.filters import apply_filter
from undersign.languages.sigma.tree import Selection
from undersign.records.artifact import Span
from undersign.records.query_run import StageCount
from undersign.telemetry.layout import Table
from undersign.telemetry.match.chunk import ColumnCache, Files
from undersign.telemetry.match.program import Program, atoms_of
from undersign.telemetry.match.run import Matcher

_NOWHERE = Span(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Matches:
    """What one rule matched."""

    events: tuple[tuple[str, str], ...]
    """(table, event id) of the first matches, at most one more than were asked for."""
    fields: tuple[str, ...]
    """Fields of the rule, as it names them."""
    stages: tuple[StageCount, ...]
    """Events of its log source, then what each selection and the whole rule match."""
    remarks: tuple[str, ...] = ()


def sigma_rows(
    file: SigmaFile, tables: Mapping[str, Table], sources: LogSources, most: int
) -> Matches:
    """Run the one detection rule of a Sigma file over history.

    Raises QueryRefused when the file cannot be read, holds no single rule, or the rule's log source
    or fields are not in history: unmeasured is not zero.
    """
    rule = _rule(file)
    names = list(rule.selections)
    parts = [replace(rule, conditions=(rule.selections[name],)) for name in names]
    matcher = Matcher(Program([rule, *parts], sources), tables)
    counts = [0] * (1 + len(names))
    events: list[tuple[str, str]] = []
    for hit in matcher.hits(Files(ColumnCache(limit=0))):
        counts[hit.rule] += int(hit.rows.size)
        if hit.rule == 0 and len(events) < most:
            chunk = hit.lens.chunk
            ids = chunk.texts("_id", hit.rows[: most - len(events)])
            events += [(chunk.table.name, event) for event in ids if event]
    status, remarks = matcher.missing(0)
    if status != "measured":
        raise QueryRefused("; ".join(remarks), operator=str(rule.logsource))
    looked = StageCount(f"logsource {rule.logsource}", _NOWHERE, matcher.looked[0].events)
    stages = [looked, *map(_stage, names, rule.selections.values(), counts[1:])]
    stages.append(StageCount(" | ".join(rule.condition_texts), _NOWHERE, counts[0]))
    fields = dict.fromkeys(a.field for c in rule.conditions for a in atoms_of(c) if a.field)
    return Matches(tuple(events), tuple(fields), tuple(stages), remarks)


def _rule(file: SigmaFile) -> Rule:
    problems = [*file.problems, *(p for d in file.documents for p in d.problems)]
    if problems:
        first = problems[0]
        place = first.span or _NOWHERE
        raise QueryRefused(first.message, line=place.line, column=place.column)
    if file.correlations or len(file.rules) != 1:
        raise QueryRefused(
            "a query is one detection rule; this file holds several, none, or a correlation",
            operator="correlation" if file.correlations else "",
            hint="measure it with: undersign baseline",
        )
    return reduce(apply_filter, file.filters, file.rules[0])


def _stage(name: str, node: Any, count: int) -> StageCount:
    span = node.span if isinstance(node, Selection) and node.span else _NOWHERE
    return StageCount(name, span, count, pipeline="selections")
