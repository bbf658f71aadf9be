"""Names that differ only in case: two columns in Kusto, one in DuckDB.

One of them is written differently inside, at the same length so that places stay, and gets its own
name back where nothing stands in its way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from duckdb_kql.errors import KqlSchemaError

from undersign.telemetry.translate.kql.scan import Token, tokens

_CLASH = re.compile(r"columns '([^']+)' and '([^']+)' differ only in case")


def clash(error: KqlSchemaError) -> tuple[str, str] | None:
    """Return the two names an error is about, if it is about such."""
    found = _CLASH.search(error.hint or "")
    return (found.group(1), found.group(2)) if found else None


def respelled(
    text: str, pair: tuple[str, str], tables: Iterable[str]
) -> tuple[str, str, str] | None:
    """Return the text with one name replaced, its stand-in, and the name; None if neither can be.

    `tables` are the columns that tables bring: those keep their names.
    """
    found = list(tokens(text))
    taken = {token.text.lower() for token in found} | {name.lower() for name in tables}
    quoted = {token.text.strip("@\"'") for token in found if token.kind == "string"}
    for name in reversed(pair):
        if name in tables or name in quoted:
            continue
        stand_in = _stand_in(name, taken)
        if stand_in is not None:
            return _replaced(text, found, name, stand_in), stand_in, name
    return None


def _stand_in(name: str, taken: set[str]) -> str | None:
    for sign in "_0123456789xyzq":
        for at in range(len(name) - 1, -1, -1):
            made = name[:at] + sign + name[at + 1 :]
            if made.lower() not in taken and not made[0].isdigit():
                return made
    return None


def _replaced(text: str, found: list[Token], name: str, stand_in: str) -> str:
    out, at = [], 0
    for index, token in enumerate(found):
        if token.kind != "name" or token.text != name or _is_member(found, index):
            continue
        out += [text[at : token.start], stand_in]
        at = token.start + len(name)
    return "".join([*out, text[at:]])


def _is_member(found: list[Token], index: int) -> bool:
    """Whether a name is a member of a dynamic value; `$left.name` is a column."""
    if index < 2 or found[index - 1].text != ".":
        return False
    side = found[index - 2].text.lower()
    return not (side in ("left", "right") and index > 2 and found[index - 3].text == "$")
