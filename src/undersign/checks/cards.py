"""Cards: one Markdown page beside each check, at once its documentation and its test."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from undersign.checks.spec import Check

LANGUAGES = (
    "yaml",
    "kql",
    "spl",
    "sql",
    "python",
    "review",
    "markdown",
    "timeline",
    "clocks",
    "system",
)
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
SECTIONS = ("Why it matters", "Bad", "Good", "Blind spots")


@dataclass(frozen=True, slots=True)
class Example:
    """A rule or query of a card, the world it stands in, and what the check says of it."""

    rule: str
    language: str = "yaml"
    """Of the block it begins with: `yaml` is a Sigma rule, `python` the code of a candidate."""
    grounds: str = ""
    """TOML; the last one above holds when an example has none of its own."""
    findings: str = ""
    """Golden lines `line:column severity message`, or `not run: needs X`."""


@dataclass(frozen=True, slots=True)
class Card:
    """What there is to know about one check."""

    title: str
    """`unknown-field (SIG011, error)`."""
    summary: str
    why: str
    bad: tuple[Example, ...]
    good: tuple[Example, ...]
    blind_spots: str
    text: str
    """The whole page, as Markdown."""


@cache
def card(check: Check) -> Card:
    """Read the card of a check from the package.

    Raises FileNotFoundError when a check has none, which a test forbids.
    """
    folder, _, name = f"undersign.checks.{check.module}".rpartition(".")
    return read_card(files(folder).joinpath(f"{name}.md").read_text(encoding="utf-8"))


def read_card(text: str) -> Card:
    """Read a card's text. Raises ValueError when a section is missing."""
    head, *rest = _SECTION.split(text)
    sections = dict(zip(rest[::2], (body.strip() for body in rest[1::2]), strict=True))
    missing = [name for name in SECTIONS if name not in sections]
    title, _, summary = head.strip().partition("\n")
    if missing or not title.startswith("# "):
        raise ValueError(f"a card needs a title and the sections {', '.join(missing or SECTIONS)}")
    bad = _examples(sections["Bad"], "")
    return Card(
        title=title.removeprefix("# "),
        summary=" ".join(summary.split()),
        why=sections["Why it matters"],
        bad=bad,
        good=_examples(sections["Good"], bad[-1].grounds if bad else ""),
        blind_spots=sections["Blind spots"],
        text=text,
    )


def _examples(section: str, grounds: str) -> tuple[Example, ...]:
    """Read the examples of a section; each begins with a block in one of `LANGUAGES`."""
    found: list[Example] = []
    for language, body in _FENCE.findall(section):
        if language in LANGUAGES:
            found.append(Example(body, language, grounds))
        elif language == "grounds" and found:
            grounds = body
            found[-1] = replace(found[-1], grounds=body)
        elif language == "findings" and found:
            found[-1] = replace(found[-1], findings=body)
    return tuple(found)
