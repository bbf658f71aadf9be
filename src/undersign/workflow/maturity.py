"""Probes: what the holdings of a workspace show, and what they lack. Each lists, none grades."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from undersign.catalogs.practices import Framework, Practice
from undersign.records.maturity import Assessed, Holdings, Standing


class Seen(NamedTuple):
    """Evidence and gaps, each a sentence; a gap ends with what to do."""

    evidence: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def _either(evidence: str, gap: str, shown: object) -> Seen:
    return Seen((evidence,)) if shown else Seen(gaps=(gap,))


def _portion(done: int, whole: int, things: str, state: str, step: str) -> Seen:
    """Tell how many of a whole are done; none at all, or a rest, is a gap."""
    if not whole:
        return Seen(gaps=(f"no {things} yet",))
    evidence = (f"{done:,} of {whole:,} {things} {state}",) if done else ()
    rest = f"{whole - done:,} of {whole:,} {things} not {state}: {step}"
    return Seen(evidence, () if done == whole else (rest,))


def _many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def policy_complete(held: Holdings) -> Seen:
    """The workspace's own policy decides every cell."""
    if not held.policy:
        return Seen(
            gaps=("no policy of its own: undersign init writes one to be read and changed",)
        )
    gap = f"{_many(held.policy_holes, 'cell', 'cells')} undecided: undersign policy check"
    return Seen((f"AI-tool policy in {held.policy}",), (gap,) if held.policy_holes else ())


def exceptions_owned(held: Holdings) -> Seen:
    """Exceptions have owner and expiry (the policy's format demands it) and none has run out."""
    if not held.policy or not held.exceptions:
        return Seen()
    expired = _many(held.exceptions_expired, "exception has", "exceptions have")
    gap = f"{expired} expired: undersign policy check"
    told = f"{_many(held.exceptions, 'exception', 'exceptions')} with owner, reason and expiry"
    return Seen((told,), (gap,) if held.exceptions_expired else ())


def calls_recorded(held: Holdings) -> Seen:
    """Calls to drafters are on record."""
    return _either(
        f"{_many(held.calls_sent, 'call', 'calls')} to drafters on record",
        "no call to a model is on record: undersign draft --with DRAFTER, or none is used",
        held.calls_sent,
    )


def gateway_used(held: Holdings) -> Seen:
    """Tools of others reach their models through the gateway."""
    return _either(
        f"{_many(held.gateway_requests, 'request', 'requests')} of other tools seen by the gateway",
        "no tool is behind the gateway: undersign gateway",
        held.gateway_requests,
    )


def policy_bites(held: Holdings) -> Seen:
    """The policy has refused or redacted something."""
    told = f"{held.calls_refused:,} calls refused, {held.calls_redacted:,} sent redacted"
    gap = "the policy has refused and redacted nothing yet: undersign policy explain"
    return _either(told, gap, held.calls_refused + held.calls_redacted)


def signers_named(held: Holdings) -> Seen:
    """Somebody may sign."""
    told = f"{_many(held.signers, 'person', 'people')} may sign"
    return _either(told, "nobody may sign yet: name them in allowed_signers", held.signers)


def artifacts_signed(held: Holdings) -> Seen:
    """Artifacts carry a signature that holds."""
    return _portion(held.signed, held.artifacts, "artifacts", "signed", "undersign sign PATH")


def verdicts_given(held: Holdings) -> Seen:
    """People have decided on findings."""
    told = (
        f"{_many(held.verdicts, 'verdict', 'verdicts')} of "
        f"{_many(held.people, 'person', 'people')}, each with a reason"
    )
    return _either(told, "no verdict on record: undersign triage", held.verdicts)


def drafts_rejected(held: Holdings) -> Seen:
    """People have said no to a draft."""
    gap = "nobody has rejected a draft yet: undersign triage PATH reject"
    return _either(
        _many(held.drafts_rejected, "draft rejected", "drafts rejected"), gap, held.drafts_rejected
    )


def briefs_recorded(held: Holdings) -> Seen:
    """What was asked of drafters is on record."""
    told = f"{_many(held.drafts, 'draft', 'drafts')} on record with their briefs"
    return _either(told, "no draft on record: undersign draft", held.drafts)


def drafters_known(held: Holdings) -> Seen:
    """Every drafter in use is named by the policy."""
    if not held.drafters:
        return Seen(gaps=("no drafter on record: undersign draft",))
    told = ", ".join(f"{name} ({count:,} drafts)" for name, count in sorted(held.drafters.items()))
    gaps = tuple(f"{d} is in no group of the policy: name it there" for d in held.drafters_unlisted)
    return Seen((told,), gaps)


def drafters_measured(held: Holdings) -> Seen:
    """There are enough drafts of one kind to say something of a drafter."""
    told = f"figures for {', '.join(held.drafters_measured)}"
    return _either(told, "too few drafts for figures: undersign scorecard", held.drafters_measured)


