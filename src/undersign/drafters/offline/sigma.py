"""Draft a Sigma rule from one English sentence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID, uuid5

from undersign.catalogs.detections import Fields
from undersign.drafters.offline import cases, fallback, retrieve, slots
from undersign.drafters.offline.choose import NAMED, Choice, best, place_stems, rank
from undersign.drafters.offline.plan import Correlation, Plan, plan
from undersign.drafters.offline.retrieve import Neighbour
from undersign.drafters.offline.slots import Slots
from undersign.drafters.offline.words import Reading, read, telling_stems
from undersign.errors import BadInput
from undersign.languages import yaml_text
from undersign.records.drafting import DraftGrounds, DraftResult

MAX_BRIEF = 2_000
"""Characters of a brief; more is no longer one sentence."""
_NAMESPACE = UUID("6f1c8f0e-51a5-5d0c-9c39-1f0f8b7f6a55")
LICENCE = "Apache-2.0"
MARGIN = 0.35
"""Share of a brief's telling words by which a published rule must be ahead of the catalog."""
CITED = 2
"""Neighbours named as further reading when the catalog itself knows the behaviour."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One brief on its way to a draft."""

    brief: str
    reading: Reading
    slots: Slots
    grounds: DraftGrounds
    now: dt.datetime

    @property
    def prose(self) -> str:
        """Return the brief without the values it states, which no rule's prose repeats."""
        text = self.brief
        for one in reversed(self.slots.literals):
            text = text[: one.start] + text[one.end :]
        return text


def draft(brief: str, grounds: DraftGrounds, *, now: dt.datetime) -> DraftResult:
    """Write a Sigma rule, and its correlation when something is counted, from a brief.

    The catalog's behaviours come first, then rules of the corpus, then the brief's literals alone.

    Raises:
        BadInput: The brief is empty or too long, or says nothing that is known here.
    """
    brief = " ".join(brief.split())
    if not brief or len(brief) > MAX_BRIEF:
        raise BadInput(
            f"a brief is one sentence of at most {MAX_BRIEF:,} characters",
            hint="say what should be detected, where, and how often",
        )
    reading = read(brief)
    task = _Task(brief, reading, slots.fill(reading), grounds, now)
    found = retrieve.nearest(grounds.corpus, task.prose) if grounds.corpus else []
    choice = best(reading, task.slots)
    if choice is not None and not _fits_better(found, choice, task):
        reading.use_stems(choice.stems | place_stems(choice.behaviour))
        made = plan(choice.behaviour, reading, task.slots, grounds)
        sources = [f"behaviour {choice.behaviour.slug} of undersign's catalog ({LICENCE})"]
        sources += [f"see also {retrieve.cited(n.rule)}" for n in _related(found, choice)]
        return _result(task, made, sources)
    return _adapted(task, found) or _from_literals(task) or _refuse(task)


def _related(found: list[Neighbour], choice: Choice) -> list[Neighbour]:
    """Return the neighbours worth a person's look: on the whole brief, or on the technique."""
    tag = f"attack.{choice.behaviour.technique.lower()}"
    return [n for n in found if n.whole or tag in n.rule.tags][:CITED]


def _fits_better(found: list[Neighbour], choice: Choice, task: _Task) -> bool:
    """Tell whether a published rule speaks of clearly more of the brief than the behaviour does."""
    if choice.score >= NAMED / 2:
        return False
    telling = telling_stems(read(task.prose))
    best_shared = max((len(n.shared) for n in found if n.whole), default=0)
    return best_shared - len(choice.stems & telling) > MARGIN * len(telling)


def _adapted(task: _Task, found: list[Neighbour]) -> DraftResult | None:
    for adapted, neighbour in fallback.from_neighbours(found, task.grounds):
        task.reading.use_stems(neighbour.shared | place_stems(adapted.behaviour))
        made = plan(adapted.behaviour, task.reading, task.slots, task.grounds)
        made.detection, made.condition = adapted.detection, adapted.condition
        made.related = neighbour.rule.id or ""
        made.questions.insert(
            0,
            f"No behaviour of the catalog fits; this is the published rule '{neighbour.rule.title}'"
            " with what the brief adds. Is it what was meant, and does its licence allow it?",
        )
        return _result(task, made, [f"adapted from {retrieve.cited(neighbour.rule)}"])
    return None


def _from_literals(task: _Task) -> DraftResult | None:
    behaviour = fallback.from_literals(task.reading, task.slots)
    if behaviour is None:
        return None
    task.reading.use_stems(place_stems(behaviour))
    made = plan(behaviour, task.reading, task.slots, task.grounds)
    if not any(not name.startswith("filter") for name in made.selections):
        return None
    made.questions.insert(
        0,
        "No behaviour of the catalog fits; only the values the brief states are compared. Which"
        " ATT&CK technique is this, what harmless activity would match, and how urgent is it?",
    )
    return _result(task, made, ["the brief alone"])


def _refuse(task: _Task) -> NoReturn:
    near = [
        f"{c.behaviour.title} ({c.behaviour.technique})" for c in rank(task.reading, task.slots)
    ]
    understood = [f"{one.kind} {one.value}" for one in task.slots.literals]
    understood += [f"window {task.slots.window}"] if task.slots.window else []
    message = "nothing in the brief names a behaviour that is known here"
    if understood:
        message += f"; understood was only: {', '.join(understood)}"
    hint = "name an ATT&CK technique or tool, or a log source and a value to look for"
    if near:
        hint += f"; nearest known: {'; '.join(near[:3])}"
    raise BadInput(message, line=1, column=1, hint=hint)


