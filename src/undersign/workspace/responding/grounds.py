"""Grounds of truth for the papers of an incident, and for any document that is linted."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from undersign.checks.spec import Grounds
from undersign.errors import BadInput
from undersign.records.clock import SignedClaims, Today
from undersign.records.document import Document
from undersign.records.evidence import CaseFile
from undersign.records.surroundings import Exposed, Internal, Nearby
from undersign.records.timeline import Timeline
from undersign.workspace.grounds import Subject
from undersign.workspace.responding.deadlines import signed_claims
from undersign.workspace.responding.folder import around, read_case
from undersign.workspace.workspace import Workspace

_NO_EVIDENCE = "no timeline.json around it; make one with: undersign respond timeline PATH..."
_UNSIGNED = "nobody has signed the timeline yet; run: undersign sign incidents/NAME/timeline.json"
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#|/", re.IGNORECASE)
_MOST_LINKS = 2_000
_CLASSES = ("secrets", "credentials")


def respond_grounds(workspace: Workspace, subject: Subject, now: datetime) -> Grounds:
    """Gather what a paper of an incident, or a document, is held against."""
    at_hand: list[Any] = [Today(now.date())]
    unmade = (CaseFile.ground, Timeline.ground)
    missing = dict.fromkeys(unmade, _NO_EVIDENCE) | {SignedClaims.ground: _UNSIGNED}
    if isinstance(subject.parsed, Document):
        at_hand += document_grounds(workspace, subject.path, subject.parsed)
    folder = around(subject.path)
    if folder is not None:
        try:
            case = read_case(folder)
        except BadInput as error:
            missing |= dict.fromkeys(unmade, f"timeline.json {error.message}")
        else:
            at_hand.append(case.case_file)
            if not case.file.unreadable:
                at_hand.append(case.timeline)
            signed = signed_claims(workspace, folder)
            at_hand += [signed] if signed else []
    return Grounds({type(g): g for g in at_hand}, missing)


def document_grounds(workspace: Workspace, path: Path, document: Document) -> list[Any]:
    """Look at the files that a document links, and for secrets in it."""
    from undersign.policy.detect import detector

    links = {t.partition("#")[0].partition("?")[0] for t, _ in document.links[:_MOST_LINKS]}
    exists = {
        link: (path.parent / unquote(link)).exists()
        for link in sorted(links)
        if link and not _REMOTE.match(link) and _lies_in(workspace, path.parent / unquote(link))
    }
    spots = detector().spot_all([document.text])[0]
    secrets = tuple((s.start, s.end, s.rule) for s in spots if s.data_class in _CLASSES)
    return [Nearby(exists), Exposed(secrets), Internal(workspace.config.internal_names)]


def _lies_in(workspace: Workspace, target: Path) -> bool:
    """Tell whether a link stays in the workspace: no document may ask what else is on this disk."""
    try:
        return target.resolve().is_relative_to(workspace.root.resolve())
    except (OSError, ValueError):  # a name with a NUL, or longer than names can be
        return False
