"""One way to write a value as bytes, so that digests and signatures mean one thing.

Canonical JSON here: UTF-8, no spaces, keys sorted by code point, text unescaped except where JSON
demands it. Numbers: integers as digits; floats must be finite and are written with the fewest
digits that read back as the same double (Python's `repr`), so `1.0` stays `1.0` and is not `1`.
Digests are taken over stored bytes, never over a value that was read and written again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from undersign.errors import BadInput

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def plain(value: object) -> Any:
    """Turn records, enums, mappings and sequences into what JSON knows; sets are sorted.

    Raises BadInput for a float that is not finite or a text that is not UTF-8; TypeError for
    anything that has no place in a record.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, Mapping):
        return {_key(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(v) for v in value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be recorded")


def canonical(value: object) -> bytes:
    """Write a value as canonical JSON; raises as `plain` does."""
    return _ENCODER.encode(plain(value)).encode()


def read_canonical(data: bytes) -> Any:
    """Read canonical JSON; raises ValueError when these bytes are not what `canonical` writes."""
    try:
        value = json.loads(data.decode())
        written = canonical(value)
    except (RecursionError, BadInput) as odd:
        raise ValueError(str(odd)) from odd
    if written != data:
        raise ValueError("the JSON is not in canonical form")
    return value


def rfc3339(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC to the second; raises ValueError for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be recorded")
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='seconds')}Z"


def read_rfc3339(text: str) -> datetime:
    """Read what `rfc3339` writes, and nothing else; raises ValueError."""
    moment = datetime.fromisoformat(text)
    # fromisoformat reads much more than is ever written here; only one spelling is accepted.
    if moment.tzinfo is None or rfc3339(moment) != text:
        raise ValueError(f"{text!r} is not a time as recorded here")
    return moment


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as odd:
        raise BadInput(f"text that is not UTF-8 cannot be recorded: {odd.reason}") from odd
    return str(value)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise BadInput(f"the number {value} cannot be recorded")
    return value


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be text, not {type(key).__name__}")
    return _text(key)
