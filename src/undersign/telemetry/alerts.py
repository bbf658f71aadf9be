"""Correlations on history: what feeds them, their alerts, and what could not be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from undersign.languages.sigma.document import Correlation, Document
from undersign.languages.sigma.references import resolve
from undersign.records.history import Contributor, History
from undersign.telemetry.correlate import Alert, Matched, correlate
from undersign.telemetry.days import DAY, date_of, days_of, every_day, micros
from undersign.telemetry.intervals import poisson_rate
from undersign.telemetry.tallies import Events
from undersign.telemetry.thresholds import propose

if TYPE_CHECKING:
    from undersign.telemetry.baseline import Asked, Job

_TOP = 10
_SAMPLES = 5
Key = tuple[str, int]
"""Path of a file and number of a document in it."""


@dataclass
class _Node:
    """One correlation and what feeds it."""

    asked: Asked
    correlation: Correlation
    collected: list[Events] = field(default_factory=list)
    rules: list[Key] = field(default_factory=list)
    chained: list[tuple[str, Key]] = field(default_factory=list)
    """(reference as written, correlation) for correlations of correlations."""
    problems: tuple[str, ...] = ()
    history: History | None = None
    alerts: list[Alert] = field(default_factory=list)


class Correlations:
    """All correlations of the files that are measured together."""

    def __init__(self, asked: Sequence[Asked], jobs: Sequence[Job]) -> None:
        self._nodes: dict[Key, _Node] = {}
        places = {id(d): (one.path, n) for one in asked for n, d in enumerate(one.file.documents)}
        by_rule = {id(job.written): job for job in jobs}
        everything = [d for one in asked for d in one.file.documents]
        for one in asked:
            for number, document in enumerate(one.file.documents):
                if isinstance(document, Correlation):
                    node = _Node(one, document)
                    self._nodes[one.path, number] = node
                    _connect(node, [*one.file.documents, *everything], places, by_rule)

    def histories(
        self, rules: Mapping[str, Mapping[int, History]]
    ) -> Iterator[tuple[str, int, History]]:
        """Yield (path, document, history) of every correlation, once its rules are measured."""
        for path, number in self._nodes:
            yield path, number, self._history((path, number), rules)

    def _history(self, key: Key, rules: Mapping[str, Mapping[int, History]]) -> History:
        node = self._nodes[key]
        if node.history is None:
            feeding = [rules[path][number] for path, number in node.rules]
            feeding += [self._history(inner, rules) for _, inner in node.chained]
            node.history = self._measured(node, feeding)
        return node.history

    def _measured(self, node: _Node, feeding: Sequence[History]) -> History:
        document = node.correlation
        history = History(
            path=node.asked.path,
            title=document.title,
            artifact_digest=node.asked.digest,
            status="measured",
            missing=tuple(_unlooked(node, feeding)),
            events=sum(h.events for h in feeding),
            days=max((h.days for h in feeding), default=0.0),
            first=min((h.first for h in feeding if h.first), default=None),
            last=max((h.last for h in feeding if h.last), default=None),
        )
        if _blocked(node, feeding):
            return replace(history, status="unmeasured")
        events = [m for one in node.collected for m in one.found]
        events += [m for name, inner in node.chained for m in self._chained(node, name, inner)]
        node.alerts = correlate(document, events)
        return _with_alerts(history, document, node.alerts, events)

    def _chained(self, node: _Node, name: str, inner: Key) -> Iterator[Matched]:
        """Take the alerts of another correlation for events."""
        source = self._nodes[inner]
        fields = [_real(node.correlation, f, name) for f in node.correlation.group_by]
        for alert in source.alerts:
            values = dict(zip(source.correlation.group_by, alert.group, strict=True))
            if all(f in values for f in fields):
                group = tuple(values[f] for f in fields)
                yield Matched(alert.last, name, group, None, alert.events[0])


def _connect(
    node: _Node,
    documents: Iterable[Document],
    places: Mapping[int, Key],
    by_rule: Mapping[int, Job],
) -> None:
    document = node.correlation
    targets, problems = resolve(document, documents)
    node.problems = tuple(p.message for p in (*document.problems, *problems))
    names = [r for r in document.rules if not any(f"`{r[:80]}`" in p for p in node.problems)]
    for name, target in zip(names, targets, strict=False):
        if id(target) in by_rule:
            counted = _real(document, document.field, name) if document.field else None
            groups = tuple(_real(document, f, name) for f in document.group_by)
            events = Events(name, groups, counted)
            node.collected.append(events)
            node.rules.append(places[id(target)])
            by_rule[id(target)].collects.append(events)
        else:
            node.chained.append((name, places[id(target)]))


def _real(correlation: Correlation, name: str, rule: str) -> str:
    """Return the field of a rule that an alias of the correlation stands for."""
    return correlation.aliases.get(name, {}).get(rule, name)


def _blocked(node: _Node, feeding: Sequence[History]) -> bool:
    return bool(
        node.problems
        or not feeding
        or any(h.status != "measured" for h in feeding)
        or any(one.overflow for one in node.collected)
    )


def _unlooked(node: _Node, feeding: Sequence[History]) -> Iterator[str]:
    yield from node.problems
    yield from (f"{h.title}: {m}" for h in feeding for m in h.missing)
    undated = sum(one.undated for one in node.collected)
    ungrouped = sum(one.ungrouped for one in node.collected)
    if undated:
        yield f"{undated:,} matches have no time and could not be placed in a window"
    if ungrouped:
        fields = ", ".join(node.correlation.group_by)
        yield f"{ungrouped:,} matches lack {fields} and could not be grouped"
    if any(one.overflow for one in node.collected):
        yield "more matches than can be correlated at once; narrow the rule or use --since"


def _with_alerts(
    history: History, document: Correlation, alerts: list[Alert], events: list[Matched]
) -> History:
    first, last = micros(history.first), micros(history.last)
    days = days_of(first, last)
    counts = Counter(date_of(alert.last // DAY) for alert in alerts)
    return replace(
        history,
        matches=len(alerts),
        per_day=every_day(counts, first, last),
        rate_per_day=poisson_rate(len(alerts), days),
        top=_top(document, alerts),
        sample=tuple(alert.events[0] for alert in alerts[:_SAMPLES]),
        threshold=propose(document, events, days),
    )


def _top(document: Correlation, alerts: Iterable[Alert]) -> tuple[Contributor, ...]:
    counts = Counter(
        pair for alert in alerts for pair in zip(document.group_by, alert.group, strict=True)
    )
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Contributor(name, value, count) for (name, value), count in ranked[:_TOP])
