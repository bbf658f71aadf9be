"""Put the literals and outcomes of a question on columns of the table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from undersign.drafters.offline.hunt.desk import Desk
from undersign.drafters.offline.hunt.plan import Addresses, Condition, Hours, Ref, Span, Test
from undersign.drafters.offline.hunt.stated import stated
from undersign.drafters.offline.hunt.worded import (
    booleans,
    calls,
    linked_values,
    named_values,
    programs,
)
from undersign.records.question import Piece, Polarity

_FAILED_WORDS = re.compile(
    r"fail|den(?:y|ied)|block|error|reject|unauthor|refus|invalid|\bno\b", re.I
)
_WORKED_WORDS = re.compile(r"succe|allow|accept|grant|permit|\bok\b|pass", re.I)
PLACED = frozenset(
    {"yesterday", "since yesterday", "today", "since midnight"}
    | {"this week", "this month", "this year"}
)
"""Words of a calendar that every writer can say as a time."""
_OUTCOMES = 0.5
"""Share of a column's values that must read as outcomes."""


def conditions(desk: Desk) -> list[Condition]:
    """Return every condition the question states for this table, each word used once."""
    found: list[Condition] = stated(desk)
    found += linked_values(desk, found)
    found += calls(desk)
    found += programs(desk)
    found += booleans(desk)
    found += named_values(desk)
    found += [test for one in desk.question.polarity for test in _polarity(desk, one)]
    found += _networks(desk)
    found += _hours(desk)
    return _merged(found)


def span(desk: Desk) -> Span | None:
    """Return the time that is read; None when the question states none."""
    asked = desk.question.window
    if asked is None:
        return None
    if desk.table.time is None:
        desk.ask(f"{desk.table.name} has no time column, so '{asked.piece.text}' cannot be applied")
        return None
    if asked.calendar and asked.calendar not in PLACED:
        desk.ask(f"'{asked.piece.text}' cannot be placed; say a date or a length of time")
        return None
    desk.use(asked.piece)
    if asked.seconds is None and not (asked.start or asked.end or asked.calendar):
        return None
    if asked.zone and asked.zone.upper() not in ("UTC", "GMT", "Z"):
        desk.ask(f"the query counts in UTC, and the question says {asked.zone}: shift the times")
    return Span(asked.seconds, asked.start, asked.end, asked.calendar)


def _hours(desk: Desk) -> list[Condition]:
    asked = desk.question.window
    if asked is None or not (asked.hours or asked.weekdays) or desk.table.time is None:
        return []
    desk.use(asked.piece)
    zone = desk.estate.time_zone if desk.estate else None
    if not asked.zone:
        said = f"{asked.hours[0]}:00 to {asked.hours[1]}:00" if asked.hours else "the days"
        desk.ask(f"{said} are taken in UTC; is that meant, or the time of {zone or 'your zone'}?")
    return [Hours(asked.hours, asked.weekdays)]


def _polarity(desk: Desk, one: Polarity) -> list[Condition]:
    """Say failed or worked with what this table really has for it."""
    if desk.is_used(one.piece):
        return []
    test = outcome(desk, failed=one.failed)
    if test is None:
        desk.ask(f"no column of {desk.table.name} is known to tell whether it {one.piece.text}")
        return []
    desk.use(one.piece)
    return [test]


def outcome(desk: Desk, *, failed: bool) -> Test | None:
    """Return the test for a failed or successful outcome in this table."""
    wanted = _FAILED_WORDS if failed else _WORKED_WORDS
    for ref in (*desk.roles("result"), *desk.roles("action")):
        examples = desk.column(ref).examples
        values = tuple(e for e in examples if wanted.search(e))
        if values and len(values) <= 5 and _tells_outcomes(examples):
            return Test((ref,), "==", values)
    errors = desk.role("error")
    result = desk.role("result")
    if result and result.name.lower() in ("resulttype", "statuscode", "result", "errorcode"):
        return _by_code(desk, result, failed=failed)
    if errors and errors.type in ("long", "double"):
        return Test((errors,), "!=" if failed else "==", (0,))
    if errors:
        desk.ask(f"failed is read as: {errors.name} is not empty")
        return Test((errors,), "exists", (), negated=not failed)
    if result and result.type in ("string", "dynamic"):
        word = "Fail" if failed else "Success"
        desk.ask(f"no values of {result.name} are known here; '{word}' is assumed")
        return Test((result,), "contains", (word,))
    return None


