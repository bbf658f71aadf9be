"""The check `guarded-upstream`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict

from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen
from undersign.records.guard import GUARDED, INERT, NOT_GUARDED, Guard, Guards

_LOGIN, _RIGHTS, _OBJECT = "missing-authentication", "missing-authorization", "object-authorization"
_OF_CWE = {
    "CWE-306": _LOGIN, "CWE-287": _LOGIN, "CWE-862": _RIGHTS, "CWE-863": _RIGHTS,
    "CWE-285": _RIGHTS, "CWE-639": _OBJECT,
}  # fmt: skip
_NO_LOGIN = re.compile(
    r"(?i)\bun-?authenticated|\banonymous|without (any )?(authentication|log(ging)?[ -]?in)|"
    r"without a login|"
    r"\bnot (logged in|authenticated)|\bno (authentication|login)|missing (authentication|login)|"
    r"(does not|doesn't|never) (authenticate|require (authentication|(a )?login))"
)
_RIGHT = re.compile(
    r"(?i)\broles?\b|\badmin|permission|privilege|\bowner|another user|other users?\b|any (logged|"
    r"authenticated)|\bidor\b|\bscopes?\b|horizontal|vertical"
)


def guarded_upstream(candidate: Candidate, guards: Guards) -> Iterator[Fault | Seen]:
    """Verify that nothing upstream stops a request whose check is claimed to be missing.

    A login refutes that authentication is missing, and not that a role or an owner is unchecked.
    """
    claim = _claim(candidate)
    if claim is None:
        raise DoesNotApply
    guard = guards.of(candidate.file, candidate.line)
    if guard is None:
        raise CannotRun("a view", "no view that was recognised stands around this line")
    evidence = {"steps": [asdict(step) for step in guard.steps], "view": guard.view}
    if guard.verdict == GUARDED:
        if _asks_for_more(claim, candidate.message, guard):
            why = f"{guard.why}; whether this user may is for a person to see"
            raise CannotRun("a person", why)
        yield Fault(f"refuted: {guard.why}", evidence=evidence)
    elif guard.verdict in (NOT_GUARDED, INERT):
        yield Seen(guard.why, evidence=evidence)
    else:
        raise CannotRun("a guard that can be read", guard.why)


def _claim(candidate: Candidate) -> str | None:
    """Return which check is claimed to be missing; None when none is."""
    if candidate.category:
        return candidate.category if candidate.category in _OF_CWE.values() else None
    named = [_OF_CWE[cwe.upper()] for cwe in candidate.cwe if cwe.upper() in _OF_CWE]
    if named:
        return named[0]
    return _LOGIN if not candidate.cwe and _NO_LOGIN.search(candidate.message) else None


def _asks_for_more(claim: str, message: str, guard: Guard) -> bool:
    """Say whether what is claimed is more than what the guard asks for."""
    if claim == _OBJECT:
        return True
    if guard.authorizes:
        return False
    return bool(_RIGHT.search(message)) or (claim == _RIGHTS and not _NO_LOGIN.search(message))
