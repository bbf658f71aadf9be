"""Shared fixtures: where the real data is, or why a test skips."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_MODELS = "pydantic_ai.models"


class _NoModelRequests(MetaPathFinder):
    """Switches off pydantic-ai's requests when it is first imported: an import takes seconds."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MODELS:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            module.ALLOW_MODEL_REQUESTS = False  # type: ignore[attr-defined]

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec


def pytest_configure() -> None:
    sys.meta_path.insert(0, _NoModelRequests())


@pytest.fixture
def model_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pydantic-ai send, for tests against a scripted server on loopback."""
    import pydantic_ai.models

    monkeypatch.setattr(pydantic_ai.models, "ALLOW_MODEL_REQUESTS", True)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test whose process wants to reach another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _local(address[0]):
            raise AssertionError(f"a test wants to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
