"""The check `network-scope-ignored`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.query_text import code_of
from undersign.checks.reading.wording import listed, plural, quoted
from undersign.records.estate import Estate
from undersign.records.finding import Fault, Severity
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.question import Network, Question

_PRIVATE = re.compile(r"ipv4_is_private|\bis_private|192\\*\.168|^10\.|\b10\\*\.", re.IGNORECASE)
_TYPED = re.compile(r"(?:remote|local|source|dest\w*)?ip_?type\b|address_?type|isexternal", re.I)
_ANY = re.compile(
    r"ipv[46]_is|ipv[46]_compare|ipv[46]_lookup|cidrmatch|has_ipv4|has_any_ipv4|::inet|<<=|"
    r"geo_info_from_ip|iplocation|corporate|trusted|internal_?range|named_?location|country",
    re.IGNORECASE,
)
_KINDS = {
    "loopback": re.compile(r"127\\*\.|::1|loopback", re.I),
    "carrier-grade NAT (100.64.0.0/10)": re.compile(r"100\\*\.64|cgnat", re.I),
    "link-local": re.compile(r"169\\*\.254|fe80|link_?local", re.I),
    "local IPv6": re.compile(r"\bf[cd][0-9a-f]{0,2}:|f\[cd\]|fe80|ipv6_is", re.I),
}
_FOUND = {"private", "loopback", "cgnat", "link_local", "ipv6_local"}


def network_scope_ignored(
    query: Query, question: Question, estate: Estate | None, run: QueryRun | None
) -> Iterator[Fault]:
    """Report external, internal or corporate addresses asked for and not told apart."""
    code = code_of(query)
    for asked in question.network:
        if _TYPED.search(code):
            continue
        counted = _wrong_rows(asked, run)
        if not (_PRIVATE.search(code) or _ANY.search(code)):
            yield _unfiltered(query, asked, counted)
            continue
        if asked.scope in ("external", "non-corporate"):
            yield from _leaks(query, asked, code, counted)
        yield from _corporate(query, asked, code, estate)


def _unfiltered(query: Query, asked: Network, counted: dict[str, int]) -> Fault:
    return Fault(
        f"the question says {quoted(asked.piece.text)}; no filter of the query looks at the kind"
        f" of address{_rows(counted)}",
        query.main.span,
        {"asked": asked.piece.text, "scope": asked.scope, "rows": counted},
        f"keep {asked.scope} addresses only",
    )


def _leaks(query: Query, asked: Network, code: str, counted: dict[str, int]) -> Iterator[Fault]:
    missing = [kind for kind, pattern in _KINDS.items() if not pattern.search(code)]
    if not _PRIVATE.search(code):
        missing.insert(0, "private ranges")
    if missing:
        yield Fault(
            f"the question says {quoted(asked.piece.text)}; {listed(missing)} pass for"
            f" it{_rows(counted)}",
            query.main.span,
            {"asked": asked.piece.text, "not_handled": missing, "rows": counted},
            "exclude these ranges too, if such addresses occur in the logs",
            None if counted else Severity.NOTE,
        )


def _corporate(query: Query, asked: Network, code: str, estate: Estate | None) -> Iterator[Fault]:
    if "corporate" not in asked.scope:
        return
    ranges = estate.corporate if estate else ()
    left = [r for r in ranges if r.partition("/")[0] not in code]
    if not ranges:
        yield Fault(
            f"the question says {quoted(asked.piece.text)}; nobody stated which ranges those are",
            query.main.span,
            {"asked": asked.piece.text},
            "state `corporate = [...]` in [estate]",
            Severity.NOTE,
        )
    elif left:
        yield Fault(
            f"the question says {quoted(asked.piece.text)}; the query leaves out"
            f" {listed(left[:5])} of the corporate ranges",
            query.main.span,
            {"asked": asked.piece.text, "left_out": left},
            f"add {listed(left[:5])}",
        )


def _wrong_rows(asked: Network, run: QueryRun | None) -> dict[str, int]:
    """Return the kinds of address that should not be in the result, and in how many rows."""
    if run is None:
        return {}
    wrong = {"internal": {"public"}, "corporate": {"public"}}.get(asked.scope, _FOUND)
    if asked.scope == "non-corporate":
        wrong = wrong | {"corporate"}
    return {k: n for k, n in run.public_addresses.items() if k in wrong and n}


def _rows(counted: dict[str, int]) -> str:
    said = [f"{plural(n, 'row')} with {k.replace('_', '-')} ones" for k, n in counted.items()]
    return f": {listed(said)}" if said else ""
