"""JSON bodies as bytes: read strictly, and written back with nothing changed but what was changed.

A body whose texts were replaced keeps every other byte: numbers, escapes, spaces and the order of
keys stay as the client wrote them, because only the string literals that differ are exchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from undersign.errors import BadInput

_LITERAL = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def parse(raw: bytes) -> dict[str, Any]:
    """Read a JSON object; BadInput for anything else, and for a key that stands twice.

    Of two equal keys a reader takes the first or the last as it likes: what was looked at would
    not be what is read.
    """
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise BadInput("the body is not UTF-8") from None
    except RecursionError:
        raise BadInput("the body is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise BadInput("the body is not JSON", line=error.lineno, column=error.colno) from None
    if not isinstance(body, dict):
        raise BadInput("the body is not a JSON object")
    return body


def written(raw: bytes, old: Mapping[str, Any], new: Mapping[str, Any]) -> bytes:
    """Return the bytes of `new`, a changed version of `old`, which `raw` was parsed to.

    Raises BadInput for a body nested too deeply to be compared.
    """
    try:
        return raw if new is old or new == old else _spliced(raw, old, new)
    except RecursionError:
        raise BadInput("the body is nested too deeply") from None


def _spliced(raw: bytes, old: Mapping[str, Any], new: Mapping[str, Any]) -> bytes:
    text = raw.decode("utf-8")
    literals = list(_LITERAL.finditer(text))
    pairs = list(_strings(old, new))
    if len(pairs) != len(literals) or None in pairs:
        return dumped(new)
    parts: list[str] = []
    position = 0
    for found, pair in zip(literals, pairs, strict=True):
        if pair is not None and pair[0] != pair[1]:
            parts += [text[position : found.start()], json.dumps(pair[1], ensure_ascii=False)]
            position = found.end()
    return _encoded("".join([*parts, text[position:]]), new)


def dumped(body: Any) -> bytes:
    """Return a body as compact JSON in UTF-8."""
    return _encoded(json.dumps(body, ensure_ascii=False, separators=(",", ":")), body)


def _encoded(text: str, body: Any) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # A lone surrogate can only be written as an escape.
        return json.dumps(body, separators=(",", ":")).encode("ascii")


def _strings(old: Any, new: Any) -> Iterator[tuple[str, str] | None]:
    """Yield every string of both, in order; None where they differ in more than their strings."""
    if isinstance(old, str) and isinstance(new, str):
        yield old, new
    elif isinstance(old, Mapping) and isinstance(new, Mapping) and len(old) == len(new):
        for (old_key, old_item), (new_key, new_item) in zip(old.items(), new.items(), strict=True):
            yield old_key, new_key
            yield from _strings(old_item, new_item)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for old_item, new_item in zip(old, new, strict=True):
            yield from _strings(old_item, new_item)
    elif isinstance(old, str | Mapping | list) or (old is not new and old != new):
        yield None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise BadInput("a key stands twice in one object of the body")
    return body
