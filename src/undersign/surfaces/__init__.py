"""What security engineers make: a folder a surface, with its kinds (data) and verbs (functions)."""

from __future__ import annotations

from undersign.surfaces.detect.kinds import DETECT_KINDS
from undersign.surfaces.hunt.kinds import HUNT_KINDS
from undersign.surfaces.respond.kinds import RESPOND_KINDS
from undersign.surfaces.review.kinds import REVIEW_KINDS
from undersign.surfaces.threatmodel.kinds import THREATMODEL_KINDS
from undersign.workflow.kind import Kind

KINDS: tuple[Kind, ...] = (
    *DETECT_KINDS,
    *HUNT_KINDS,
    *REVIEW_KINDS,
    *RESPOND_KINDS,
    *THREATMODEL_KINDS,
)
"""Every kind of artifact, in the order in which a file is offered to them."""


def kind_named(name: str) -> Kind | None:
    """Return the kind of this name."""
    return next((k for k in KINDS if k.name == name), None)
