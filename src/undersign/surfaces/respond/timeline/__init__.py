"""The timeline of an incident, built from logs and channels in bounded memory."""

from __future__ import annotations

from undersign.surfaces.respond.timeline.builder import Builder, Built

__all__ = ["Builder", "Built"]