def costs_recorded(held: Holdings) -> Seen:
    """What drafts cost is on record."""
    if not held.drafts_by_others:
        return Seen(gaps=("no model has drafted here, so there is no cost to compare",))
    return _portion(held.drafts_costed, held.drafts_by_others, "drafts", "with a known cost",
                    "their provider names no price")  # fmt: skip


def threat_models_cited(held: Holdings) -> Seen:
    """Signed artifacts say which threat model they serve."""
    told = (
        _many(held.threat_models, "signed artifact cites", "signed artifacts cite")
        + " a threat model"
    )
    gap = "no signed artifact cites a threat model: undersign sign --threat-model"
    return _either(told, gap, held.threat_models)


def baselines_measured(held: Holdings) -> Seen:
    """Rules were measured on history."""
    told = f"{_many(held.baselines, 'rule', 'rules')} measured on history"
    return _either(told, "no baseline on record: undersign baseline rules", held.baselines)


def drafts_checked(held: Holdings) -> Seen:
    """Drafts were checked when they were made, with what was found on record."""
    return _portion(held.drafts_checked, held.drafts, "drafts", "on record with their findings",
                    "drafted by an older version")  # fmt: skip


def rules_tested(held: Holdings) -> Seen:
    """Rules have test events beside them."""
    return _portion(held.rules_tested, held.rules, "rules", "with test events", "RULE.tests.yml")


def months_on_record(held: Holdings) -> Seen:
    """There is more than a month to compare."""
    told = f"drafts of {held.months} months"
    gap = "less than two months on record: undersign scorecard --by month"
    return _either(told, gap, held.months > 1)


def ledger_sealed(held: Holdings) -> Seen:
    """The ledger's end is sealed by a signed checkpoint."""
    if not held.checkpoints:
        return Seen(gaps=("the ledger has no signed checkpoint: undersign log checkpoint",))
    gap = (
        f"{_many(held.unsealed, 'entry', 'entries')} since the last checkpoint: "
        "undersign log checkpoint"
    )
    told = f"{_many(held.checkpoints, 'signed checkpoint', 'signed checkpoints')} of the ledger"
    return Seen((told,), (gap,) if held.unsealed else ())


def catalogs_fresh(held: Holdings) -> Seen:
    """A stale catalog is a gap; fresh ones came with the package and show nothing."""
    if not held.stale_catalogs:
        return Seen()
    return Seen(gaps=(f"stale catalogs: {', '.join(held.stale_catalogs)}: undersign catalog list",))


def ci_verifies(held: Holdings) -> Seen:
    """A CI workflow verifies signatures."""
    return _either(
        f"{held.ci} verifies signatures on every change",
        "no CI workflow runs `undersign verify`: undersign init writes one",
        held.ci,
    )


def logs_here(held: Holdings) -> Seen:
    """There is history to hunt in."""
    told = _many(held.tables, "table of logs", "tables of logs")
    return _either(told, "no logs here: undersign ingest PATH", held.tables)


def hunts_concluded(held: Holdings) -> Seen:
    """Hunts end with a conclusion."""
    return _portion(held.hunts_concluded, held.hunts, "hunts", "concluded", "undersign hunt close")


PROBES: dict[str, Callable[[Holdings], Seen]] = {
    probe.__name__: probe
    for probe in (
        policy_complete, exceptions_owned, calls_recorded, gateway_used, policy_bites,
        signers_named, artifacts_signed, verdicts_given, drafts_rejected, briefs_recorded,
        drafters_known, drafters_measured, costs_recorded, threat_models_cited,
        baselines_measured, drafts_checked, rules_tested, months_on_record, ledger_sealed,
        catalogs_fresh, ci_verifies, logs_here, hunts_concluded,
    )
}  # fmt: skip
"""Every probe by its name, as `catalogs/data/practices.toml` names it."""


def assess(frameworks: Iterable[Framework], held: Holdings) -> tuple[Assessed, ...]:
    """Say of every practice what the holdings show."""
    return tuple(_assessed(f.id, p, held) for f in frameworks for p in f.practices)


def _assessed(framework: str, practice: Practice, held: Holdings) -> Assessed:
    if practice.unseen:
        return Assessed(
            framework, practice.id, practice.about, Standing.UNSEEN, gaps=(practice.unseen,)
        )
    seen = [PROBES[name](held) for name in practice.probes]
    evidence = tuple(line for one in seen for line in one.evidence)
    gaps = tuple(line for one in seen for line in one.gaps)
    standing = Standing.NOT_SHOWN if not evidence else Standing.PARTLY if gaps else Standing.SHOWN
    return Assessed(framework, practice.id, practice.about, standing, evidence, gaps)
