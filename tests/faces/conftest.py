"""A terminal in an empty folder, and a workspace with a day of invented logs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from faces.cli_runner import Terminal
from undersign.telemetry.sample_history import simulate

SEED = 7
START = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERSIGN_PERSON", "you@example.org")
    monkeypatch.delenv("UNDERSIGN_WORKSPACE", raising=False)
    return Terminal(tmp_path, capsys)


@pytest.fixture(scope="session")
def day_of_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One invented Monday, written once for all tests."""
    folder = tmp_path_factory.mktemp("logs")
    for name, lines in simulate(SEED, start=START, days=1).lines():
        with (folder / name).open("wb") as file:
            file.writelines(lines)
    return folder


@pytest.fixture
def workspace(terminal: Terminal, day_of_logs: Path) -> Terminal:
    """A terminal in a workspace whose lake holds the day."""
    assert terminal("init").code == 0
    assert terminal("ingest", day_of_logs, "--json").code == 0
    return terminal
