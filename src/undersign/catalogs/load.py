"""The packaged catalogs at a glance: what `catalog list` shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from undersign import __version__
from undersign.catalogs import attack, detections, frontier, log_sources, owasp, weaknesses
from undersign.catalogs.references import References

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

    def age(self, today: dt.date) -> int | None:
        """Return how many days old the edition is; None for what is written for this package."""
        return (today - dt.date.fromisoformat(self.date)).days if self.date else None

    def stale(self, today: dt.date) -> bool:
        """Say whether the edition is more than STALE_DAYS old on the day handed in."""
        age = self.age(today)
        return age is not None and age > STALE_DAYS


def catalogs() -> list[CatalogInfo]:
    """List every packaged catalog with its edition, date and licence."""
    matrix = attack.load()
    sources = log_sources.load()
    cwe, lists = weaknesses.load(), owasp.load()
    policies = frontier.load()
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
            name="frontier-policies",
            edition=f"as told on {policies.seen}, unverified",
            date=policies.seen,
            licence="Apache-2.0",
            entries=len(policies.policies),
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


_TOLD_ABOVE = ("attack", "cwe", "owasp")


def referred(references: References, packaged: References | None = None) -> list[CatalogInfo]:
    """List the catalogs that threat models refer to and `catalogs` does not list.

    With `packaged`, one that a workspace brought in place of a packaged one is listed, too.
    """
    listed = references.catalogs
    if packaged is None:
        wanted = [one for key, one in listed.items() if key not in _TOLD_ABOVE]
    else:
        here = packaged.catalogs
        wanted = [o for k, o in listed.items() if k not in _TOLD_ABOVE or here.get(k) is not o]
    return [
        CatalogInfo(one.key, one.edition, one.date, one.licence, len(one.entries), one.notice)
        for one in wanted
    ]
