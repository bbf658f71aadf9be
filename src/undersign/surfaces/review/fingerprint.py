"""What makes a candidate the same in the next review: its kind, its file, the code at its line.

`line_hash` is the number that CodeQL calls primaryLocationLineHash, so that GitHub, too, sees an
alert of ours again after a rebase: a rolling hash (base 37, modulo 2^64) over the 100 UTF-16 units
from the start of the line on, blanks and tabs left out, every newline as LF, U+FFFF behind the last
one and zeros after it; equal ones are counted behind a colon.
Source of the algorithm: github/codeql-action, src/fingerprints.ts (MIT); written anew.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from sys import byteorder

from undersign.records.candidate import Candidate
from undersign.records.review import Examined, Standing

_STANDINGS = tuple(Standing)

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_LEAVING = pow(_BASE, _WINDOW, 1 << 64)
"""What a unit counts for when it leaves the window."""
_BLANKS = str.maketrans("", "", " \t")
_LINE_FEED = 10
_END = 0xFFFF
_UTF_16 = "utf-16-le" if byteorder == "little" else "utf-16-be"


def line_hash(text: str, line: int) -> str:
    """Return the hash of the code that begins at a line (from 1); empty outside the file."""
    hashes = _hashes(text)
    return hashes[line - 1] if 0 < line <= len(hashes) else ""


@lru_cache(maxsize=256)
def _hashes(text: str) -> tuple[str, ...]:
    """Return the hash of every line, in one pass over the file."""
    units, starts = _units(text)
    value = 0
    for unit in units[:_WINDOW]:
        value = (value * _BASE + unit) & _MASK
    seen: Counter[str] = Counter()
    made: list[str] = []
    for at, leaves in enumerate(units[: starts[-1] + 1]):
        if at == starts[len(made)]:
            name = f"{value:x}"
            seen[name] += 1
            made.append(f"{name}:{seen[name]}")
        value = (value * _BASE + units[at + _WINDOW] - leaves * _LEAVING) & _MASK
    return tuple(made)


def _units(text: str) -> tuple[array[int], list[int]]:
    """Return what is hashed, filled up behind its end, and where each line starts in it."""
    units: array[int] = array("H")
    starts: list[int] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if starts:
            units.append(_LINE_FEED)
        starts.append(len(units))
        units.frombytes(line.translate(_BLANKS).encode(_UTF_16, "surrogatepass"))
    units.append(_END)
    units.extend([0] * _WINDOW)
    return units, starts


def ids(candidates: Sequence[Candidate], texts: Mapping[str, str]) -> list[str]:
    """Return the id of every candidate: ten hex digits that lines above it do not change.

    Candidates of one category at one line share all but their place in the queue, whoever says it.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    made = []
    for one in candidates:
        code = line_hash(texts.get(one.file, ""), one.line).partition(":")[0]
        what = one.category or one.rule or one.message
        key = (what, one.file, code or f"line {one.line}")
        text = "\x1f".join((*key, str(seen[key])))
        seen[key] += 1
        made.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10])
    return made


def told_once(findings: Sequence[Examined]) -> list[Examined]:
    """Link candidates that say the same: the best supported is read, the others name it.

    Who said it first does not matter: a refuted repetition must not hide a supported one.
    """
    said = {one.id: _repeats(one) for one in findings}
    groups: dict[str, list[Examined]] = {}
    for one in findings:
        groups.setdefault(_first(one.id, said), []).append(one)
    linked: dict[str, Examined] = {}
    for group in groups.values():
        lead = min(group, key=lambda one: _STANDINGS.index(one.standing))
        origins = dict.fromkeys(one.candidate.origin for one in group)
        also = tuple(o for o in origins if o != lead.candidate.origin)
        linked |= {one.id: replace(one, duplicate_of=lead.id, also=()) for one in group}
        linked[lead.id] = replace(lead, duplicate_of="", also=also)
    return [linked[one.id] for one in findings]


def _first(id_: str, said: Mapping[str, str]) -> str:
    """Follow repetitions of repetitions to the one that was told first."""
    seen = {id_}
    while (before := said.get(id_, "")) in said and before not in seen:
        id_ = before
        seen.add(id_)
    return id_


def _repeats(one: Examined) -> str:
    found = (f.evidence.get("of") for o in one.outcomes for f in o.findings
             if o.check == "duplicate-candidate")  # fmt: skip
    return str(next(found, "") or "")
