"""internal-name: a name or an address that belongs inside, in a text that goes outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from undersign.records.document import Document
from undersign.records.finding import Fault, Severity
from undersign.records.surroundings import Internal

_SUFFIX = re.compile(
    r"(?<![\w.-])(?:[A-Za-z0-9-]{1,63}\.){1,20}(?:internal|local|corp|lan|intranet|home\.arpa)\b",
    re.I,
)
_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_OUTSIDE = ("status-page", "customer")


def internal_name(document: Document, internal: Internal) -> Iterator[Fault]:
    """Report internal hosts, private addresses and the names of undersign.toml."""
    goes_out = document.front.get("audience") in _OUTSIDE
    severity = Severity.ERROR if goes_out else Severity.NOTE
    seen: set[str] = set()
    for start, end in _places(document.text, internal):
        name = document.text[start:end]
        if name.casefold() in seen:
            continue
        seen.add(name.casefold())
        yield Fault(f"{name!r} is internal", document.span(start, end), severity=severity)


def _places(text: str, internal: Internal) -> Iterator[tuple[int, int]]:
    for match in _SUFFIX.finditer(text):
        yield match.span()
    for match in _ADDRESS.finditer(text):
        if _is_private(match[0]):
            yield match.span()
    for name in internal.names:
        if name.strip():
            for match in re.finditer(rf"(?<!\w)[\w-]*{re.escape(name)}(?!\w)", text, re.I):
                yield match.span()


def _is_private(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    # Addresses of documentation are private to this module, too, and name nobody's host.
    return address.is_private and not address.is_loopback and not text.startswith(_EXAMPLES)


_EXAMPLES = ("192.0.2.", "198.51.100.", "203.0.113.", "0.")
