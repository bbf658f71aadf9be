"""Answers about installed packages, kept for the next review of the same environment.

One file of JSON an environment, named by the digest of what is installed in it: another version of
any package is another file. Plain data, so that a file somebody planted can mislead, and never run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from undersign import __version__
from undersign.records.api import ABSENT, EXISTS, UNKNOWN, ApiAnswer

_FORMAT = 1
_LARGEST = 20_000_000
_MOST = 50_000
"""Answers of one environment that are kept."""


@dataclass(slots=True)
class AnswerCache:
    """Reads and keeps answers; a cache that cannot be read or written is an empty one."""

    folder: Path | None
    sites: Sequence[Path] = ()
    _answers: dict[str, ApiAnswer] | None = None
    _fresh: int = 0
    _path: Path | None = field(default=None)

    def get(self, text: str) -> ApiAnswer | None:
        """Return the answer for an expression that stands alone."""
        return self._load().get(text)

    def put(self, text: str, answer: ApiAnswer) -> None:
        """Keep an answer."""
        known = self._load()
        if len(known) < _MOST:
            known[text] = answer
            self._fresh += 1

    def close(self) -> None:
        """Write what is new."""
        if self._path is None or not self._fresh:
            return
        body = {text: asdict(answer) for text, answer in self._load().items()}
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(body, sort_keys=True), encoding="utf-8")
            fresh.replace(self._path)
        except OSError:
            fresh.unlink(missing_ok=True)  # without it the next review only takes longer
        self._fresh = 0

    def _load(self) -> dict[str, ApiAnswer]:
        if self._answers is None:
            self._answers = {}
            if self.folder is not None:
                self._path = self.folder / f"{_digest(self.sites)}.json"
                self._answers = dict(_read(self._path))
        return self._answers


def _digest(sites: Sequence[Path]) -> str:
    parts = [f"{_FORMAT} {__version__} {sys.version_info[:3]}"]
    for site in sites:
        parts.append(str(site))
        for record in sorted(site.glob("*.dist-info/RECORD")):
            status = record.stat()
            parts.append(f"{record.parent.name} {status.st_size} {status.st_mtime_ns}")
    return sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _read(path: Path) -> Iterator[tuple[str, ApiAnswer]]:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return
        body = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return
    for text, one in body.items() if isinstance(body, dict) else ():
        if (answer := _answer(one)) is not None:
            yield text, answer


def _answer(body: object) -> ApiAnswer | None:
    if not isinstance(body, dict) or body.get("status") not in (EXISTS, ABSENT, UNKNOWN):
        return None
    words = {k: body.get(k, "") for k in ("name", "status", "why", "place", "needs")}
    nearest = body.get("nearest", ())
    if not all(isinstance(v, str) for v in words.values()) or not isinstance(nearest, list):
        return None
    return ApiAnswer(nearest=tuple(n for n in nearest if isinstance(n, str)), **words)
