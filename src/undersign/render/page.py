"""What every HTML page here is made with: an escaping template engine and one style sheet.

A page needs nothing else: no script, no font, no picture from outside.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from undersign.render.card_html import inline
from undersign.render.days import fewest_digits
from undersign.render.terminal import safe, safe_lines
from undersign.render.text_baseline import proposal_line


@cache
def environment() -> Environment:
    """Return the template engine: everything is escaped, and what cannot be printed is shown."""
    environment = Environment(
        loader=PackageLoader("undersign.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.filters["safe_line"] = safe
    environment.filters["code"] = lambda text: ours(inline(safe_lines(text)))
    environment.filters["rate"] = fewest_digits
    environment.filters["proposal"] = proposal_line
    return environment


def _printable(value: object) -> object:
    """Show what cannot be printed as its escape, in every expression of the template."""
    return safe_lines(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def style() -> Markup:
    """Return the style sheet that all pages share."""
    return ours(files("undersign.render").joinpath("templates/report.css").read_text("utf-8"))


def ours(made_here: str) -> Markup:
    """Mark text as HTML; only for what this package wrote and escaped itself."""
    return Markup(made_here)  # noqa: S704 - built by svg, card_html or our own style sheet
