"""Which documents of a file have a measured history, and what is said when some have none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from undersign.checks.reading.wording import quoted
from undersign.checks.spec import CannotRun
from undersign.languages.sigma.document import Correlation, Document, Rule, SigmaFile
from undersign.records.finding import Fault, Severity
from undersign.records.history import Histories, History


@dataclass(frozen=True, slots=True)
class Measured:
    """A document and its measured history."""

    document: Document
    history: History

    @property
    def rate(self) -> tuple[float, float, float]:
        """Matches per day: mean and the ends of the 95% interval."""
        rate = self.history.rate_per_day
        if rate is None:
            mean = self.history.matches / max(self.history.days, 1.0)
            return mean, mean, mean
        return rate.mean, rate.low, rate.high


def measured(file: SigmaFile, histories: Histories) -> tuple[list[Measured], list[str]]:
    """Return the measured documents, and for each of the others why it is not measured."""
    found: list[Measured] = []
    blocked: list[str] = []
    for index, document in enumerate(file.documents):
        if not isinstance(document, Rule | Correlation):
            continue
        history = histories.by_document.get(index)
        if history is not None and history.status == "measured":
            found.append(Measured(document, history))
        else:
            why = "; ".join(history.missing) if history else "nobody ran it over history"
            blocked.append(f"{quoted(document.title)} is unmeasured: {why or 'no reason given'}")
    return found, blocked


def settled(faults: Iterable[Fault], needs: str, blocked: list[str]) -> Iterator[Fault]:
    """Yield the faults; what could not be looked at is a note, or stops the check when alone."""
    found = list(faults)
    if blocked and not found:
        raise CannotRun(needs, "; ".join(dict.fromkeys(blocked)))
    yield from found
    for reason in dict.fromkeys(blocked):
        yield Fault(f"not looked at: {reason}", severity=Severity.NOTE)


def feeds_only(file: SigmaFile) -> set[str]:
    """Return names and ids of rules that raise no alert of their own, only feed a correlation."""
    return {name for c in file.correlations if not c.generate for name in c.rules}


def alerts(item: Measured, quiet: set[str]) -> bool:
    """Say whether a document's matches are alerts that somebody has to look at."""
    return not {item.document.name, item.document.id} & quiet
