"""Fixtures of the gateway: a workspace with a policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway_world import workspace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a workspace whose policy names some clients."""
    return workspace(tmp_path / "w").root
