"""A workspace: a folder with undersign.toml, plain artifacts, a lake and a ledger."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from undersign.errors import NoWorkspace, UsageError
from undersign.workspace import files
from undersign.workspace.config import CONFIG_NAME, TEMPLATE, Config
from undersign.workspace.config import read as read_config

if TYPE_CHECKING:
    from undersign.ledger.event_log import EventLog
    from undersign.telemetry.lake import Lake

_GITIGNORE = """\
# Made by undersign init: raw logs and caches stay on this machine, checkpoints travel with git.
.undersign/*
!.undersign/checkpoints/
"""

_CI = """\
# Made by undersign init: nothing unsigned, edited after signing or failing its checks gets merged.
name: undersign
on: [pull_request]
jobs:
  rules:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pipx install undersign
      - run: undersign check rules --no-history --output-format github
      - run: undersign test rules
      - run: undersign verify rules
"""

_SIGNERS = """\
# Who may sign, one a line, in the format of ssh-keygen(1), for example:
# you@example.org namespaces="undersign/v1" ssh-ed25519 AAAA...
"""


@dataclass(frozen=True)
class Workspace:
    """An opened workspace. Nothing is read or imported before it is asked for."""

    root: Path
    declared: bool = True
    """False for a folder without undersign.toml: checks run there, but nothing is kept."""

    @cached_property
    def config(self) -> Config:
        """What undersign.toml says."""
        return read_config(self.root)

    @property
    def state(self) -> Path:
        """The folder of what Undersign keeps: lake, ledger, caches."""
        return self.root / ".undersign"

    @property
    def checkpoints(self) -> Path:
        """The folder of signed ledger checkpoints; it belongs into git."""
        return self.state / "checkpoints"

    @property
    def has_lake(self) -> bool:
        """Whether anything was ever ingested here."""
        return (self.state / "lake").is_dir()

    @cached_property
    def lake(self) -> Lake:
        """The lake of this workspace."""
        from undersign.telemetry.lake import Lake

        return Lake(self.state / "lake")

    @cached_property
    def ledger(self) -> EventLog:
        """The append-only ledger of this workspace."""
        from undersign.ledger.event_log import EventLog

        self.require_declared()
        return EventLog(self.state / "ledger.db")

    @cached_property
    def ledger_to_read(self) -> EventLog:
        """The ledger opened to read only: works in a checkout that may not be written to."""
        from undersign.ledger.event_log import EventLog

        self.require_declared()
        return EventLog(self.state / "ledger.db", read_only=True)

    def require_declared(self) -> None:
        """Raise NoWorkspace unless there is an undersign.toml to keep things beside."""
        if not self.declared:
            raise NoWorkspace(
                f"no {CONFIG_NAME} in {self.root} or above it", hint="make one with: undersign init"
            )


def find(start: Path, named: str | None = None) -> Workspace:
    """Open the workspace named on the command line, or the nearest one at or above `start`.

    Without any, returns an undeclared workspace at `start`. Raises NoWorkspace when the named
    folder holds none.
    """
    if named:
        root = Path(named).expanduser()
        if not (root / CONFIG_NAME).is_file():
            raise NoWorkspace(
                f"no {CONFIG_NAME} in {root}", hint=f"make one with: undersign init {root}"
            )
        return Workspace(root.absolute())
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return Workspace(folder)
    return Workspace(start, declared=False)


def init(root: Path) -> tuple[Workspace, tuple[str, ...]]:
    """Make a workspace, keeping every file that is already there; return it and what was made.

    Raises StorageError when the folder cannot be written.
    """
    from undersign.policy.policy_file import default_text

    workspace = Workspace(root.absolute())
    wanted = {
        CONFIG_NAME: TEMPLATE,
        ".gitignore": _GITIGNORE,
        "allowed_signers": _SIGNERS,
        "policy.yml": default_text(),
        "rules/README.md": "Detection rules. Draft one with `undersign draft sigma --brief ...`.\n",
        ".github/workflows/undersign.yml": _CI,
    }
    made = []
    for name, text in wanted.items():
        path = root / name
        if not path.exists():
            files.write(path, text)
            made.append(name)
    if ".gitignore" not in made:
        made += _ignore_state(root / ".gitignore")
    return workspace, tuple(made)


def _ignore_state(path: Path) -> list[str]:
    text = files.read_text(path)
    if ".undersign/" in text:
        return []
    files.write(path, text.rstrip("\n") + "\n\n" + _GITIGNORE)
    return [".gitignore (added to)"]


def person(root: Path, given: str | None, environment: Mapping[str, str] | None = None) -> str:
    """Say who is at the keyboard: as given, UNDERSIGN_PERSON, or git's user.email here.

    Raises UsageError when nobody can be named: a verdict without a person is none.
    """
    named = given or (environment or os.environ).get("UNDERSIGN_PERSON") or _git_email(root)
    if not named or not named.strip():
        raise UsageError(
            "who are you? A verdict needs a person",
            hint="use --person you@example.org, or set UNDERSIGN_PERSON or git config user.email",
        )
    return named.strip()


def _git_email(root: Path) -> str | None:
    import subprocess

    try:
        answer = subprocess.run(
            ["git", "config", "user.email"],  # noqa: S607 - the user's own git
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return answer.stdout.strip() or None
