"""The check `invented-threshold`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from undersign.checks.reading.wording import plural, quoted
from undersign.languages.sigma.document import Correlation, SigmaFile
from undersign.records.finding import Fault, Severity
from undersign.records.history import Histories, ThresholdProposal

FAR = 2
"""From this factor on, up or down, a threshold clearly differs from what history proposes."""
_COUNTING = frozenset({"event_count", "value_count"})


def invented_threshold(file: SigmaFile, histories: Histories | None) -> Iterator[Fault]:
    """Report a correlation threshold that does not come from history, or no longer fits it."""
    for index, document in enumerate(file.documents):
        if not isinstance(document, Correlation) or document.type not in _COUNTING:
            continue
        yield from _origin(document)
        history = histories.by_document.get(index) if histories else None
        if history is not None and history.threshold is not None:
            yield from _against(document, history.threshold)


def _origin(correlation: Correlation) -> Iterator[Fault]:
    """Ask where the number comes from, as the document itself states it."""
    stated = _stated(correlation)
    value, origin = stated.get("value"), stated.get("from")
    threshold = correlation.threshold
    if origin == "history" and value == threshold:
        return
    evidence = {"threshold": threshold, "stated": {str(k): str(v) for k, v in stated.items()}}
    hint = "measure it with `undersign baseline` and state `undersign: threshold: {from: history}`"
    if origin == "history":
        message = f"history gave {quoted(value)}, the condition says {threshold}"
        yield Fault(message, _span(correlation), evidence, "state why, or take the measured value")
    elif origin == "brief" and value == threshold:
        message = f"the threshold {threshold} comes from the brief, nobody measured it"
        yield Fault(message, _span(correlation), evidence, hint, Severity.NOTE)
    else:
        message = f"nothing says where the threshold {threshold} comes from"
        if origin == "unmeasured":
            message = f"the threshold {threshold} was set without any history"
        yield Fault(message, _span(correlation), evidence, hint)


def _stated(correlation: Correlation) -> Mapping[Any, Any]:
    own = correlation.data.get("undersign")
    stated = own.get("threshold") if isinstance(own, Mapping) else None
    return stated if isinstance(stated, Mapping) else {}


def _against(correlation: Correlation, proposal: ThresholdProposal) -> Iterator[Fault]:
    threshold = correlation.threshold
    low, high = proposal.value / FAR, proposal.value * FAR
    if correlation.operator not in (">", ">=") or low <= threshold <= high:
        return
    side = "lower" if threshold < low else "higher"
    yield Fault(
        f"the threshold {threshold} is far {side} than the {proposal.value} that history proposes"
        f" (percentile {proposal.percentile:g} of {plural(proposal.groups, 'group')})",
        _span(correlation),
        {
            "threshold": threshold,
            "proposed": proposal.value,
            "percentile": proposal.percentile,
            "observed_max": proposal.observed_max,
            "alerts_per_day": proposal.alerts_per_day,
        },
        f"history would have raised {proposal.alerts_per_day:g} alerts a day at {proposal.value}",
    )


def _span(correlation: Correlation) -> Any:
    return correlation.span("correlation", "condition")
