"""What makes a candidate the same in the next review: its kind, its file, the code at its line.

`line_hash` is the number that CodeQL calls primaryLocationLineHash, so that GitHub, too, sees an
alert of ours again after a rebase: a rolling hash (base 37, modulo 2^64) over the 100 characters
that follow the start of the line, blanks left out, with the count of equal ones behind a colon.
Source of the algorithm: github/codeql-action, src/fingerprints.ts (MIT); written anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256

from undersign.records.candidate import Candidate
from undersign.records.review import Examined, Judged, Review

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_BLANK = " \t"


def line_hash(text: str, line: int) -> str:
    """Return the hash of the code that begins at a line (from 1); empty outside the file."""
    hashes = _hashes(text)
    return hashes[line - 1] if 0 < line <= len(hashes) else ""


@lru_cache(maxsize=256)
def _hashes(text: str) -> tuple[str, ...]:
    """Return the hash of every line: of its characters and those after it, up to the window."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    characters: list[int] = []
    starts: list[int] = []
    for line in plain.split("\n"):
        starts.append(len(characters))
        characters += [ord(c) & 0xFFFF for c in line if c not in _BLANK]
        characters.append(10)
    seen: Counter[str] = Counter()
    made = []
    for start in starts:
        value = 0
        window = characters[start : start + _WINDOW]
        for character in window:
            value = (value * _BASE + character) & _MASK
        # The file's end counts as zeros, so that a line near it has a hash of its own.
        for _ in range(_WINDOW - len(window)):
            value = (value * _BASE) & _MASK
        name = f"{value:x}"
        seen[name] += 1
        made.append(f"{name}:{seen[name]}")
    return tuple(made)


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


def carried(earlier: Review, now: Review) -> Review:
    """Carry what people said over to the same candidates, where the code is the same.

    A renamed file is followed when its category and code are found once in each review. Statements
    on areas are not carried: what a person looked at was another state of the code.
    """
    mark = digest_of(earlier)
    by_id = {f.id: f for f in earlier.findings if f.judged}
    moved = _once([f for f in earlier.findings if f.judged])
    fresh = _once(now.findings)
    findings = []
    for one in now.findings:
        old = by_id.get(one.id)
        if old is None and fresh.get(_place(one)) is one:
            old = moved.get(_place(one))
        same = old is not None and _code(old) == _code(one)
        findings.append(replace(one, judged=_again(old.judged, mark)) if old and same else one)
    return replace(now, findings=tuple(findings))


def _again(judged: Judged | None, mark: str) -> Judged | None:
    return replace(judged, carried_from=judged.carried_from or mark) if judged else None


def _code(one: Examined) -> str:
    return one.line_hash.partition(":")[0]


def _place(one: Examined) -> tuple[str, str]:
    return (one.candidate.category or one.candidate.rule, _code(one))


def _once(findings: Sequence[Examined]) -> dict[tuple[str, str], Examined]:
    counts = Counter(_place(one) for one in findings)
    return {_place(one): one for one in findings if counts[_place(one)] == 1 and _code(one)}


def digest_of(review: Review) -> str:
    """Return the hex SHA-256 of a review's file."""
    from undersign.surfaces.review.review_file import write

    return sha256(write(review).encode()).hexdigest()


def told_once(findings: Sequence[Examined]) -> list[Examined]:
    """Link candidates that say the same: the later names the first, the first their origins."""
    origins: dict[str, list[str]] = {}
    linked = []
    for one in findings:
        first = _repeats(one)
        if first:
            origins.setdefault(first, []).append(one.candidate.origin)
        linked.append(replace(one, duplicate_of=first))
    return [replace(one, also=_others(one, origins.get(one.id, []))) for one in linked]


def _repeats(one: Examined) -> str:
    found = (f.evidence.get("of") for o in one.outcomes for f in o.findings
             if o.check == "duplicate-candidate")  # fmt: skip
    return str(next(found, "") or "")


def _others(one: Examined, origins: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(o for o in origins if o != one.candidate.origin))
