"""The outcomes of `check` as JSON lines: one finding, or one clean or not-run outcome, a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from undersign.records.work import Work
from undersign.render.json import artifact
from undersign.render.tally import Cards


def render(works: Sequence[Work], cards: Cards) -> str:
    """Write a line for each row; every row says artifact, check and status."""
    return "".join(json.dumps(row, default=str) + "\n" for work in works for row in _rows(work))


def _rows(work: Work) -> Iterator[dict[str, Any]]:
    whole = artifact(work)
    about = {key: whole[key] for key in ("path", "kind", "digest")}
    for outcome in whole["outcomes"]:
        found = outcome.pop("findings")
        if not found:
            yield {**about, **outcome}
        for one in found:
            yield {**about, **outcome, **one}
