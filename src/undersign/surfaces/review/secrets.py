"""Secrets in lines under review: candidates that name the place and never the secret."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from undersign.records.candidate import Candidate
from undersign.records.change import Change
from undersign.records.code import SourceFile
from undersign.records.ruling import Spotted

_CLASSES = ("secrets", "credentials")
_HIDING = re.compile(
    r"pragma:?\s{0,4}(?:allow|white)list\s{1,4}secret|gitleaks:allow|trufflehog:ignore|ggignore"
    r"|nosec\b|nosemgrep\b|noqa:?\s{0,4}S10[567]|kics-scan ignore-line|detect-secrets:ignore",
    re.I,
)
"""Words by which other scanners leave a line out."""
_HIDING_NEXT = re.compile(
    r"pragma:?\s{0,4}(?:allow|white)list\s{1,4}nextline\s{1,4}secret|gitleaks:allow-next"
    r"|ggignore-next-line",
    re.I,
)
_GENERIC = frozenset(["generic-secret", "password", "session-cookie"])
"""Rules that judge a value by the word before it, and not by a shape that only secrets have."""
_LOOKED = 2_000
"""Characters of a line in which a comment is looked for."""


def secret_candidates(
    change: Change | None,
    files: Mapping[str, SourceFile],
    spot: Callable[[Sequence[str]], Sequence[Sequence[Spotted]]],
) -> list[Candidate]:
    """Return a candidate for every secret or credential that touches a new line.

    Without a change every line counts. `spot` is a detector's `spot_all`. The text of a candidate
    holds neither the secret nor its line: it has the columns.
    """
    paths = [path for path in sorted(files) if change is None or _added(change, path)]
    found = spot([files[path].text for path in paths])
    made = []
    for path, pieces in zip(paths, found, strict=True):
        wanted = [piece for piece in pieces if piece.data_class in _CLASSES]
        if wanted:
            made += _of_file(change, files[path], wanted)
    return made


def _added(change: Change, path: str) -> bool:
    one = change.file(path)
    return one is not None and bool(one.added)


def _of_file(change: Change | None, file: SourceFile, pieces: Sequence[Spotted]) -> list[Candidate]:
    starts = [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", file.text))]
    one = change.file(file.path) if change else None
    made = []
    for piece in pieces:
        first = bisect_right(starts, piece.start)
        last = bisect_right(starts, max(piece.end - 1, piece.start))
        if change is None or (one is not None and one.has(first, last)):
            made.append(_candidate(file, piece, starts, first, last))
    return made


def _candidate(
    file: SourceFile, piece: Spotted, starts: Sequence[int], first: int, last: int
) -> Candidate:
    start = starts[first - 1]
    sure = piece.rule not in _GENERIC
    kind = "a secret" if piece.data_class == "secrets" else "a credential"
    how = "by its shape" if sure else "by the word before it"
    return Candidate(
        file=file.path,
        line=first,
        end_line=last if last > first else 0,
        column=piece.start - start + 1,
        end_column=piece.end - start + 1 if last == first else 0,
        message=f"{kind} stands in the text (`{piece.rule}`, told {how}); it is not shown here",
        origin="secrets",
        rule=piece.rule,
        category="hardcoded-secret",
        severity="high" if sure else "medium",
        suppressed=_hidden(file.text, starts, first, last),
    )


def _hidden(text: str, starts: Sequence[int], first: int, last: int) -> str:
    """Say which comment would hide a secret from another scanner; empty for none."""
    for line in {first, last}:
        found = _HIDING.search(_line(text, starts, line))
        if found is not None:
            return f"`{found[0]}` on line {line:,}"
    found = _HIDING_NEXT.search(_line(text, starts, first - 1)) if first > 1 else None
    return f"`{found[0]}` on line {first - 1:,}" if found is not None else ""


def _line(text: str, starts: Sequence[int], line: int) -> str:
    """Return the end of a line, where comments stand."""
    end = starts[line] if line < len(starts) else len(text)
    return text[max(starts[line - 1], end - _LOOKED) : end]
