"""Draft a Sigma rule from one English sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from undersign.catalogs.detections import Fields
from undersign.drafters.offline import cases, emit, slots
from undersign.drafters.offline.choose import Choice, best, place_stems
from undersign.drafters.offline.plan import Correlation, Plan, plan
from undersign.drafters.offline.words import Reading, read
from undersign.errors import BadInput
from undersign.records.drafting import DraftGrounds, DraftResult

MAX_BRIEF = 2_000
"""Characters of a brief; more is no longer one sentence."""
_NAMESPACE = UUID("6f1c8f0e-51a5-5d0c-9c39-1f0f8b7f6a55")
LICENCE = "Apache-2.0"


def draft(brief: str, grounds: DraftGrounds, *, now: dt.datetime) -> DraftResult:
    """Write a Sigma rule, and its correlation when something is counted, from a brief.

    Raises:
        BadInput: The brief is empty or too long, or nothing it says is known here.
    """
    brief = " ".join(brief.split())
    if not brief or len(brief) > MAX_BRIEF:
        raise BadInput(
            f"a brief is one sentence of at most {MAX_BRIEF:,} characters",
            hint="say what should be detected, where, and how often",
        )
    reading = read(brief)
    understood = slots.fill(reading)
    choice = best(reading, understood)
    if choice is None:
        raise BadInput(
            "nothing in the brief names a behaviour that is known here",
            hint="name an ATT&CK technique",
        )
    reading.use_stems(choice.stems | place_stems(choice.behaviour))
    made = plan(choice.behaviour, reading, understood, grounds)
    return _result(brief, reading, understood, made, choice, now)


def _result(
    brief: str,
    reading: Reading,
    understood: slots.Slots,
    made: Plan,
    choice: Choice,
    now: dt.datetime,
) -> DraftResult:
    behaviour = choice.behaviour
    sources = (f"behaviour {behaviour.slug} of undersign's catalog ({LICENCE})",)
    text = emit.documents(_comments(made), _parts(brief, understood, made, now))
    return DraftResult(
        text=text,
        tests_text=cases.tests_text(made),
        sources=sources,
        open_questions=tuple(made.questions),
        unused_words=reading.unused(),
        slots=_slots(understood, made),
        slug=behaviour.slug,
    )


def _comments(made: Plan) -> list[str]:
    lines = ["Drafted by undersign, offline. Nobody has read it yet."]
    return lines + [f"Open question: {question}" for question in made.questions]


def _parts(
    brief: str, understood: slots.Slots, made: Plan, now: dt.datetime
) -> list[dict[str, Any]]:
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
    return head | {
        "status": "experimental",
        "description": behaviour.description,
        "references": list(behaviour.references),
        "date": now.date(),
        "tags": [
            *(f"attack.{tactic}" for tactic in behaviour.tactics),
            f"attack.{behaviour.technique.lower()}",
        ],
    }


def _rule(brief: str, made: Plan, now: dt.datetime, level: str) -> dict[str, Any]:
    behaviour = made.behaviour
    title = behaviour.title if made.correlation is None else behaviour.event_title
    rule = _head(brief, made, title or behaviour.title, "rule", now)
    rule["logsource"] = dict(behaviour.family.logsource)
    rule["detection"] = _detection(made.selections)
    rule["falsepositives"] = list(behaviour.false_positives)
    rule["level"] = level or "informational"
    return rule


def _detection(selections: Mapping[str, tuple[Fields, ...]]) -> dict[str, Any]:
    detection: dict[str, Any] = {}
    for name, alternatives in selections.items():
        maps = [_plain(fields) for fields in alternatives]
        detection[name] = maps[0] if len(maps) == 1 else maps
    detection["condition"] = condition(list(selections))
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
    document["falsepositives"] = list(made.behaviour.false_positives)
    document["level"] = level
    document["undersign"] = {"threshold": emit.on_one_line(counting.origin)}
    return document


def _slots(understood: slots.Slots, made: Plan) -> dict[str, Any]:
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
