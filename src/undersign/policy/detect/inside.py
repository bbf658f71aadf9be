"""Names and addresses of the inside: hosts below internal suffixes, private address ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from undersign.errors import BadInput
from undersign.policy.detect.found import Anchor, Finder, Meaning, Rank
from undersign.policy.detect.late import Late
from undersign.policy.detect.pattern import Pattern, literal

HOST = Meaning("internal-host", "internal-names", "HOST", Rank.INTERNAL)
ADDRESS = Meaning("internal-address", "internal-names", "ADDRESS", Rank.INTERNAL)

SUFFIXES = ("corp", "local", "internal", "lan", "intranet", "localdomain", "home.arpa")
"""Last labels that are never of the public Internet (RFC 6762, RFC 8375, ICANN)."""

RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
"""Private use (RFC 1918), shared (RFC 6598), unique local (RFC 4193), link local (RFC 4291)."""

_HOST = (
    r"(?:from [\w.]{{1,200}} import|"
    r"((?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{{0,61}}[A-Za-z0-9])?\.){{{least},8}}(?i:{suffix}))"
)
"""A host; first comes what only looks like one, the name of a module of Python."""
_HOST_END = r"(?:[^\w.(\[=-]|\.(?:[^\w]|$)|$)"


def inside(hosts: Iterable[str] = (), ranges: Iterable[str] = ()) -> tuple[Finder, ...]:
    """Return the finders for internal hosts and addresses, the built-in ones and these.

    Raises BadInput for what is no suffix of host names, and no address range.
    """
    suffixes = dict.fromkeys((*SUFFIXES, *(_suffix(h) for h in hosts)))
    networks = tuple(_network(r) for r in dict.fromkeys((*RANGES, *ranges)))
    four = tuple(n for n in networks if isinstance(n, IPv4Network))
    six = tuple(n for n in networks if isinstance(n, IPv6Network))
    return (*(_hosts(s) for s in suffixes), _addresses4(four), _addresses6(six))


def _suffix(host: str) -> str:
    name = host.strip().lower().removeprefix("*").strip(".")
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?", name):
        raise BadInput(f"no suffix of host names: {host!r}")
    return name


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError as e:
        raise BadInput(f"no address range: {text!r}") from e


def _hosts(suffix: str) -> Finder:
    # A name with a dot that somebody gave is internal by itself, too.
    least = 1 if suffix in SUFFIXES or "." not in suffix else 0
    expression = _HOST.format(least=least, suffix=re.escape(suffix)) + _HOST_END + ")"
    anchor = literal(f".{suffix}" if least else suffix, caseless=True)
    return Pattern((anchor,), HOST, Late(expression.encode()), len(suffix) + 10, 255, _host)


def _host(value: bytes) -> bool:
    """Say whether it is no attribute of code: `self.local`, `SpanKind.INTERNAL`."""
    first, _, last = value.rpartition(b".")
    return not value.startswith(_CODE) and (last.islower() or first.isupper() or not last.isupper())


_CODE = (b"self.", b"this.", b"cls.", b"threading.")


def _addresses4(networks: tuple[IPv4Network, ...]) -> Finder:
    octets = sorted({o for n in networks for o in _octets(n)})
    anchors = tuple(
        Anchor(rf"\b{octet}\.[0-9]", len(str(octet)) + 2, f"{octet}.".encode()) for octet in octets
    )
    # Bounded and without a choice: Python's own expressions are faster here than a call of RE2.
    expression = rb"((?:\d{1,3}\.){3}\d{1,3})(?:[^\w.-]|\.(?:\D|$)|-\D|-?$)"
    return Pattern(anchors, ADDRESS, re.compile(expression), 18, check=_within(networks))


def _octets(network: IPv4Network) -> range:
    return range(network.network_address.packed[0], network.broadcast_address.packed[0] + 1)


def _addresses6(networks: tuple[IPv6Network, ...]) -> Finder:
    anchors = tuple(
        Anchor(rf"\b{group}:[0-9a-fA-F:]", length, b":", length - 2)
        for n in networks
        for group, length in _groups(n)
    )
    expression = rb"([0-9a-fA-F:]{4,39})(?:%[\w.-]{1,16})?(?:[^\w:.]|\.(?:\W|$)|$)"
    return Pattern(anchors, ADDRESS, Late(expression), 60, check=_within(networks))


def _groups(network: IPv6Network) -> list[tuple[str, int]]:
    """Return expressions for the first group of a range, as written without leading zeros."""
    first = f"{int.from_bytes(network.network_address.packed[:2]):04x}"
    last = f"{int.from_bytes(network.broadcast_address.packed[:2]):04x}"
    pairs = list(zip(first, last, strict=True))
    while len(pairs) > 1 and pairs[0] == ("0", "0"):
        pairs.pop(0)
    classes = "".join(_hex_class(a, b) for a, b in pairs)
    return [(classes, len(pairs) + 2)]


def _hex_class(low: str, high: str) -> str:
    digits = "0123456789abcdef"[int(low, 16) : int(high, 16) + 1]
    return f"[{digits}{digits.upper()}]" if low != high else f"[{low}{low.upper()}]"


def _within(networks: tuple[IPv4Network | IPv6Network, ...]) -> Callable[[bytes], bool]:
    @lru_cache(maxsize=4096)
    def within(value: bytes) -> bool:
        try:
            address = ip_address(value.decode())
        except ValueError:
            return False
        return any(address.version == n.version and address in n for n in networks)

    return within
