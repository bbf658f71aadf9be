"""The incident of `examples/incident` as a timeline, and strange ones made of anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from undersign.records.evidence import Evidence
from undersign.records.timeline import Timeline
from undersign.surfaces.respond.milestones import with_milestones
from undersign.surfaces.respond.timeline import Builder
from undersign.telemetry.channels import ChannelTold, read_channel
from undersign.telemetry.logbook import Told, open_log

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "incident"


class Incident(NamedTuple):
    """A timeline and the raw lines it cites."""

    timeline: Timeline
    evidence: Mapping[str, Evidence]


@pytest.fixture(scope="session")
def incident() -> Incident:
    builder = Builder()
    for path in sorted((EXAMPLE / "logs").iterdir()):
        builder.add(open_log(path, Told(path.name, as_of=datetime(2026, 11, 25, tzinfo=UTC))))
    read = read_channel(EXAMPLE / "slack", ChannelTold("slack"))
    builder.add_messages(read.source, read.evidence)
    made = builder.build("deploy-key", "Deploy key misused")
    return Incident(with_milestones(made.timeline, made.evidence), made.evidence)
