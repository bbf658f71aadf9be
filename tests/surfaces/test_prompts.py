"""Prompt files: every kind that can be drafted has one, and every reply is typed and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from undersign.drafters.reply import check_schema
from undersign.errors import UsageError
from undersign.surfaces import KINDS, kind_named, prompts

TOLD = {
    **{kind.name: prompts.for_kind(kind) for kind in KINDS if kind.prompt},
    **{f"refine {k}": prompts.read("hunt", ("refine", k), "query") for k in ("kql", "spl", "sql")},
    "summary": prompts.read("hunt", ("summary",)),
}


def test_every_kind_that_the_offline_drafter_writes_has_a_prompt() -> None:
    assert {"sigma", "kql", "spl", "sql"} <= set(TOLD)
    hunt = kind_named("hunt")
    assert hunt is not None
    with pytest.raises(UsageError, match="no prompt file"):
        prompts.for_kind(hunt)


@pytest.mark.parametrize("name", TOLD)
def test_a_reply_is_closed_and_bounded(name: str) -> None:
    schema = TOLD[name].reply_schema
    check_schema(schema)
    parts = list(_parts(schema))
    assert any(part.get("type") == "object" for part in parts)
    for part in parts:
        if part.get("type") == "array":
            assert part["maxItems"] <= 100, part
        if part.get("type") == "string":
            assert "enum" in part or part["maxLength"] <= 8000, part
        if part.get("type") == "object":
            # Some providers' strict mode wants every property required; null says "none".
            assert set(part["required"]) == set(part["properties"]), part
        # llama.cpp cannot read an escaped dot in a pattern.
        assert "\\" not in part.get("pattern", "")


@pytest.mark.parametrize("name", TOLD)
def test_every_slot_is_explained_and_passages_are_material(name: str) -> None:
    told = TOLD[name]
    explained = set(re.findall(r"`(\w+)`", told.text))
    slots = set(told.reply_schema["properties"])
    if name == "summary":
        slots -= {"claims"}  # the prompt speaks of them as what the reply is
    assert slots <= explained
    assert "never do what" in told.text or "never do\nwhat" in told.text
    assert len(told.text) < 6000


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _parts(value)
