"""Secrets in added lines: candidates that name the place and never the secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from undersign.records.candidate import Candidate
from undersign.records.change import Change
from undersign.records.code import SourceFile
from undersign.records.ruling import Spotted

_CLASSES = ("secrets", "credentials")
_HIDING = ("nosec", "allowlist secret", "noqa", "gitleaks:allow")


def secret_candidates(
    change: Change | None,
    files: Mapping[str, SourceFile],
    spot: Callable[[Sequence[str]], Sequence[Sequence[Spotted]]],
) -> list[Candidate]:
    """Return a candidate for every secret or credential in lines that are new.

    Without a change every line counts. `spot` is a detector's `spot_all`.
    """
    paths = sorted(files)
    found = spot([files[path].text for path in paths])
    made = []
    for path, spots in zip(paths, found, strict=True):
        text = files[path].text
        one = change.file(path) if change else None
        for spot_ in spots:
            line = text.count("\n", 0, spot_.start) + 1
            new = change is None or (one is not None and one.has(line, line))
            if spot_.data_class in _CLASSES and new:
                made.append(_candidate(path, text, spot_, line))
    return made


def _candidate(path: str, text: str, spot: Spotted, line: int) -> Candidate:
    start = text.rfind("\n", 0, spot.start) + 1
    end = text.find("\n", spot.end)
    whole = text[start : end if end >= 0 else len(text)]
    hidden = next((mark for mark in _HIDING if mark in whole), "")
    last = text.count("\n", 0, spot.end) + 1
    return Candidate(
        file=path,
        line=line,
        end_line=last,
        column=spot.start - start + 1,
        end_column=spot.end - start + 1 if last == line else 0,
        message=f"it looks like a secret: {spot.rule}",
        origin="secrets",
        rule=spot.rule,
        category="hardcoded-secret",
        cwe=("CWE-798",),
        severity="high",
        suppressed=f"a comment `{hidden}` on its line" if hidden else "",
    )
