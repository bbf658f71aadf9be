"""Milestones of an incident from what people and monitors said; rules that rather abstain."""

from __future__ import annotations

from undersign.surfaces.respond.milestones.choose import Named, Said, milestones_of
from undersign.surfaces.respond.milestones.place import with_milestones

__all__ = ["Named", "Said", "milestones_of", "with_milestones"]
