"""Drafting with a model: a prompt, its reply made an artifact, the checks, at most one repair.

What comes back is slots of the prompt's form and nothing else. A Sigma rule is written from them; a
query is parsed by the language rooms before anything runs. When the first checks find errors, the
drafter is asked once more with what they found, and the better of both drafts is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from undersign.drafters.call import Repair
from undersign.drafters.reply import whole_words
from undersign.errors import BadInput, DrafterFailed, PolicyRefused
from undersign.records.exchange import Passage, Prompt, Reply, Usage
from undersign.records.finding import Finding, Severity
from undersign.surfaces.detect.rule_slots import SlotFault

Talk = Callable[[Prompt, "Repair | None"], Reply]
"""The door, opened for one drafter: `drafters.call.converse`."""
T = TypeVar("T")

_MOST_FINDINGS = 20
_MESSAGE = 400
"""Characters of one finding as the drafter is told it."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which calls a draft came of, and what they took; None where the provider does not say."""

    calls: tuple[str, ...] = ()
    repaired: bool = False
    before: Mapping[str, int] | None = None
    """Severity -> findings before the repair; None when nothing was repaired for findings."""
    usage: Usage = field(default_factory=Usage)
    remarks: tuple[str, ...] = ()
    """Why a repair that was due did not come about, and what of the reply stayed hidden."""
    withheld: int = 0
    """Hidden values of the kept reply that did not come back."""

    def of(self, reply: Reply) -> Provenance:
        """Return it with what stayed hidden in the reply that is kept."""
        if not reply.withheld:
            return self
        many = "A hidden value stays" if reply.withheld == 1 else "Hidden values stay"
        remark = f"{many} a token (USX_...): the reply names a place beside it. What belongs there?"
        return replace(self, remarks=(*self.remarks, remark), withheld=reply.withheld)


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """A reply that was made an artifact, and what the first checks found in it."""

    artifact: T
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What a repair is asked for."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)


Make = Callable[[Reply], Made[T]]
"""Makes a reply an artifact and checks it; raises SlotFault when no artifact can be made of it."""


def modelled(prompt: Prompt, talk: Talk, make: Make[T]) -> tuple[Made[T], Provenance]:
    """Have a drafter answer a prompt, check what it made, and have it repaired at most once.

    A repaired draft with more errors than the first is not taken. A repair that is refused or fails
    leaves the first draft, with a remark.

    Raises:
        BadInput: No artifact can be made of the reply, nor of the repaired one.
    """
    reply = talk(prompt, None)
    first, fault = _made(reply, make)
    done = Provenance((reply.call,), reply.repaired, usage=reply.usage)
    if reply.repaired or (first and not first.errors):
        return _kept(first, fault), done.of(reply)
    found = _found(first.errors if first else (), fault)
    try:
        again = talk(prompt, Repair(reply, found))
    except (DrafterFailed, PolicyRefused, BadInput) as why:
        remark = f"The checks found errors, and no repair came about: {why.message}"
        return _kept(first, fault), replace(done, remarks=(remark,)).of(reply)
    second, still = _made(again, make)
    done = Provenance(
        tuple(dict.fromkeys((reply.call, again.call))),
        True,
        counted(first.findings) if first else None,
        _sum(reply.usage, again.usage),
    )
    if first and (second is None or len(second.errors) > len(first.errors)):
        return first, done.of(reply)
    return _kept(second, still), done.of(again)


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    """Count findings by severity; every severity is there."""
    by = Counter(f.severity for f in findings)
    return {severity.value: by[severity] for severity in Severity}


def _made(reply: Reply, make: Make[T]) -> tuple[Made[T] | None, str]:
    try:
        return make(reply), ""
    except SlotFault as fault:
        return None, str(fault)


def _kept(made: Made[T] | None, fault: str) -> Made[T]:
    if made is None:
        raise BadInput(
            f"nothing can be made of the drafter's reply: {fault}",
            hint="say the brief in other words, or use another drafter",
        )
    return made


def _found(errors: Sequence[Finding], fault: str) -> Passage:
    lines = [fault] if fault else []
    for one in errors[:_MOST_FINDINGS]:
        place = f"line {one.span.line}, column {one.span.column}: " if one.span else ""
        help_ = f" ({one.suggestion})" if one.suggestion else ""
        lines.append(whole_words(f"{place}{one.check}: {one.message}{help_}", _MESSAGE))
    return Passage("what the checks found", "\n".join(lines), "internal")


def _sum(one: Usage, other: Usage) -> Usage:
    """Add two usages; what one of them does not say cannot be said of both."""
    return Usage(
        _plus(one.tokens_in, other.tokens_in),
        _plus(one.tokens_out, other.tokens_out),
        _plus(one.cost_usd, other.cost_usd),
        one.seconds + other.seconds,
    )


N = TypeVar("N", int, float)


def _plus(one: N | None, other: N | None) -> N | None:
    return None if one is None or other is None else one + other
