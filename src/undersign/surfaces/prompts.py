"""Prompt files: what a drafter is told of a kind of artifact, and what its reply must look like.

They stand beside their kinds, in `surfaces/<surface>/prompts/`: `<name>.md` is obeyed,
`<name>.reply.json` is the JSON Schema of the reply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from undersign.errors import UsageError
from undersign.workflow.kind import Kind


@dataclass(frozen=True, slots=True)
class Instructions:
    """What a drafter obeys, in our words, and the shape of its reply."""

    text: str
    reply_schema: Mapping[str, Any]


def for_kind(kind: Kind) -> Instructions:
    """Return the instructions for a kind; UsageError for one that has none."""
    if not kind.prompt:
        raise UsageError(f"{kind.name!r} cannot be drafted: it has no prompt file")
    return read(kind.surface, kind.prompt)


@cache
def read(surface: str, names: tuple[str, ...], reply: str = "") -> Instructions:
    """Read and join prompt files of a surface.

    `reply` names the schema of the reply; without it the first file that has one gives it.
    """
    folder = Path(__file__).with_name(surface) / "prompts"
    texts = [(folder / f"{name}.md").read_text(encoding="utf-8").strip() for name in names]
    schemas = (folder / f"{name}.reply.json" for name in ((reply,) if reply else names))
    schema = next(path for path in schemas if path.is_file())
    return Instructions("\n\n".join(texts) + "\n", json.loads(schema.read_text(encoding="utf-8")))
