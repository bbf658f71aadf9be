"""`--with DRAFTER` and what belongs to it: a recording, patience, consent, and a word on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, TypeVar

import click

from undersign.errors import UsageError
from undersign.faces.cli.options import say
from undersign.records.exchange import Asking
from undersign.records.ruling import Ruled, Ruling
from undersign.workspace.modelling.drafter_line import Reach
from undersign.workspace.workspace import Workspace, person

F = TypeVar("F", bound=Callable[..., Any])
_PATIENCE = 1.0
_CLEAR = "\r\x1b[K"


def drafter_options(function: F) -> F:
    """Add `--with`, `--record` and `--drafter-timeout`; the last two arrive as `record` and
    `drafter_timeout`."""
    for option in (
        click.option("--drafter-timeout", type=click.FloatRange(min=0, min_open=True), metavar="S",
                     help="Seconds the drafter may take for one answer."),
        click.option("--record", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                     help="Add what is sent and answered to FILE, for --with replay:FILE."),
        click.option("--with", "drafter", metavar="DRAFTER", default="offline", show_default=True,
                     help="Who drafts: offline, anthropic:MODEL, openai:MODEL, google:MODEL,"
                          " openai-compatible:MODEL@URL, command:PROGRAM ARGS, replay:FILE."),
    ):  # fmt: skip
        function = option(function)
    return function


@dataclass
class _Teller:
    """Tells on stderr, after a second, what goes on; keeps still while a person is asked."""

    what: str
    done: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    news: str = ""

    def told(self, news: str) -> None:
        self.news = news

    def run(self) -> None:
        seconds = 0
        while not self.done.wait(_PATIENCE):
            seconds += 1
            with self.lock:
                more = f", {self.news}" if self.news else ""
                line = f"{_CLEAR}{self.what}: {seconds} s{more} (Ctrl-C stops it)"
                print(line, end="", file=sys.stderr, flush=True)
        if seconds:
            print(_CLEAR, end="", file=sys.stderr, flush=True)


@contextmanager
def reaching(
    workspace: Workspace, what: str, record: Path | None, timeout: float | None
) -> Iterator[Reach]:
    """Give what a call needs of the person here; on a terminal, tell what takes so long."""
    teller = _Teller(what)
    thread = Thread(target=teller.run, daemon=True)
    if sys.stderr.isatty():
        thread.start()

    def consent(asking: Asking) -> str | None:
        with teller.lock:
            return _consent(workspace, asking)

    try:
        yield Reach(timeout, record, consent, teller.told)
    finally:
        teller.done.set()
        if thread.is_alive():
            thread.join()


def _consent(workspace: Workspace, asking: Asking) -> str | None:
    """Ask the person at the terminal; nobody there, or nobody named, is a no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    try:
        who = person(workspace.root, None, os.environ)
    except UsageError:
        say("nobody is named to consent: set UNDERSIGN_PERSON or git config user.email", err=True)
        return None
    say(f"To {asking.drafter}, for {asking.purpose}, would go:", err=True)
    for one in asking.judgement.ruled:
        say(f"  {_told(one, asking)}", err=True)
    return who if click.confirm(f"Send it, as {who}?", err=True) else None


def _told(ruled: Ruled, asking: Asking) -> str:
    """Say how much of a class would go, and in which form."""
    name = ruled.cell.data_class
    parts = [f"{label} ({size:,} characters)" for label, c, size in asking.texts if c == name]
    if pieces := asking.pieces.get(name, 0):
        parts.append(f"{pieces:,} piece{'s' * (pieces != 1)} spotted")
    form = {Ruling.REDACT: ", hidden", Ruling.ASK: f" - asks: {ruled.why} [{ruled.rule}]"}
    return f"{name}: {', '.join(parts)}{form.get(ruled.ruling, '')}"
