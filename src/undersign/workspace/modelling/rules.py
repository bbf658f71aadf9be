"""A Sigma rule drafted with a model: what it is shown, and what becomes of its reply."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from undersign.drafters import call
from undersign.errors import BadInput
from undersign.records.artifact import Artifact, Draft
from undersign.records.corpus import Corpus, CorpusRule
from undersign.records.drafting import DraftGrounds, DraftResult
from undersign.records.exchange import Passage, Prompt, Reply
from undersign.records.history import ThresholdProposal
from undersign.surfaces import kind_named, prompts
from undersign.surfaces.detect.rule_slots import RuleFacts, rule
from undersign.workspace.beside import Beside
from undersign.workspace.corpus import corpus
from undersign.workspace.modelling import first_checks
from undersign.workspace.modelling.drafter_line import OFFLINE, Line
from undersign.workspace.modelling.first_checks import FirstChecks
from undersign.workspace.modelling.grounds import RuleGrounds
from undersign.workspace.modelling.modelled import Made, Provenance, modelled
from undersign.workspace.workspace import Workspace

NEIGHBOURS = 3
"""Rules of the corpus that are shown; more would drown the brief."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A threshold that was measured on history for a first draft, and on what."""

    threshold: ThresholdProposal
    snapshot: str
    days: float


@dataclass(frozen=True, slots=True)
class DraftedRule:
    """A rule, where it came from, and the slots it was written from, to be written again."""

    result: DraftResult
    provenance: Provenance
    reply: Reply = field(repr=False)
    facts: RuleFacts = field(repr=False)

    def with_threshold(self, measured: Measured) -> DraftedRule:
        """Return the same rule with a measured number where the drafter had guessed one."""
        facts = replace(
            self.facts,
            threshold=measured.threshold,
            snapshot=measured.snapshot,
            days=measured.days,
        )
        return replace(self, result=rule(self.reply.slots, facts))


def draft_rule(
    workspace: Workspace, kind: str, brief: str, line: Line, *, now: datetime
) -> DraftedRule:
    """Have a drafter write a rule of a kind; raises as `modelling.modelled` does."""
    known = kind_named(kind)
    assert known is not None
    told = prompts.for_kind(known)
    grounds = _grounds(workspace, brief, now)
    prompt = Prompt(
        kind=kind,
        purpose=known.surface,
        instructions=told.text,
        passages=(Passage("brief", brief), *grounds.passages()),
        reply_schema=told.reply_schema,
    )
    facts = RuleFacts(
        drafter=line.drafter,
        brief=brief,
        now=now,
        attack=grounds.attack,
        log_sources=grounds.log_sources,
        neighbours=tuple(n.cited for n in grounds.neighbours),
        stated=grounds.stated,
    )
    checks = FirstChecks(workspace, now)

    def make(reply: Reply) -> Made[tuple[DraftResult, Reply]]:
        result = rule(reply.slots, facts)
        path = workspace.config.rules / f"{result.slug}{known.suffixes[0]}"
        record = _record(path, kind, line.drafter, brief, result)
        work = checks.of(path, kind, result.text, record, result.tests_text)
        return Made((result, reply), first_checks.findings(work))

    made, provenance = modelled(prompt, line.talk, make)
    result, reply = made.artifact
    return DraftedRule(result, provenance, reply, facts)


def _record(path: Path, kind: str, drafter: str, brief: str, result: DraftResult) -> Draft:
    digest = Artifact(path.name, kind, result.text).digest
    return Draft(
        path.name,
        kind,
        drafter,
        brief,
        digest,
        "",
        open_questions=result.open_questions,
        unused_words=result.unused_words,
    )


def _grounds(workspace: Workspace, brief: str, now: datetime) -> RuleGrounds:
    from undersign.catalogs import attack, log_sources
    from undersign.drafters.neighbours import neighbours
    from undersign.telemetry.profile import cached_schema, refresh

    rules = _vouched_for(workspace, corpus(workspace))
    lake = workspace.lake if workspace.has_lake else None
    schema = (cached_schema(lake) or refresh(lake)) if lake else None
    own = workspace.config.rules
    return RuleGrounds(
        brief=brief,
        attack=attack.load(),
        log_sources=log_sources.load(),
        schema=schema,
        neighbours=neighbours(rules, brief, NEIGHBOURS) if rules.rules else (),
        own_rules=f"{own.relative_to(workspace.root).as_posix()}/"
        if own.is_relative_to(workspace.root)
        else "",
        first_try=_first_try(brief, DraftGrounds(schema, rules if rules.rules else None), now),
    )


def _vouched_for(workspace: Workspace, rules: Corpus) -> Corpus:
    """Leave out drafts that nobody signed: no value is stated because a drafter wrote it."""

    def unsigned(rule: CorpusRule) -> bool:
        beside = Beside(workspace.root / rule.path)
        return beside.record.exists() and not beside.signature.exists()

    kept = tuple(rule for rule in rules.rules if not unsigned(rule))
    # The same object where nothing is left out: what was derived from it is found by that.
    return rules if len(kept) == len(rules.rules) else Corpus(kept)


def _first_try(brief: str, grounds: DraftGrounds, now: datetime) -> DraftResult | None:
    try:
        return call.draft("sigma", brief, OFFLINE, grounds, now=now)
    except BadInput:
        return None  # the offline drafter knows nothing of it: one passage less
