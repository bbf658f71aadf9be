"""An incident's regulatory clocks: anchored on claims of a timeline that a person signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from undersign.errors import UsageError
from undersign.ledger.canonical import rfc3339
from undersign.records.artifact import Draft
from undersign.records.clock import Clocks, Deadline, SignedClaims
from undersign.surfaces.respond import clocks_file
from undersign.workspace import files
from undersign.workspace.responding.folder import Case, Folder, read_case, sound
from undersign.workspace.responding.papers import write_papers
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.catalogs.deadlines import Anchor


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How days are counted, and what starts them."""

    anchors: Mapping[str, str]
    """`REGIME.ANCHOR` -> id of the claim that says when."""
    regimes: tuple[str, ...] = ()
    """Only these; empty for all that are enabled."""
    zone: str = "UTC"
    country: str = ""


def signed_claims(workspace: Workspace, folder: Folder) -> SignedClaims | None:
    """Return the claims of a timeline whose signature holds now; None when it does not."""
    from undersign.workspace.signoff import verify

    try:
        (found,) = verify(workspace, [folder.timeline], None)
    except UsageError:  # nobody may sign here, so nothing is signed
        return None
    if not found.valid or found.signer is None:
        return None
    case = read_case(folder)
    if case.file.unreadable:
        return None
    times = {claim.id: case.timeline.time_of(claim.id) for claim in case.timeline.every_claim()}
    return SignedClaims(case.digest, found.signer, times)


def clocks(
    workspace: Workspace, folder: Folder, how: Reckoning, *, now: datetime, replace: bool = False
) -> Clocks:
    """Compute the deadlines and keep them in `clocks.json`.

    Without a signed timeline every deadline says so and has no date. Raises UsageError for an
    anchor or a claim that is not there.
    """
    case = sound(read_case(folder))
    signed = signed_claims(workspace, folder)
    made = Clocks(
        incident=folder.name,
        timeline_digest=case.digest,
        zone=how.zone,
        country=how.country,
        anchors=tuple(sorted(how.anchors.items())),
        deadlines=_counted(_anchors(case, how, signed), how),
    )
    text = clocks_file.write(made)
    drafted = Draft(
        path=files.relative(folder.clocks, workspace.root),
        kind="clocks",
        drafter="offline",
        brief=f"Deadlines of {case.timeline.title}",
        artifact_digest=sha256(text.encode()).hexdigest(),
        drafted_at=rfc3339(now),
        sources=(f"timeline.json sha256:{case.digest}",),
    )
    papers = {folder.clocks: text}
    write_papers(workspace, papers, {folder.clocks: drafted}, now=now, replace=replace)
    return made


def _counted(anchors: Mapping[str, Anchor], how: Reckoning) -> tuple[Deadline, ...]:
    from zoneinfo import ZoneInfoNotFoundError

    from undersign.catalogs.deadlines import deadlines

    try:
        return deadlines(anchors, wanted=how.regimes, zone=how.zone, country=how.country)
    except ZoneInfoNotFoundError as error:
        raise UsageError(f"{how.zone!r} is no time zone", hint="such as Europe/Berlin") from error
    except KeyError as error:
        raise UsageError(
            f"no regime {error.args[0]!r}", hint="see: undersign respond clocks"
        ) from error
    except NotImplementedError as error:  # what `holidays` says of a country it does not know
        raise UsageError(
            f"no holidays are known of {how.country!r}", hint="DE, DE-BY, US"
        ) from error


def _anchors(case: Case, how: Reckoning, signed: SignedClaims | None) -> dict[str, Anchor]:
    from undersign.catalogs.deadlines import ANCHORS, Anchor

    found = {}
    for key, claim_id in how.anchors.items():
        if key not in ANCHORS:
            known = ", ".join(sorted(ANCHORS))
            raise UsageError(f"nothing is counted from {key!r}", hint=f"anchors: {known}")
        if case.timeline.claim(claim_id) is None:
            raise UsageError(f"{case.folder.name} has no claim {claim_id}")
        at = signed.times.get(claim_id) if signed else None
        if signed is not None and at is None:
            raise UsageError(f"{claim_id} says no time to count from")
        if at is not None:
            found[key] = Anchor(claim_id, at)
    return found
