"""Of which kind the addresses in a result are: public, private, the organisation's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from undersign.errors import QueryRefused
from undersign.records.query import Query
from undersign.records.visible import Visible

if TYPE_CHECKING:
    from undersign.telemetry.engines.duckdb import Session

MOST_VALUES = 20_000
"""Distinct values of a column up to which its addresses are told apart."""
_ROLES = ("source_address", "target_address")
_CGNAT = ip_network("100.64.0.0/10")
_PRIVATE = tuple(ip_network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_UNIQUE_LOCAL = ip_network("fc00::/7")


def kind_of(text: str, corporate: Sequence[str] = ()) -> str:
    """Return `public`, `private`, `loopback`, `cgnat`, `link_local`, `ipv6_local`, `corporate` or
    `not_an_address`. A port behind an IPv4 address is left aside.
    """
    try:
        address = ip_address(_bare(text))
    except ValueError:
        return "not_an_address"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(_within(address, network) for network in corporate):
        return "corporate"
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link_local"
    if isinstance(address, IPv4Address):
        return _kind_of_v4(address)
    return "ipv6_local" if address in _UNIQUE_LOCAL else "public"


def addresses_of(
    session: Session, sql: str, columns: Iterable[str], corporate: Sequence[str], seconds: float
) -> Mapping[str, int]:
    """Return kind of address -> rows over these columns of a result; rows without a value aside."""
    found: Counter[str] = Counter()
    for name in columns:
        quoted = '"' + name.replace('"', '""') + '"'
        inner = "\n".join(("FROM (", sql, ")"))
        grouped = f"SELECT CAST({quoted} AS VARCHAR), count(*) {inner} GROUP BY 1"
        try:
            rows = session.many(f"{grouped} LIMIT {MOST_VALUES + 1}", seconds)
        except QueryRefused:
            continue
        if len(rows) > MOST_VALUES:
            continue
        for value, count in rows:
            if value:
                found[kind_of(value, corporate)] += count
    return dict(found)


def address_columns(query: Query, visible: Visible, result: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of a result that hold addresses, by the roles of the tables it reads."""
    names = {
        column.lower()
        for pipeline in query.pipelines()
        for source in pipeline.sources
        if source.table and (table := visible.find(source.table))
        for role in _ROLES
        for column in table.roles.get(role, ())
    }
    return tuple(name for name in result if name.lower() in names)


def _kind_of_v4(address: IPv4Address) -> str:
    if address in _CGNAT:
        return "cgnat"
    inner = any(address in network for network in _PRIVATE)
    # Nobody's address on the internet: 0.0.0.0, multicast, broadcast.
    nobody = address.is_unspecified or address.is_multicast or int(address) == 0xFFFFFFFF
    return "private" if inner or nobody else "public"


def _bare(text: str) -> str:
    stripped = text.strip()
    if stripped.count(":") == 1:
        return stripped.partition(":")[0]
    return stripped.partition("]")[0].lstrip("[") if stripped.startswith("[") else stripped


@lru_cache(maxsize=256)
def _network(text: str) -> object:
    return ip_network(text, strict=False)


def _within(address: IPv4Address | IPv6Address, network: str) -> bool:
    return address in _network(network)  # type: ignore[operator]
