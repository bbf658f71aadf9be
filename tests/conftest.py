"""Shared fixtures: where the real data is, or why a test skips."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regen", action="store_true", help="rewrite golden files and cards")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real logs and rules that stands beside a development checkout."""
    named = os.environ.get("UNDERSIGN_SHARED_DATA")
    root = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not root.is_dir():
        if os.environ.get("UNDERSIGN_REQUIRE_DATA"):
            pytest.fail(f"the shared data set must be here, and {root} is not")
        pytest.skip("needs the shared data set: point UNDERSIGN_SHARED_DATA at it")
    return root
