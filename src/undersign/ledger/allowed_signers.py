"""Who may sign: the allowed signers file of ssh-keygen(1), section ALLOWED SIGNERS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from undersign.errors import BadInput
from undersign.ledger.public_key import PublicKey, from_line

_OPTION = re.compile(r'([A-Za-z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|$)')
_WORD = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+')
_KEY_TYPES = ("ssh-", "ecdsa-", "sk-")
_TIME_FORMATS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


@dataclass(frozen=True, slots=True)
class AllowedSigner:
    """One line of an allowed signers file."""

    line: int
    principals: str
    """A pattern-list: `*@example.com,!mallory@example.com`."""
    key: PublicKey
    namespaces: str | None = None
    """A pattern-list; None allows every namespace."""
    valid_after: datetime | None = None
    valid_before: datetime | None = None
    cert_authority: bool = False
    """Unsupported: such a line allows nobody here."""

    def valid_at(self, at: datetime) -> bool:
        """Tell whether the key may have signed at this time; both ends belong to the span."""
        after, before = self.valid_after, self.valid_before
        return (after is None or at >= after) and (before is None or at <= before)

    def literal_principal(self) -> str | None:
        """Return the first principal that is written out, or None when all are patterns."""
        names = (p for p in self.principals.split(",") if p and not re.search(r"[*?!]", p))
        return next(names, None)


def parse(text: str, *, path: str | None = None) -> tuple[AllowedSigner, ...]:
    """Read an allowed signers file; raises BadInput at the first bad line, with its number."""
    return tuple(_lines(text, path))


def matches(pattern_list: str, value: str) -> bool:
    """Match a value as ssh_config(5) PATTERNS does: one pattern fits, and no `!pattern` does."""
    fits = False
    for pattern in pattern_list.split(","):
        if _glob(pattern.removeprefix("!")).fullmatch(value):
            if pattern.startswith("!"):
                return False
            fits = True
    return fits


def _glob(pattern: str) -> re.Pattern[str]:
    # Runs of `*` are one `*`, so that a hostile file cannot make matching exponential.
    pieces = re.findall(r"\*+|\?|[^*?]+", pattern)
    names = {"*": ".*", "?": "."}
    return re.compile("".join(names.get(p[0], re.escape(p)) for p in pieces), re.DOTALL)


def _lines(text: str, path: str | None) -> Iterator[AllowedSigner]:
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        try:
            yield _entry(number, stripped)
        except ValueError as odd:
            raise BadInput(f"bad allowed signer: {odd}", path=path, line=number) from odd


def _entry(number: int, line: str) -> AllowedSigner:
    principals, rest = _word(line)
    options: dict[str, str] = {}
    if not rest.startswith(_KEY_TYPES):
        written, rest = _word(rest)
        options = _options(written)
    return AllowedSigner(
        line=number,
        principals=principals.replace('"', ""),
        key=from_line(rest),
        namespaces=options.get("namespaces"),
        valid_after=_time(options.get("valid-after")),
        valid_before=_time(options.get("valid-before")),
        cert_authority="cert-authority" in options,
    )


def _word(text: str) -> tuple[str, str]:
    found = _WORD.match(text)
    end = found.end() if found else 0
    if not text:
        raise ValueError("a key is missing")
    if end == 0 or text[end : end + 1].strip():
        raise ValueError("a quote is not closed")
    return text[:end], text[end:].strip()


def _options(written: str) -> dict[str, str]:
    options: dict[str, str] = {}
    at = 0
    while at < len(written):
        found = _OPTION.match(written, at)
        if not found:
            raise ValueError(f"cannot read the options from {written[at:]!r} on")
        name, value = found.group(1).lower(), found.group(2)
        takes_value = name in ("namespaces", "valid-after", "valid-before")
        if not takes_value and name != "cert-authority":
            raise ValueError(f"unknown option {name!r}")
        if takes_value != (value is not None) or name in options:
            raise ValueError(f'the option {name!r} must stand once, as {name}="..."')
        options[name] = (value or "").replace('\\"', '"')
        at = found.end()
    return options


def _time(written: str | None) -> datetime | None:
    if written is None:
        return None
    digits = written.removesuffix("Z")
    layout = _TIME_FORMATS.get(len(digits))
    if layout is None or not digits.isdecimal():
        raise ValueError(f"the time {written!r} is not YYYYMMDD[HHMM[SS]][Z]")
    moment = datetime.strptime(digits, layout)
    # Without Z the format means the zone of this machine; astimezone assumes just that.
    return moment.replace(tzinfo=UTC) if written.endswith("Z") else moment.astimezone()
