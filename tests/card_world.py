"""The small world of a card: grounds of truth built from a few lines of TOML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import candidate_world
import query_world
import respond_world
import reviewed_world
import system_world
from undersign.catalogs import attack, log_sources
from undersign.checks.cards import Example
from undersign.checks.spec import Check, Grounds, ground_name, needs_of, run
from undersign.languages.sigma import parse
from undersign.records.artifact import Artifact, Draft
from undersign.records.corpus import Corpus, CorpusRule
from undersign.records.finding import Outcome, Status
from undersign.records.history import (
    Contributor,
    Exclusion,
    Histories,
    History,
    Rate,
    ThresholdProposal,
)
from undersign.records.question import Links, Question
from undersign.records.rule_tests import RuleTests, TestCase
from undersign.records.visible import Visible
from undersign.telemetry.schema import FieldStats, Schema, TableSchema

PATH = "rules/card.yml"


def grounds_of(example: Example | str) -> Grounds:
    """Build what the TOML of a card states; catalogs are the packaged ones."""
    if isinstance(example, str):
        example = Example("", grounds=example)
    if example.language == "python":
        return candidate_world.grounds_of(example)
    if example.language == "review":
        return reviewed_world.grounds_of(example)
    if example.language in respond_world.LANGUAGES:
        return respond_world.grounds_of(example)
    if example.language == "system":
        return system_world.grounds_of(example)
    stated = tomllib.loads(example.grounds)
    found: list[object] = [attack.load(), log_sources.load()]
    found += [BUILDERS[name](body) for name, body in stated.items() if name != "visible"]
    if "visible" in stated:
        found.append(query_world.visible_of(example.language, stated["visible"]))
    by_type = {type(g): g for g in found}
    if Question in by_type and Visible in by_type:
        by_type[Links] = query_world.links_of(by_type[Question], by_type[Visible])
    return Grounds(by_type, {})


def without_grounds() -> Grounds:
    return Grounds({}, {})


def outcome_of(check: Check, example: Example, grounds: Grounds) -> Outcome:
    if example.language == "python":
        candidate = candidate_world.candidate_of(example)
        return run(check, Artifact(candidate.file, "candidate", ""), candidate, grounds)
    if example.language == "review":
        text = reviewed_world.text_of(example)
        return run(check, Artifact(PATH, "review", text), reviewed_world.parsed(text), grounds)
    if example.language in respond_world.LANGUAGES:
        return respond_world.outcome_of(check, example, grounds)
    if example.language == "system":
        return system_world.outcome_of(check, example, grounds)
    kind = "sigma" if example.language == "yaml" else example.language
    if kind == "sigma":
        parsed: object = parse(example.rule)
    else:
        parsed = query_world.query_of(kind, example.rule, grounds.by_type.get(Visible))
    return run(check, Artifact(PATH, kind, example.rule), parsed, grounds)


def required(check: Check) -> tuple[str, ...]:
    """Return the names of the grounds that a check cannot do without."""
    hints = needs_of(check.load()).values()
    return tuple(ground_name(hint) for hint in hints if isinstance(hint, type))


def golden(outcome: Outcome) -> str:
    """Write an outcome as the lines of a card's `findings` block."""
    if outcome.status is Status.NOT_RUN:
        return f"not run: needs {', '.join(outcome.needs)}\n"
    lines = [
        f"{f.span.line}:{f.span.column} {f.severity} {f.message}"
        if f.span
        else f"-:- {f.severity} {f.message}"
        for f in outcome.findings
    ]
    return "".join(line + "\n" for line in lines)


def _schema(body: Mapping[str, Any]) -> Schema:
    tables = {}
    for name, table in body.items():
        fields = {
            field: FieldStats(field, kind, 0.0 if field in table.get("empty", ()) else 1.0)
            for field, kind in table.get("fields", {}).items()
        }
        tables[name] = TableSchema(name, name, table.get("rows", 1000), None, None, fields)
    return Schema(tables, "s1")


def _histories(body: list[dict[str, Any]]) -> Histories:
    return Histories({e.pop("document", i): _history(e) for i, e in enumerate(body)})


def _history(entry: dict[str, Any]) -> History:
    rate = entry.pop("rate", None)
    threshold = entry.pop("threshold", None)
    top = tuple(Contributor(**t) for t in entry.pop("top", ()))
    exclusions = tuple(
        Exclusion(**{**e, "loses": tuple(e.get("loses", ()))}) for e in entry.pop("exclusions", ())
    )
    return History(
        path=PATH,
        title="card",
        artifact_digest="",
        status=entry.pop("status", "measured"),
        missing=tuple(entry.pop("missing", ())),
        rate_per_day=Rate(rate[0], rate[1], rate[2], "poisson") if rate else None,
        threshold=ThresholdProposal(**threshold) if threshold else None,
        top=top,
        exclusions=exclusions,
        snapshot="s1",
        **entry,
    )


def _tests(body: list[dict[str, Any]]) -> RuleTests:
    cases = (
        TestCase(
            name=case["name"],
            expect_match=case["expect"] == "match",
            written_by=case.get("written_by", "person:a"),
            passed=case.get("passed", True),
            detail=case.get("detail", ""),
        )
        for case in body
        if case
    )
    return RuleTests("rules/card.tests.yml", tuple(cases))


def _corpus(body: list[dict[str, Any]]) -> Corpus:
    return Corpus(
        tuple(
            CorpusRule(
                path=rule["path"],
                title=rule["title"],
                id=rule.get("id"),
                description="",
                tags=(),
                logsource=tuple(rule["logsource"].get(k) for k in LOGSOURCE_KEYS),
                level=None,
                detection=json.dumps(rule.get("detection", {}), sort_keys=True),
            )
            for rule in body
        )
    )


def _draft(body: Mapping[str, Any]) -> Draft:
    return Draft(
        path=PATH,
        kind="sigma",
        drafter=body.get("drafter", "offline"),
        brief=body.get("brief", ""),
        artifact_digest="",
        drafted_at="2026-01-01T00:00:00Z",
        open_questions=tuple(body.get("open_questions", ())),
        unused_words=tuple(body.get("unused_words", ())),
    )


LOGSOURCE_KEYS = ("product", "category", "service")
BUILDERS: Mapping[str, Callable[[Any], object]] = {
    "schema": _schema,
    "history": _histories,
    "tests": _tests,
    "corpus": _corpus,
    "draft": _draft,
    "question": query_world.question_of,
    "run": query_world.run_of,
    "estate": query_world.estate_of,
    "summary": query_world.summary_of,
}
