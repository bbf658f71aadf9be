"""A line to a drafter behind the door: with the workspace's policy, its ledger and its clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from undersign.errors import UsageError
from undersign.records.exchange import Asking, CallEntry, Prompt, Reply
from undersign.records.ruling import Ruling
from undersign.workspace.modelling.modelled import Talk
from undersign.workspace.withholding import withheld
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.drafters.call import Repair

OFFLINE = "offline"


def _nobody(_: Asking) -> str | None:
    return None


def _silent(_: str) -> None:
    return


def _stopwatch() -> Callable[[], float]:
    begun = monotonic()
    return lambda: monotonic() - begun


@dataclass(frozen=True, slots=True)
class Reach:
    """What the person at the keyboard brings to a command; made where the command begins."""

    timeout: float | None = None
    """Seconds for one answer, retries included; None is the door's own."""
    record_to: Path | None = None
    """A recording that what is sent and answered is added to, to be replayed."""
    consent: Callable[[Asking], str | None] = _nobody
    """Asked where the policy says ask; returns who said yes."""
    progress: Callable[[str], None] = _silent
    """Told a few words while a drafter works."""
    elapsed: Callable[[], float] = field(default_factory=_stopwatch, repr=False)
    """Seconds since the command began; never fewer than before."""

    def at(self, now: datetime) -> datetime:
        """Return the time it is, in a command that began at `now`: a drafter may take minutes."""
        return now + timedelta(seconds=self.elapsed())


@dataclass(frozen=True, slots=True)
class Line:
    """One drafter, ready to be talked to for one purpose."""

    drafter: str
    talk: Talk
    shows: Callable[[str], bool]
    """Whether the policy allows data of a class in clear, without anybody being asked."""


def in_effect(drafter: str) -> str:
    """Return a drafter's name with the address that the environment sends it to.

    To be done once, where a person names it. Raises UsageError as `names.in_effect` does.
    """
    if drafter == OFFLINE:
        return drafter
    from undersign.drafters import names

    return str(names.in_effect(drafter))


def open_line(
    workspace: Workspace, drafter: str, purpose: str, reach: Reach, now: datetime
) -> Line:
    """Open a line to a drafter by its name `in_effect`; nothing is sent yet.

    Raises NoWorkspace in a folder that keeps no ledger, UsageError for an unknown drafter, BadInput
    for a policy that is none.
    """
    from undersign.drafters.call import Door, converse
    from undersign.drafters.names import parse
    from undersign.drafters.recording import recorded_drafter
    from undersign.workspace.policing import guard_of

    parsed = parse(drafter)
    name = str(parsed)
    workspace.require_declared()
    if withheld(workspace, name).notes:
        raise UsageError(
            "the drafter's name holds a secret, and names are recorded and shown",
            hint="pass it in an environment variable or a file that the program reads",
        )
    guard = guard_of(workspace)
    ledger = workspace.ledger

    def record(entry: CallEntry) -> None:
        ledger.append("call", {"subject": f"call/{entry.call}", **asdict(entry)}, now=reach.at(now))

    door = Door(
        guard,
        record,
        now,
        consent=reach.consent,
        progress=reach.progress,
        record_to=reach.record_to,
    )
    door = replace(door, timeout=reach.timeout) if reach.timeout else door

    def talk(prompt: Prompt, repair: Repair | None) -> Reply:
        return converse(prompt, name, door, repair=repair)

    # A recording answers what its own drafter was asked, and that may have seen less.
    replays = recorded_drafter(Path(parsed.model)) if parsed.provider == "replay" else ""

    def shows(data_class: str) -> bool:
        looked = guard.look([("", data_class)], replays or name, purpose, now)
        return looked.judgement.ruling is Ruling.ALLOW

    return Line(name, talk, shows)
