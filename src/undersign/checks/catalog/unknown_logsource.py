"""The check `unknown-logsource`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.log_sources import LogSources
from undersign.checks.reading.wording import listed, quoted
from undersign.languages.sigma.document import Filter, Rule, SigmaFile
from undersign.records.finding import Fault, Severity


def unknown_logsource(file: SigmaFile, sources: LogSources) -> Iterator[Fault]:
    """Report a log source that nobody knows, and one that no table here answers."""
    for document in file.documents:
        if not isinstance(document, Rule | Filter):
            continue
        source = document.logsource
        asked = (source.product, source.category, source.service)
        span = document.span("logsource")
        evidence = {"product": asked[0], "category": asked[1], "service": asked[2]}
        if not sources.known(*asked):
            near = sources.nearest(*asked)
            hint = f"did you mean {listed(map(quoted, near), 'or')}?" if near else None
            yield Fault(f"nobody knows the log source {quoted(source)}", span, evidence, hint)
        elif not sources.answers(*asked):
            yield Fault(
                f"Sigma knows {quoted(source)}, but no table here answers it",
                span,
                evidence,
                "add a log source for it; until then fields and history cannot be checked",
                Severity.NOTE,
            )
