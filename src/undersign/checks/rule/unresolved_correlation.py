"""The check `unresolved-correlation`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import did_you_mean, nearest, quoted
from undersign.languages.sigma.document import SigmaFile
from undersign.records.corpus import Corpus
from undersign.records.finding import Fault


def unresolved_correlation(file: SigmaFile, corpus: Corpus | None) -> Iterator[Fault]:
    """Report a correlation over a rule that neither this file nor the corpus has."""
    if not file.correlations:
        return
    here = {name for d in file.documents for name in (d.name, d.id) if name}
    elsewhere = {rule.id for rule in corpus.rules if rule.id} if corpus else set()
    for correlation in file.correlations:
        own = {correlation.name, correlation.id}
        for index, name in enumerate(correlation.rules):
            span = correlation.span("correlation", "rules", index)
            if name in own:
                yield Fault(f"the correlation refers to itself as {quoted(name)}", span)
            elif name not in here and name not in elsewhere:
                hint = did_you_mean(nearest(name, here - {n for n in own if n}))
                message = f"no rule is named {quoted(name)}, so nothing is ever counted"
                yield Fault(message, span, {"name": name, "known": sorted(here)}, hint)
