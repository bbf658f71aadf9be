"""Published rules over real events: the columnar matcher against an evaluator that shares no code.

Two hundred rules and twenty thousand events are drawn by a fixed seed, and sixty more of the rules
that match something here, because most of a blind sample stays silent. Every rule must match as
often as the slow oracle says, over columns in memory and over a lake on disk. And every recorded
true positive that the rules' publishers ship must fire its own rule.
"""

from __future__ import annotations

import gzip
import json
import random
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from oracle import evaluate as oracle
from undersign.catalogs.log_sources import Answer, load
from undersign.languages.sigma import parse
from undersign.languages.sigma.document import Rule
from undersign.records.event import Event, Record
from undersign.telemetry.ingest import ingest
from undersign.telemetry.lake import Lake
from undersign.telemetry.layout import Table
from undersign.telemetry.match.chunk import Files, Memory
from undersign.telemetry.match.program import Program
from undersign.telemetry.match.run import Chunks, Matcher
from undersign.telemetry.memory import in_memory
from undersign.telemetry.readers import read
from undersign.telemetry.rule_tests import table_of
from undersign.telemetry.shape import shape_dict, shape_record
from undersign.telemetry.shape.shaper import Shaper

SEED = 20260101
RULES, LOUD_RULES, EVENTS = 200, 60, 20_000
LOGS = ("windows_otrf", "windows_evtx", "windows_benign")


@dataclass(frozen=True, slots=True)
class Published:
    """One published rule: as read here, and as plain YAML for the oracle."""

    path: str
    rule: Rule
    raw: Mapping[str, Any]


@cache
def _published(archive: Path) -> tuple[Published, ...]:
    found = []
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.name.endswith(".yml") else None
            if stream is None:
                continue
            text = stream.read().decode()
            file = parse(text)
            if len(file.rules) == 1:
                raw = yaml.load(text, Loader=yaml.CSafeLoader)
                found.append(Published(member.name, file.rules[0], raw))
    return tuple(sorted(found, key=lambda p: p.path))


@pytest.fixture(scope="module")
def rules(shared_data: Path) -> tuple[Published, ...]:
    return _published(shared_data / "sigma" / "sigmahq_rules.tar.gz")


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> list[str]:
    everything: list[str] = []
    for name in LOGS:
        with gzip.open(shared_data / "logs" / f"{name}.jsonl.gz", "rt") as stream:
            everything += [line for line in stream if line.strip()]
    # Distinct, because a lake keeps an event that one file holds twice apart, but not two files'.
    return random.Random(SEED).sample(sorted(set(everything)), EVENTS)


@pytest.fixture(scope="module")
def events(lines: list[str]) -> list[Event]:
    return [shape_dict(json.loads(line), load()) for line in lines]


@pytest.fixture(scope="module")
def columns(events: list[Event]) -> Mapping[str, Any]:
    return in_memory(events, load())


@pytest.fixture(scope="module")
def drawn(rules: tuple[Published, ...], columns: Mapping[str, Any]) -> list[Published]:
    windows = [p for p in rules if p.rule.logsource.product == "windows"]
    assert len(windows) > 2_800
    chance = random.Random(SEED)
    blind = chance.sample(windows, RULES)
    counts = _counts(windows, _described(columns), Memory(columns))
    loud = [p for p in windows if counts[p.path] and p not in blind]
    return blind + chance.sample(loud, LOUD_RULES)


@pytest.fixture(scope="module")
def expected(drawn: list[Published], events: list[Event]) -> dict[str, int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oracle, "_check", _once(oracle._check))
        return {p.path: _oracle(p, events) for p in drawn}


def _once(check: Callable[..., oracle.Check]) -> Callable[..., oracle.Check]:
    """Prepare each comparison once: preparing costs the oracle far more than comparing."""
    known: dict[tuple[Any, ...], oracle.Check] = {}

    def prepared(value: Any, modifiers: list[str], has_field: bool) -> oracle.Check:
        key = (type(value), value, *modifiers, has_field)
        if key not in known:
            known[key] = check(value, modifiers, has_field)
        return known[key]

    return prepared


def _oracle(published: Published, events: list[Event]) -> int:
    """Count matches; events that are equal in every field that the rule names are tried once."""
    detection = published.raw["detection"]
    named = None if _has_keywords(detection) else {f.lower() for f in _fields(detection)}
    known: dict[str, bool] = {}
    count = 0
    for event in _asked(published.rule, events):
        seen = {n: v for n, v in event.items() if named is None or n.lower() in named}
        key = repr(sorted(seen.items(), key=str))
        if key not in known:
            known[key] = oracle.matches(published.raw, seen)
        count += known[key]
    return count


