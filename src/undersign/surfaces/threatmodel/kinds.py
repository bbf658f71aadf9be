"""The kind of the threat-model surface: the description of a system."""

from __future__ import annotations

from undersign.workflow.kind import Kind


def _looks_like_one(text: str) -> bool:
    from undersign.surfaces.threatmodel.description import looks_like_one

    return looks_like_one(text)


def _parse(text: str) -> object:
    from undersign.surfaces.threatmodel.description import read

    return read(text)


THREATMODEL_KINDS = (
    Kind(
        "threatmodel",
        "threatmodel",
        (".yaml", ".yml"),
        _looks_like_one,
        _parse,
        "threatmodels/{slug}.yaml",
    ),
)
"""Other files that describe a system are imported, and are no artifacts."""
