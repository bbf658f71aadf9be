"""Policies that tests make: small ones by hand, random ones for the properties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from undersign.policy.policy import Policy, PolicyException, Rule
from undersign.records.ruling import Cell, Ruling

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
GROUPS = {
    "near": ("replay:*", "both:*", "anthropic:*@http://127.0.0.1:*"),
    "far": ("anthropic:*", "both:*"),
}
DRAFTERS = (
    "replay:a",
    "anthropic:m",
    "both:x",
    "nobody:y",
    "anthropic:m@http://127.0.0.1:1",
    "anthropic:m@https://proxy.example.org",
)
CLASSES = ("public", "secrets", "personal")
PURPOSES = ("hunt", "coding")

_rulings = st.sampled_from(list(Ruling))


def _some(names: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(list(names)), min_size=1, unique=True).map(tuple)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    return Rule(
        f"r{draw(st.integers(0, 9999))}",
        draw(st.none() | _some(tuple(GROUPS))),
        draw(st.none() | _some(CLASSES)),
        draw(st.none() | _some(PURPOSES)),
        draw(_rulings),
        "Because.",
    )


@st.composite
def exceptions(draw: st.DrawFn) -> PolicyException:
    return PolicyException(
        f"e{draw(st.integers(0, 9999))}",
        draw(_some((*GROUPS, *DRAFTERS[:3]))),
        draw(_some(CLASSES)),
        draw(_some(PURPOSES)),
        draw(_rulings),
        "owner@example.org",
        "Agreed.",
        draw(st.sampled_from([date(2026, 3, 9), date(2026, 3, 10), date(2026, 4, 1)])),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    named = st.lists(rules(), max_size=6, unique_by=lambda one: one.id)
    excepted = st.lists(exceptions(), max_size=4, unique_by=lambda one: one.id)
    return Policy(
        GROUPS,
        dict.fromkeys(CLASSES, "A class."),
        dict.fromkeys(PURPOSES, "A purpose."),
        tuple(draw(named)),
        tuple(draw(excepted)),
    )


def every_cell(drafters: Sequence[str] = DRAFTERS) -> list[Cell]:
    """Cells of drafters, with a class and a purpose that no policy knows among them."""
    return [
        Cell(drafter, data_class, purpose)
        for drafter in drafters
        for data_class in (*CLASSES, "unheard-of")
        for purpose in (*PURPOSES, "unheard-of")
    ]