def _result(task: _Task, made: Plan, sources: list[str]) -> DraftResult:
    parts = _parts(task.brief, task.slots, made, task.now)
    return DraftResult(
        text=yaml_text.documents(_comments(made, sources), parts),
        tests_text=cases.tests_text(made),
        sources=tuple(sources),
        open_questions=tuple(made.questions),
        unused_words=task.reading.unused(),
        slots=_slots(task.slots, made),
        slug=made.behaviour.slug,
    )


def _comments(made: Plan, sources: list[str]) -> list[str]:
    lines = ["Drafted by undersign, offline; the record beside this file says from what."]
    lines += [
        f"{source[:1].upper()}{source[1:]}." for source in sources if source.startswith("adapted")
    ]
    return lines + [f"Open question: {question}" for question in made.questions]


def _parts(brief: str, understood: Slots, made: Plan, now: dt.datetime) -> list[dict[str, Any]]:
    level = understood.level or made.behaviour.level
    if made.correlation is None:
        return [_rule(brief, made, now, level)]
    return [_rule(brief, made, now, ""), _counting(brief, made, made.correlation, now, level)]


def _head(brief: str, made: Plan, title: str, part: str, now: dt.datetime) -> dict[str, Any]:
    behaviour = made.behaviour
    seed = f"{behaviour.slug}\n{part}\n{brief}"
    head: dict[str, Any] = {"title": title, "id": str(uuid5(_NAMESPACE, seed))}
    if made.correlation is not None and part == "rule":
        head["name"] = behaviour.slug
    if made.related:
        head["related"] = [{"id": made.related, "type": "derived"}]
    head |= {"status": "experimental", "description": behaviour.description}
    if behaviour.references:
        head["references"] = list(behaviour.references)
    head["date"] = now.date()
    tags = [f"attack.{tactic}" for tactic in behaviour.tactics]
    tags += [f"attack.{behaviour.technique.lower()}"] if behaviour.technique else []
    return head | ({"tags": tags} if tags else {})


def _rule(brief: str, made: Plan, now: dt.datetime, level: str) -> dict[str, Any]:
    behaviour = made.behaviour
    title = behaviour.title if made.correlation is None else behaviour.event_title
    rule = _head(brief, made, title or behaviour.title, "rule", now)
    rule["logsource"] = dict(behaviour.family.logsource)
    rule["detection"] = _detection(made)
    if behaviour.false_positives:
        rule["falsepositives"] = list(behaviour.false_positives)
    rule["level"] = level or "informational"
    return rule


def _detection(made: Plan) -> dict[str, Any]:
    detection: dict[str, Any] = dict(made.detection)
    added = []
    for name, alternatives in made.selections.items():
        # A pattern of an adapted condition must not take in what the brief adds.
        written = f"brief_{name}" if made.condition else name
        maps = [_plain(fields) for fields in alternatives]
        detection[written] = maps[0] if len(maps) == 1 else maps
        added.append(f"not {written}" if name.startswith("filter") else written)
    if made.condition:
        whole = [f"({made.condition})" if added else made.condition, *added]
        detection["condition"] = " and ".join(whole)
    else:
        detection["condition"] = condition(list(made.selections))
    return detection


def condition(names: list[str]) -> str:
    """Write the condition: every selection holds and none of the filters."""
    wanted = [n for n in names if not n.startswith("filter")]
    excluded = [n for n in names if n.startswith("filter")]
    if len(wanted) > 1 and all(n.startswith("selection_") for n in wanted):
        text = "all of selection_*"
    else:
        text = " and ".join(wanted)
    if len(excluded) > 1:
        return f"{text} and not 1 of filter_*"
    return f"{text} and not {excluded[0]}" if excluded else text


def _plain(fields: Fields) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()}


def _counting(
    brief: str, made: Plan, counting: Correlation, now: dt.datetime, level: str
) -> dict[str, Any]:
    document = _head(brief, made, made.behaviour.title, "correlation", now)
    compared: dict[str, Any] = {counting.operator: counting.threshold}
    if counting.field:
        compared["field"] = counting.field
    document["correlation"] = {
        "type": counting.type,
        "rules": [made.behaviour.slug],
        "group-by": [counting.group_by],
        "timespan": counting.timespan,
        "condition": compared,
    }
    if made.behaviour.false_positives:
        document["falsepositives"] = list(made.behaviour.false_positives)
    document["level"] = level
    document["undersign"] = {"threshold": yaml_text.on_one_line(counting.origin)}
    return document


def _slots(understood: Slots, made: Plan) -> dict[str, Any]:
    behaviour, counting = made.behaviour, made.correlation
    found: dict[str, Any] = {
        "technique": behaviour.technique,
        "behaviour": behaviour.slug,
        "source": ", ".join(f"{k}: {v}" for k, v in behaviour.family.logsource.items()),
        "actor": ", ".join(made.asked),
        "literals": [
            f"{'not ' if one.negated else ''}{one.kind} {one.value}" for one in understood.literals
        ],
        "hours": understood.hours,
        "level": understood.level,
    }
    if counting is not None:
        found |= {
            "count": f"{counting.operator} {counting.threshold}",
            "count_from": counting.origin["from"],
            "counted": counting.field or "events",
            "group_by": counting.group_by,
            "window": counting.timespan,
        }
    return {k: v for k, v in found.items() if v}
