"""Times and lengths of time as people write them in prose, each with its place."""

from __future__ import annotations

from undersign.languages.when.lengths import Length, lengths
from undersign.languages.when.times import When, times
from undersign.languages.when.zones import Zone, offset_of, zones

__all__ = ["Length", "When", "Zone", "lengths", "offset_of", "times", "zones"]
