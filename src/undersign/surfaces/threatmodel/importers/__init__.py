"""Descriptions of systems in other forms: one file a format, each found by a look at the text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from undersign.errors import BadInput
from undersign.surfaces.threatmodel.importers.imported import Imported


class Format(NamedTuple):
    """One format: how to know it, and the module whose `read` reads it."""

    name: str
    fits: Callable[[str], bool]
    is_deployment: bool
    """Whether it says what runs, so that a model can be compared with it."""


def _has(*words: str) -> Callable[[str], bool]:
    return lambda text: all(word in text for word in words)


FORMATS = (
    Format("otm", _has("otmVersion"), False),
    Format("threat_dragon", _has('"diagrams"', '"summary"'), False),
    Format("threat_composer", _has('"schema"', '"threats"', '"applicationInfo"'), False),
    Format("threat_library", _has('"trust_boundaries"', '"components"'), False),
    Format("terraform", _has('"planned_values"'), True),
    Format("mcp_config", _has('"mcpServers"'), True),
    Format("openapi", lambda text: "openapi" in text[:400] and "paths" in text, True),
    Format("kubernetes", _has("apiVersion:", "kind:"), True),
    Format("compose", _has("services:"), True),
    Format("mermaid", lambda text: text.lstrip().startswith(("flowchart", "graph", "---")), False),
)
"""In the order in which a text is offered to them."""


def read(text: str, name: str = "") -> tuple[str, Imported]:
    """Read a description in another form; return the form's name and what it says.

    Raises BadInput when the text is of no known form, or cannot be read.
    """
    known = tuple(one.name for one in FORMATS)
    if name and name not in known:
        raise BadInput(f"no form {name!r}", hint=f"one of {', '.join(known)}")
    found = name or next((one.name for one in FORMATS if one.fits(text)), "")
    if not found:
        raise BadInput("is of no form that can be imported", hint=f"one of {', '.join(known)}")
    module = import_module(f"undersign.surfaces.threatmodel.importers.{found}")
    try:
        imported: Imported = module.read(text)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise BadInput(f"cannot be read as {found}: {error}") from error
    return found, imported
