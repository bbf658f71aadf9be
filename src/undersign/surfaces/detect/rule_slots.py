"""The slots of a reply -> a Sigma rule: the YAML is written here, so a reply holds values only."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from undersign.catalogs.attack import Attack
from undersign.catalogs.log_sources import LogSources
from undersign.languages import yaml_text
from undersign.records.drafting import DraftResult
from undersign.records.history import ThresholdProposal
from undersign.workflow.replies import prose, questions, unstated, unused

_NAMESPACE = UUID("6f1c8f0e-51a5-5d0c-9c39-1f0f8b7f6a55")
_RESERVED = ("condition", "timeframe")
_START = "2026-01-05T10:00:00Z"
"""When the invented example events happen."""


class SlotFault(Exception):
    """Slots that fit their schema and still make no rule; the message says which and why."""


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What a rule is made of besides the slots."""

    drafter: str
    brief: str
    now: dt.datetime
    attack: Attack
    log_sources: LogSources
    neighbours: tuple[str, ...] = ()
    """How each neighbour rule that was shown is cited, in the order in which it was shown."""
    stated: tuple[str, ...] = ()
    """Texts a value may come from: the brief, neighbours, the first try, values really seen."""
    threshold: ThresholdProposal | None = None
    """Measured on history; takes the place of a number the drafter guessed."""
    snapshot: str = ""
    days: float = field(default=0.0)


