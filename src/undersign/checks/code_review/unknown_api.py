"""The check `unknown-api`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.checks.reading.wording import did_you_mean, listed, quoted
from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.records.api import ABSENT, EXISTS, UNKNOWN, ApiAnswer, Apis
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen, Severity


def unknown_api(candidate: Candidate, apis: Apis) -> Iterator[Fault | Seen]:
    """Verify that the functions and classes that a candidate rests on are there.

    Absent is only what was looked for in a module or class whose text was read whole. What the
    code itself calls is no claim of the candidate: an absent name there speaks for who doubts it.
    """
    answers = apis.of(candidate)
    faults = [fault for one in answers if (fault := _fault(one))]
    open_ = [one for one in answers if one.status == UNKNOWN and one.where != "code"]
    if open_ and not faults:
        names = listed(quoted(one.name) for one in open_[:3])
        needs = next((one.needs for one in open_ if one.needs), "text that shows the name")
        raise CannotRun(needs, f"nobody can tell whether {names} is there: {open_[0].why}")
    seen = [one for answer in answers if (one := _seen(answer))]
    if not faults and not seen:
        raise DoesNotApply
    yield from faults
    yield from seen


def _fault(one: ApiAnswer) -> Fault | None:
    evidence = {"name": one.name, "status": one.status, "place": one.place, "where": one.where}
    if one.said_absent:
        if one.status != EXISTS:
            return None
        return Fault(f"it says that {quoted(one.name)} is not there, and it is: {one.place}",
                     evidence=evidence)  # fmt: skip
    if one.status != ABSENT or one.where == "code":
        return None
    return Fault(
        f"{_named(one)} is not there: {one.why}",
        evidence={**evidence, "nearest": list(one.nearest)},
        suggestion=did_you_mean(one.nearest),
        # What is wrong may be real though the cure that was made up for it is not.
        severity=Severity.WARNING if one.where == "fix" else None,
    )


def _named(one: ApiAnswer) -> str:
    words = {"fix": "of the fix, ", "quote": "of the quote, ", "message": ""}
    return f"{words.get(one.where, '')}{quoted(one.name)}"


def _seen(one: ApiAnswer) -> Seen | None:
    evidence = {"name": one.name, "status": one.status, "place": one.place}
    if one.status == ABSENT and one.said_absent:
        return Seen(f"{quoted(one.name)} is not there, as it says: {one.why}", evidence=evidence)
    if one.status == ABSENT and one.where == "code":
        return Seen(f"the code calls {quoted(one.name)}, and {one.why}", evidence=evidence)
    if one.status == EXISTS and one.where != "code":
        return Seen(f"{quoted(one.name)} is there: {one.place or one.why}", evidence=evidence)
    return None
