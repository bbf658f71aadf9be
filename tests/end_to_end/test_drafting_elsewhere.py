"""A variable that sends a provider's package elsewhere: ruled on and on record, or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faces.cli_runner import Terminal
from faces.conftest import terminal
from scripted.server import Upstream, serve
from scripted.turns import say

__all__ = ["terminal"]

pytestmark = pytest.mark.usefixtures("model_requests")

QUERY = {
    "query": "T\n| where a == 1\n",
    "value_reasons": [],
    "open_questions": [],
    "unused_words": [],
    "notes": "",
}
HOSTED = {
    "anthropic:claude-sonnet-5": ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", ""),
    "openai:gpt-5-mini": ("OPENAI_BASE_URL", "OPENAI_API_KEY", "/v1"),
    "google:gemini-2.5-flash": ("GOOGLE_GEMINI_BASE_URL", "GOOGLE_API_KEY", ""),
}
hosted = pytest.mark.parametrize("drafter", HOSTED)


@pytest.fixture
def server(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    """A server on loopback that every provider is sent to."""
    assert terminal("init").code == 0
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    with serve([say(json.dumps(QUERY))] * 4) as running:
        for variable, key, path in HOSTED.values():
            monkeypatch.setenv(key, "made-up-" + "k3y" * 12)
            monkeypatch.setenv(variable, f"{running.url}{path}")
        yield running


def _draft(terminal: Terminal, drafter: str) -> Any:
    return terminal("draft", "kql", "--brief", "rows where a is 1", "--with", drafter, "--json")


def _rows(terminal: Terminal, kind: str) -> list[dict[str, Any]]:
    told = terminal("log", "show", "--json", "--limit", "1000").json
    entries = told["entries"] if isinstance(told, dict) else told
    return [e["body"] for e in entries if e["kind"] == kind]


@hosted
def test_by_the_default_policy_nothing_goes_to_another_address(
    terminal: Terminal, server: Upstream, drafter: str
) -> None:
    variable, _, path = HOSTED[drafter]
    ran = _draft(terminal, drafter)
    assert ran.code == 3
    assert not server.connections and not server.received
    provider = drafter.partition(":")[0]
    assert f"{drafter}@{server.url}{path}" in ran.err
    assert f"a pattern without an address means {provider} itself" in ran.err
    assert f"{variable} names the address: unset it" in ran.err
    assert f'list "{provider}:*@{server.url}{path}" under `drafters` in policy.yml' in ran.err
    (row,) = _rows(terminal, "call")
    assert (row["step"], row["drafter"]) == ("refused", f"{drafter}@{server.url}{path}")
    assert not _rows(terminal, "draft")


@hosted
@pytest.mark.parametrize("written", [False, True], ids=["variable", "name"])
def test_a_policy_that_names_the_address_opens_it(
    terminal: Terminal,
    server: Upstream,
    drafter: str,
    written: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variable, _, path = HOSTED[drafter]
    name = f"{drafter}@{server.url}{path}"
    policy = terminal.folder / "policy.yml"
    text = policy.read_text(encoding="utf-8")
    named = f"{drafter.partition(':')[0]}:*@{server.url}{path}"
    assert text.count('    - "command:*"\n') == 1
    policy.write_text(text.replace('    - "command:*"\n', f'    - "{named}"\n'), encoding="utf-8")
    if written:
        monkeypatch.delenv(variable)
    ran = _draft(terminal, name if written else drafter)
    assert ran.code == 0, ran.err
    assert server.asked
    assert ran.json["drafter"] == name
    record = json.loads(Path(ran.json["record"]).read_text(encoding="utf-8"))
    assert record["draft"]["drafter"] == name
    for kind in ("call", "draft"):
        rows = _rows(terminal, kind)
        assert rows and {row["drafter"] for row in rows} == {name}


@pytest.mark.parametrize("value", ["http://me:pass-hunter2@127.0.0.1:1", "127.0.0.1:1"])
def test_an_address_that_cannot_be_recorded_is_refused(
    terminal: Terminal, server: Upstream, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", value)
    ran = _draft(terminal, "anthropic:claude-sonnet-5")
    assert ran.code == 2 and "ANTHROPIC_BASE_URL" in ran.err
    assert "hunter2" not in ran.err + ran.out and not _rows(terminal, "call")
    assert not server.connections
