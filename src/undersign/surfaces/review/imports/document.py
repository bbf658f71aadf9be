"""A JSON document of others, read whole or refused with its place."""

from __future__ import annotations

import codecs
import io
import json
import zlib
from gzip import GzipFile
from typing import Any

from undersign.errors import BadInput

LARGEST = 100_000_000
"""Bytes, unpacked. GitHub takes 10 MB packed; what is larger has more than anyone reads."""
_DEEPEST = 60
_MANY = "{:,} bytes are the most that is read"


def document_of(data: bytes, where: str) -> Any:
    """Read JSON: UTF-8 with or without a mark, UTF-16 with one (as PowerShell writes), or gzipped.

    Raises BadInput, located, for anything else: also for NaN, a number nobody can hold, a key that
    stands twice in an object (two readers would see two documents), and nesting without end.
    """
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, where)
    if len(data) > LARGEST:
        raise BadInput(f"too large: {_MANY.format(LARGEST)}", path=where)
    text = _decoded(data, where)
    try:
        document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"not valid JSON: {error.msg}", path=where, line=error.lineno, column=error.colno
        ) from error
    except RecursionError as error:
        raise BadInput("nested too deep to be read", path=where) from error
    except ValueError as error:
        raise BadInput(f"not JSON that can be read: {error}", path=where) from error
    if type(document) in (dict, list) and _too_deep(document):
        raise BadInput(f"nested deeper than {_DEEPEST} levels", path=where)
    return document


def _unpacked(data: bytes, where: str) -> bytes:
    try:
        with GzipFile(fileobj=io.BytesIO(data)) as packed:
            return packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"damaged gzip: {error}", path=where) from error


def _decoded(data: bytes, where: str) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = None if wide else data.count(b"\n", 0, error.start) + 1
        what = "UTF-16" if wide else "UTF-8"
        raise BadInput(f"not valid {what}", path=where, line=line) from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:60]!r} stands twice in one object")
    return read


def _too_deep(document: Any) -> bool:
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        # A parser makes exactly these two; asking for the type is half the time of isinstance.
        level = [
            inner
            for one in level
            for inner in (one.values() if type(one) is dict else one)
            if type(inner) in (dict, list)
        ]
        if not level:
            return False
    return True
