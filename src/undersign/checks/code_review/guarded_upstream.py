"""The check `guarded-upstream`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict

from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen
from undersign.records.guard import GUARDED, INERT, NOT_GUARDED, Guard, Guards

_CLAIMS = ("missing-authentication", "missing-authorization", "object-authorization")
_ROLE = re.compile(
    r"(?i)\brole|admin|permission|privilege|owner|another user|other user|idor|scope"
)


def guarded_upstream(candidate: Candidate, guards: Guards) -> Iterator[Fault | Seen]:
    """Verify that nothing upstream stops a request whose check is claimed to be missing.

    A login refutes that authentication is missing, and not that a role or an owner is unchecked.
    """
    if candidate.category not in _CLAIMS:
        raise DoesNotApply
    guard = guards.of(candidate.file, candidate.line)
    if guard is None:
        raise CannotRun("a view", "no view that was recognised stands around this line")
    evidence = {"steps": [asdict(step) for step in guard.steps], "view": guard.view}
    if guard.verdict == GUARDED:
        if _asks_for_more(candidate, guard):
            why = f"{guard.why}; whether this user may is for a person to see"
            raise CannotRun("a person", why)
        yield Fault(f"refuted: {guard.why}", evidence=evidence)
    elif guard.verdict in (NOT_GUARDED, INERT):
        yield Seen(guard.why, evidence=evidence)
    else:
        raise CannotRun("a guard that can be read", guard.why)


def _asks_for_more(candidate: Candidate, guard: Guard) -> bool:
    if candidate.category == "object-authorization":
        return True
    claims_role = candidate.category == "missing-authorization" or _ROLE.search(candidate.message)
    return bool(claims_role) and not guard.authorizes