def _has_keywords(detection: Mapping[str, Any]) -> bool:
    selections = [v for name, v in detection.items() if name not in ("condition", "timeframe")]
    flat = [e for s in selections for e in (s if isinstance(s, list) else [s])]
    return not all(isinstance(e, dict) for e in flat) or "" in _fields(detection)


def _fields(written: Any) -> set[str]:
    if isinstance(written, list):
        return set().union(*(_fields(e) for e in written))
    if not isinstance(written, dict):
        return set()
    refer = {str(v) for name, v in written.items() if "|fieldref" in name}
    return {n.split("|")[0] for n in written} | refer | _fields(list(written.values()))


def _asked(rule: Rule, events: list[Event]) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a rule's log source, each once, under the names the rule uses."""
    asked = rule.logsource
    answers: dict[str, list[Answer]] = {}
    for answer in load().answers(asked.product, asked.category, asked.service):
        answers.setdefault(answer.source.name, []).append(answer)
    for event in events:
        fitting = [a for a in answers.get(event.source, ()) if _holds(a, event)]
        if fitting:
            assert len({tuple(sorted(a.route.rename.items())) for a in fitting}) == 1
            yield _renamed(fitting[0], event)


def _holds(answer: Answer, event: Event) -> bool:
    if not answer.route.where:
        return True
    values = {name.lower(): value for name, value in event.values.items()}
    return all(
        str(values.get(column.lower())).lower() in {w.lower() for w in wanted}
        for column, wanted in answer.route.where.items()
    )


def _renamed(answer: Answer, event: Event) -> Mapping[str, Any]:
    if not answer.route.rename:
        return event.values
    rename = {field.lower(): column.lower() for field, column in answer.route.rename.items()}
    values = {name: value for name, value in event.values.items() if name.lower() not in rename}
    lowered = {name.lower(): value for name, value in event.values.items()}
    return {**values, **{field: lowered.get(column) for field, column in rename.items()}}


def _counts(drawn: list[Published], tables: Mapping[str, Table], source: Chunks) -> dict[str, int]:
    counts = dict.fromkeys((p.path for p in drawn), 0)
    matcher = Matcher(Program([p.rule for p in drawn], load()), tables)
    for hit in matcher.hits(source):
        counts[drawn[hit.rule].path] += len(hit.rows)
    return counts


def _described(data: Mapping[str, Any]) -> dict[str, Table]:
    return {name: table_of(name, rows) for name, rows in data.items()}


def test_rules_match_in_memory_as_the_oracle_says(
    drawn: list[Published], columns: Mapping[str, Any], expected: dict[str, int]
) -> None:
    assert _counts(drawn, _described(columns), Memory(columns)) == expected
    assert sum(expected.values()) > 300, "a sample in which little matches says little"
    assert sum(n > 0 for n in expected.values()) > 70


def test_rules_match_in_a_lake_as_the_oracle_says(
    drawn: list[Published], lines: list[str], expected: dict[str, int], tmp_path: Path
) -> None:
    file = tmp_path / "drawn.jsonl"
    file.write_text("".join(lines), encoding="utf-8")
    lake = Lake(tmp_path / "state" / "lake")
    report = ingest([file], lake, load(), now=datetime(2026, 1, 1, tzinfo=UTC))
    assert (report.rejected_total, sum(t.rows for t in report.tables)) == (0, EVENTS)
    assert _counts(drawn, lake.tables(), Files()) == expected


def test_recorded_true_positives_fire_their_own_rules(
    rules: tuple[Published, ...], shared_data: Path, tmp_path: Path
) -> None:
    by_id = {str(p.raw.get("id")): p for p in rules}
    silent, fired = [], 0
    for name, rule_id, files in _recorded(shared_data, tmp_path):
        published = by_id.get(rule_id)
        if published is None:
            continue
        if _fires(published, files):
            fired += 1
        else:
            silent.append(name)
    assert not silent
    assert fired >= 189


def _recorded(shared_data: Path, folder: Path) -> Iterator[tuple[str, str, list[Path]]]:
    with tarfile.open(shared_data / "sigma" / "sigmahq_regression.tar.gz") as tar:
        tar.extractall(folder, filter="data")
    for info in sorted(folder.rglob("info.yml")):
        said = yaml.safe_load(info.read_text(encoding="utf-8"))
        files = [f for f in sorted(info.parent.iterdir()) if f.suffix == ".evtx"]
        if files:
            yield info.parent.name, str(said["rule_metadata"][0]["id"]), files


def _fires(published: Published, files: list[Path]) -> bool:
    shaper = Shaper(load(), None, None)
    records = [r for file in files for r in read(file) if isinstance(r, Record)]
    events = [e for r in records if isinstance(e := shape_record(shaper, r, ""), Event)]
    data = in_memory(events, load())
    matcher = Matcher(Program([published.rule], load()), _described(data))
    return any(hit.rows.size for hit in matcher.hits(Memory(data)))
