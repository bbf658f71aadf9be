"""Options that many commands share, and how they print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from undersign.errors import BadInput, UsageError

F = TypeVar("F", bound=Callable[..., Any])


def json_option(function: F) -> F:
    """Add `--json`, and `--output-format json` as another way to write it."""
    function = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(
        function
    )
    return click.option(
        "--output-format",
        "output_format",
        type=click.Choice(["text", "json"]),
        default="text",
        help="How to print.",
    )(function)


def workspace_option(function: F) -> F:
    """Add `--workspace DIR`, so that it may stand after the command too."""
    return click.option(
        "--workspace", "workspace_dir", metavar="DIR", help="Work in DIR instead of here."
    )(function)


def paths_argument(metavar: str) -> Callable[[F], F]:
    """Add one or more paths as `paths`."""
    return click.argument(
        "paths", metavar=metavar, nargs=-1, required=True, type=click.Path(path_type=Path)
    )


def person_option(function: F) -> F:
    """Add `--person NAME`: who gives the verdict or the signature."""
    return click.option(
        "--person",
        metavar="EMAIL",
        help="Who you are; otherwise UNDERSIGN_PERSON or git's user.email.",
    )(function)


def say(text: str, *, err: bool = False) -> None:
    """Print one line that may hold paths, names or log values of others, all made printable."""
    from undersign.render.terminal import safe

    click.echo(safe(text), err=err)


def ask_passphrase(prompt: str) -> str:
    """Ask for the passphrase of a key without showing it; UsageError where nobody can answer."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "the key has a passphrase, and there is no terminal to ask for it",
            hint="add the key to ssh-agent and name its .pub file with --key",
        )
    return str(click.prompt(prompt, prompt_suffix="", hide_input=True, err=True))


def print_json(document: object) -> None:
    """Print one JSON document to stdout."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def now() -> datetime:
    """Read the clock, in UTC; everything below is handed the time."""
    return datetime.now(UTC)


def colour_wanted() -> bool:
    """Say whether stdout is a terminal whose owner has not asked for plain text (NO_COLOR)."""
    return sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def text_or_file(given: str) -> str:
    """Return the text itself, the content of FILE when written `@FILE`, or stdin for `-`."""
    if given in ("-", "@-"):
        return _stdin()
    if not given.startswith("@"):
        return given
    from undersign.workspace.files import read_text

    return read_text(Path(given[1:]))


def _stdin() -> str:
    from undersign.workspace.files import MAX_ARTIFACT_BYTES

    raw = sys.stdin.buffer.read(MAX_ARTIFACT_BYTES + 1) if sys.stdin is not None else b""
    if len(raw) > MAX_ARTIFACT_BYTES:
        most = MAX_ARTIFACT_BYTES // 1024 // 1024
        raise BadInput(f"larger than {most} MiB, the most that is read", path="stdin")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("not valid UTF-8", path="stdin") from error


def time_of(written: str | None) -> datetime | None:
    """Read `--since` and `--until`: RFC 3339, a date is midnight UTC, None stays None."""
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise UsageError(
            f"{written!r} is no RFC 3339 time", hint="e.g. 2026-01-31T08:00:00Z"
        ) from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
