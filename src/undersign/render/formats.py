"""The formats `check` can print, by name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from undersign.errors import UsageError
from undersign.records.work import Work
from undersign.render.tally import Cards

FORMATS = ("text", "json", "jsonl", "sarif", "junit", "github")
"""Each a module of this package with `render(works, cards)`; `text` takes `colour` too."""


def render(name: str, works: Sequence[Work], cards: Cards, *, colour: bool = False) -> str:
    """Render works in the named format, ending with a newline; UsageError for another name."""
    if name not in FORMATS:
        raise UsageError(f"no output format {name!r}", hint=f"one of {', '.join(FORMATS)}")
    module = import_module(f"undersign.render.{name}")
    options = {"colour": colour} if name == "text" else {}
    rendered: str = module.render(works, cards, **options)
    return rendered