def rule(slots: Mapping[str, Any], facts: RuleFacts) -> DraftResult:
    """Write the rule, and its correlation if it counts something, with the proposed tests.

    Raises SlotFault when selections clash or cannot be written.
    """
    detection = _detection(slots)
    slug = _slug(slots["title"])
    head = _Head(slots, facts, slug)
    parts = [head.rule(detection)]
    if slots["correlation"]:
        parts.append(head.correlation(slots["correlation"]))
    asked = [
        *questions(slots, facts.drafter),
        *head.doubts(),
        *unstated(_values(slots), (facts.brief, *facts.stated), slots["value_reasons"]),
    ]
    comments = [f"Drafted by {prose(facts.drafter)}; the record beside this file says from what."]
    return DraftResult(
        text=yaml_text.documents([*comments, *(f"Open question: {q}" for q in asked)], parts),
        tests_text=_tests(slots, facts),
        sources=_sources(slots, facts),
        open_questions=tuple(asked),
        unused_words=unused(slots, facts.brief),
        slots=_understood(slots, head),
        slug=slug,
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """The documents of one rule file."""

    slots: Mapping[str, Any]
    facts: RuleFacts
    slug: str

    @property
    def counts(self) -> bool:
        return bool(self.slots["correlation"])

    def rule(self, detection: Mapping[str, Any]) -> dict[str, Any]:
        document = self._head("rule", self.slots["title"])
        source = self.slots["logsource"]
        document["logsource"] = {k: prose(v) for k, v in source.items() if v}
        document["detection"] = dict(detection)
        return self._tail(document, "informational" if self.counts else self.slots["level"])

    def correlation(self, counted: Mapping[str, Any]) -> dict[str, Any]:
        per = ", ".join(counted["group_by"]) or "the whole estate"
        document = self._head("correlation", f"{self.slots['title']}, counted per {per}")
        operator, threshold, origin = self.threshold(counted)
        compared: dict[str, Any] = {operator: threshold}
        if counted["type"] == "value_count" and counted["field"]:
            compared["field"] = prose(counted["field"])
        document["correlation"] = {
            "type": counted["type"],
            "rules": [self.slug],
            "group-by": [prose(name) for name in counted["group_by"]],
            "timespan": counted["timespan"],
            "condition": compared,
        }
        whole = self._tail(document, self.slots["level"])
        return whole | {"undersign": {"threshold": yaml_text.on_one_line(origin)}}

    def threshold(self, counted: Mapping[str, Any]) -> tuple[str, int, dict[str, Any]]:
        """Return operator, number and where the number comes from; a claim of the drafter that the
        brief states it holds only when the brief does."""
        value, measured = counted["threshold"], self.facts.threshold
        digits = re.sub(r"(?<=\d)[,_](?=\d)", "", self.facts.brief)
        if counted["threshold_from"] == "brief" and re.search(rf"(?<!\d){value}(?!\d)", digits):
            return counted["operator"], value, {"from": "brief", "value": value}
        if measured is None:
            return counted["operator"], value, {"from": "unmeasured", "value": value}
        origin = {"from": "history", "value": measured.value, "percentile": measured.percentile}
        origin |= {"snapshot": self.facts.snapshot} if self.facts.snapshot else {}
        origin |= {"days": round(self.facts.days, 1)} if self.facts.days else {}
        return "gte", measured.value, origin

    def doubts(self) -> Iterator[str]:
        """Ask about a number that neither the brief nor history gave."""
        counted = self.slots["correlation"]
        if counted and self.threshold(counted)[2]["from"] == "unmeasured":
            yield (
                f"{counted['threshold']} is a number the drafter chose; how many is that here? Run"
                " `undersign baseline` on this rule once there is history."
            )

    def _head(self, part: str, title: str) -> dict[str, Any]:
        seed = f"{self.slug}\n{part}\n{self.facts.brief}"
        head: dict[str, Any] = {"title": prose(title), "id": str(uuid5(_NAMESPACE, seed))}
        if self.counts and part == "rule":
            head["name"] = self.slug
        head |= {"status": "experimental", "description": prose(self.slots["description"])}
        known = [t for t in self.slots["techniques"] if t in self.facts.attack.techniques]
        if known:
            pages = (t.replace(".", "/") for t in known)
            head["references"] = [f"https://attack.mitre.org/techniques/{page}/" for page in pages]
        head["date"] = self.facts.now.date()
        tags = self._tags()
        return head | ({"tags": tags} if tags else {})

    def _tags(self) -> list[str]:
        """Name the tactics that the techniques really have, of those the drafter chose if any."""
        known = self.facts.attack.techniques
        tactics: list[str] = []
        for technique in self.slots["techniques"]:
            has = known[technique].tactics if technique in known else ()
            tactics += [t for t in has if t in self.slots["tactics"]] or list(has)
        tags = [f"attack.{name}" for name in (*tactics, *map(str.lower, self.slots["techniques"]))]
        return list(dict.fromkeys(tags))

    def _tail(self, document: dict[str, Any], level: str) -> dict[str, Any]:
        harmless = [prose(one) for one in self.slots["false_positives"]]
        return document | ({"falsepositives": harmless} if harmless else {}) | {"level": level}


def _detection(slots: Mapping[str, Any]) -> dict[str, Any]:
    detection: dict[str, Any] = {}
    for selection in slots["selections"]:
        name = selection["name"]
        if name in detection or name.lower() in _RESERVED:
            raise SlotFault(f"the selection name {name!r} is taken; give each its own")
        maps = [_alternative(one, name) for one in selection["any_of"]]
        detection[name] = maps[0] if len(maps) == 1 else maps
    return detection | {"condition": " ".join(slots["condition"].split())}


def _alternative(comparisons: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for one in comparisons:
        if "|" in one["field"] or not one["field"].isprintable():
            raise SlotFault(f"in {name!r} a field name holds a bar or something unprintable")
        key = "|".join((one["field"].strip(), *one["modifiers"]))
        if key in fields:
            raise SlotFault(
                f"in {name!r} {key!r} is compared twice in one alternative; put the values that"
                " may all occur in one list, and those that must all hold in one list with `all`"
            )
        values = one["values"]
        if any(isinstance(value, str) and not value.isprintable() for value in values):
            raise SlotFault(f"a value of {key!r} holds a character that nobody can see")
        fields[key] = values[0] if len(values) == 1 else list(values)
    return fields


def _values(slots: Mapping[str, Any]) -> Iterator[object]:
    for selection in slots["selections"]:
        for alternative in selection["any_of"]:
            for one in alternative:
                yield from one["values"]


def _tests(slots: Mapping[str, Any], facts: RuleFacts) -> str:
    """Write the examples as proposed tests; what every event of the source has is added."""
    asked = slots["logsource"]
    answers = facts.log_sources.answers(asked["product"], asked["category"], asked["service"])
    always = _always(answers[0].source.detect, answers[0].source.time) if answers else {}
    cases: list[dict[str, Any]] = []
    for example in slots["examples"]:
        event = always | {prose(f["field"]): f["value"] for f in example["fields"]}
        expect = "match" if example["matches"] else "no-match"
        head = {"name": prose(example["name"]), "expect": expect}
        written = {k: v for k, v in event.items() if v is not None}
        cases.append(head | {"written_by": prose(facts.drafter), "event": written})
    return yaml_text.items(cases)


def _always(
    detect: tuple[Mapping[str, tuple[str, ...]], ...], time: tuple[str, ...]
) -> dict[str, Any]:
    first = detect[0] if detect else {}
    fixed = {name: values[0] for name, values in first.items() if values and values[0] != "*"}
    return ({time[0]: _START} if time else {}) | fixed


def _sources(slots: Mapping[str, Any], facts: RuleFacts) -> tuple[str, ...]:
    numbers = [n for n in dict.fromkeys(slots["leaned_on"]) if n <= len(facts.neighbours)]
    return tuple(f"leaned on {facts.neighbours[n - 1]}" for n in numbers)


def _understood(slots: Mapping[str, Any], head: _Head) -> dict[str, Any]:
    source = ", ".join(f"{k}: {prose(v)}" for k, v in slots["logsource"].items() if v)
    found: dict[str, Any] = {"technique": ", ".join(slots["techniques"]), "source": source}
    found["level"] = slots["level"]
    counted = slots["correlation"]
    if counted:
        operator, threshold, origin = head.threshold(counted)
        found |= {
            "count": f"{operator} {threshold}",
            "count_from": origin["from"],
            "counted": prose(counted["field"] or "events"),
            "group_by": ", ".join(map(prose, counted["group_by"])),
            "window": counted["timespan"],
        }
    return {k: v for k, v in found.items() if v}


def _slug(title: str) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "_".join(words[:6])[:60] or "rule"
