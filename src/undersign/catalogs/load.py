"""The packaged catalogs at a glance: what `catalog list` shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from undersign import __version__
from undersign.catalogs import attack, detections, log_sources, owasp, weaknesses

STALE_DAYS = 365
"""A catalog whose newest edition is older than this is called stale; ATT&CK comes twice a year."""


@dataclass(frozen=True, slots=True)
class CatalogInfo:
    """One catalog: which edition, from when, under which terms, how large."""

    name: str
    edition: str
    date: str
    """ISO date of the edition; empty for catalogs that are written for this package."""
    licence: str
    entries: int
    notice: str = ""

    def stale(self, today: dt.date) -> bool:
        """Say whether the edition is more than STALE_DAYS old on the day handed in."""
        return bool(self.date) and (today - dt.date.fromisoformat(self.date)).days > STALE_DAYS


def catalogs() -> list[CatalogInfo]:
    """List every packaged catalog with its edition, date and licence."""
    matrix = attack.load()
    sources = log_sources.load()
    cwe, lists = weaknesses.load(), owasp.load()
    return [
        CatalogInfo(
            name="attack",
            edition=f"{matrix.edition}, with the changes of {matrix.later_edition}",
            date=matrix.later_date or matrix.date,
            licence=matrix.licence,
            entries=len(matrix.techniques),
            notice=matrix.notice,
        ),
        CatalogInfo(
            name="cwe",
            edition=f"{cwe.edition}, with some entries of 4.16 to 4.19",
            date=cwe.date,
            licence=cwe.licence,
            entries=len(cwe.entries),
            notice=cwe.notice,
        ),
        CatalogInfo(
            name="owasp",
            edition="Top 10 2021 and 2025; LLM 1.1, 2025, 2026 draft; agents 2026",
            date=lists.date,
            licence=lists.licence,
            entries=len(lists.entries),
            notice=lists.notice,
        ),
        CatalogInfo(
            name="weaknesses",
            edition=__version__,
            date="",
            licence="Apache-2.0",
            entries=len(cwe.categories),
        ),
        CatalogInfo(
            name="log-sources",
            edition=__version__,
            date="",
            licence="Apache-2.0",
            entries=len(sources.sources),
        ),
        CatalogInfo(
            name="behaviours",
            edition=__version__,
            date="",
            licence="Apache-2.0",
            entries=len(detections.load().behaviours),
        ),
    ]
