"""The small language of `rules.toml`: literal text with runs of an alphabet in braces.

`ghp_{an36}` is `ghp_` and 36 letters or digits. From a shape come an anchor of fixed length, by
which a scanner finds it, and an expression for its exact span.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from undersign.policy.detect.found import Anchor

ALPHABETS = {
    "d": "0-9",
    "hex": "0-9a-f",
    "HEX": "0-9A-F",
    "Hex": "0-9a-fA-F",
    "lo": "a-z0-9",
    "up": "A-Z0-9",
    "al": "A-Za-z",
    "an": "A-Za-z0-9",
    "b32:": "A-Z2-7",
    "bech": "AC-HJ-NP-Z02-9",
    "w": r"A-Za-z0-9_",
    "url": r"A-Za-z0-9_\-",
    "eq": r"a-z0-9_=\-",
    "Eq": r"A-Za-z0-9_=\-",
    "dot": r"A-Za-z0-9_.=\-",
    "std": r"A-Za-z0-9+/",
    "pad": r"A-Za-z0-9+/=",
    "slash": r"A-Za-z0-9+/=_\-",
    "tilde": r"A-Za-z0-9_.~\-",
    "pct": r"A-Za-z0-9%",
    "graph": r"!#-&(-~",
}
"""Name -> the inside of a character class."""

_PIECE = re.compile(r"\{(?P<run>[^}]+)\}|\((?P<either>[^)]*)\)|(?P<text>[^{(]+)")
_RUN = re.compile(r"(?P<name>b32:|[A-Za-z]+)(?P<low>\d+)(?:(?P<more>\+)|-(?P<high>\d+))?")
_UUID = ("{Hex8}", "-", "{Hex4}", "-", "{Hex4}", "-", "{Hex4}", "-", "{Hex12}")
_ENOUGH = 12
"""Characters of runs after a literal that make an anchor selective."""


@dataclass(frozen=True, slots=True)
class Run:
    """So many characters of one alphabet."""

    inside: str
    low: int
    high: int | None

    def expression(self, *, open_end: bool = False) -> str:
        """Return it as a regular expression; with `open_end` as long as it goes on."""
        if self.high is None or open_end:
            return f"[{self.inside}]{{{self.low},}}"
        return f"[{self.inside}]{{{self.low},{self.high}}}"


Pieces = tuple[str | Run, ...]


@lru_cache(maxsize=2048)
def alternatives(shape: str) -> tuple[Pieces, ...]:
    """Return a shape's pieces, once for each choice in it. Raises ValueError for a wrong one."""
    choices: list[tuple[tuple[str | Run, ...], ...]] = []
    at = 0
    for found in _PIECE.finditer(shape.replace("{uuid}", "".join(_UUID))):
        if found.start() != at:
            raise ValueError(f"no shape: {shape}")
        at = found.end()
        if found["run"] is not None:
            choices.append(((_run(found["run"]),),))
        elif found["either"] is not None:
            choices.append(tuple((one,) for one in found["either"].split("|")))
        else:
            choices.append(((found["text"],),))
    return tuple(_joined(tuple(p for part in one for p in part)) for one in product(*choices))


def _run(text: str) -> Run:
    found = _RUN.fullmatch(text)
    if found is None or found["name"] not in ALPHABETS:
        raise ValueError(f"no run of an alphabet: {text}")
    low = int(found["low"])
    high = None if found["more"] else int(found["high"] or low)
    return Run(ALPHABETS[found["name"]], low, high)


def _joined(pieces: Pieces) -> Pieces:
    """Return the pieces with neighbouring literals as one, and empty ones gone."""
    joined: list[str | Run] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)


def is_strong(pieces: Pieces) -> bool:
    """Say whether it begins with text that nothing else begins with: then it may stand anywhere.

    A weak one must stand free on both sides.
    """
    first = pieces[0]
    if not isinstance(first, str):
        return False
    return len(first) >= 8 or (len(first) >= 4 and not first.isalnum())


def exact(pieces: Pieces) -> str:
    """Return the expression whose group 1 is the whole value.

    The last run of a strong shape goes on as long as its alphabet does: a service that makes its
    tokens longer must not leak their ends. A weak one must end where its alphabet ends.
    """
    strong = is_strong(pieces)
    parts = [p if isinstance(p, str) else p.expression() for p in pieces]
    parts = [re.escape(p) if isinstance(q, str) else p for p, q in zip(parts, pieces, strict=True)]
    last = pieces[-1]
    if isinstance(last, str):
        return f"({''.join(parts)})"
    if strong:
        parts[-1] = last.expression(open_end=True)
        return f"({''.join(parts)})"
    stop = r"\.(?:[^\w]|$)|" if "." in last.inside else ""
    return f"({''.join(parts)})(?:{stop}[^{last.inside}]|$)"


def greatest(pieces: Pieces) -> int | None:
    """Return the bytes of the longest value that `exact` matches; None: it has no bounds."""
    if not isinstance(pieces[-1], str) and is_strong(pieces):
        return None
    sizes = [len(p) if isinstance(p, str) else p.high for p in pieces]
    return None if None in sizes else sum(size or 0 for size in sizes)


def anchor(pieces: Pieces, *, free: bool = False) -> Anchor:
    """Return the fixed beginning of a shape by which it is found; `free`: at a word's beginning."""
    expression, length, after, literal, offset = "", 0, 0, "", 0
    for piece in pieces:
        if isinstance(piece, str):
            if len(piece) > len(literal):
                literal, offset = piece, length
            expression += re.escape(piece)
            length += len(piece)
            continue
        selective = len(literal) > 2
        take = min(piece.low, max(_ENOUGH - after, 0)) if selective else piece.low
        expression += f"[{piece.inside}]{{{take}}}" if take else ""
        length += take
        after += take if selective else 0
        if take < piece.low or piece.high != piece.low or after >= _ENOUGH:
            break
    free = free or (not is_strong(pieces) and _begins_a_word(pieces[0]))
    return Anchor((r"\b" if free else "") + expression, length, literal.encode(), offset)


def _begins_a_word(first: str | Run) -> bool:
    if isinstance(first, str):
        return first[0].isalnum() or first[0] == "_"
    return not re.search(r"[^\w-]|\\-", first.inside)