def _tells_outcomes(examples: Iterable[str]) -> bool:
    """Tell whether a column is about outcomes: of the names of all calls, a few hold `Block`."""
    said = [bool(_FAILED_WORDS.search(e) or _WORKED_WORDS.search(e)) for e in examples]
    return sum(said) >= _OUTCOMES * len(said)


def _by_code(desk: Desk, ref: Ref, *, failed: bool) -> Test:
    good = "200" if "status" in ref.name.lower() else "0"
    examples = desk.column(ref).examples
    if examples and good not in examples:
        # A column that only failures fill, as CloudTrail's error code.
        desk.ask(f"failed is read as: {ref.name} is not empty")
        return Test((ref,), "exists", (), negated=not failed)
    desk.ask(f"{ref.name} {good} is taken as success")
    return Test((ref,), "!=" if failed else "==", (good,))


def _networks(desk: Desk) -> list[Condition]:
    found: list[Condition] = []
    for one in desk.question.network:
        column = _address_column(desk, one.piece)
        if column is None:
            desk.ask(f"{desk.table.name} has no address column for '{one.piece.text}'")
            continue
        desk.use(one.piece)
        found.append(addresses(desk, column, one.scope))
    return found


def _address_column(desk: Desk, piece: Piece) -> Ref | None:
    said = desk.best_in(piece.start, piece.end + 20)
    if said and re.search("ip|addr", (said.column or "").lower()):
        return desk.ref(said.column or "")
    low = desk.question.text.lower()
    outward = re.search(
        r"\b(?:to|destination|remote|outbound|dest)\b[^,;]{0,30}\Z", low[: piece.start]
    )
    return (
        desk.role("target_address", "source_address")
        if outward
        else desk.role("source_address", "target_address")
    )


def addresses(desk: Desk, column: Ref, scope: str) -> Addresses:
    """Restrict an address column, and say which ranges count."""
    corporate = desk.estate.corporate if desk.estate else ()
    if scope in ("corporate", "non-corporate") and not corporate:
        desk.ask(
            "no corporate ranges are stated ([estate] corporate in undersign.toml): only private, "
            "carrier-grade NAT, loopback and link-local addresses count as your own"
        )
    if scope in ("external", "non-corporate"):
        desk.ask(
            f"values of {column.name} that are no address (services such as ec2.amazonaws.com) "
            "are dropped; keep them?"
        )
    return Addresses(column, scope, corporate)  # type: ignore[arg-type]


def _merged(found: Iterable[Condition]) -> list[Condition]:
    """Put equal tests with different values into one: `is a, b or c`."""
    merged: list[Condition] = []
    for one in found:
        if not isinstance(one, Test) or one.op in ("<", "<=", ">", ">=", "!=", "true", "exists"):
            merged.append(one)
            continue
        same = next(
            (
                i
                for i, m in enumerate(merged)
                if isinstance(m, Test)
                and (m.columns, m.op, m.negated) == (one.columns, one.op, one.negated)
            ),
            None,
        )
        if same is None:
            merged.append(one)
        else:
            old = merged[same]
            assert isinstance(old, Test)
            values = tuple(dict.fromkeys((*old.values, *one.values)))
            case = old.any_case or one.any_case
            merged[same] = Test(old.columns, old.op, values, old.negated, case)
    return list(dict.fromkeys(merged))
