"""Faults planted in real KQL: each function changes one thing in a query that was right.

A planted fault says where it stands, which names tell that it was noticed, and whether question or
schema give any basis to notice it (`decidable`). That is decided here, from the description, the
schema and the original alone; nothing of the checks under test is asked.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from undersign.records.artifact import Span
from undersign.records.query import Comparison, Literal, Pipeline, Query, Stage, comparisons
from undersign.records.visible import Visible


@dataclass(frozen=True)
class Planted:
    """One query with one fault."""

    text: str
    start: int
    end: int
    """Where the fault stands in `text`; empty where something was taken out."""
    was: tuple[int, int]
    """The same place in the original."""
    names: tuple[str, ...]
    """Words by which a message shows that it is about this fault."""
    decidable: bool = True


@dataclass(frozen=True)
class Original:
    """A query that reads and binds, with the words that are taken as its question."""

    text: str
    question: str
    query: Query
    visible: Visible
    rng: random.Random
    lines: list[int] = field(default_factory=list)

    def at(self, span: Span) -> tuple[int, int]:
        """Return a span as character offsets."""
        if not self.lines:
            self.lines.extend(m.end() for m in re.finditer("^|\n", self.text))
        return (
            self.lines[span.line - 1] + span.column - 1,
            self.lines[span.end_line - 1] + span.end_column - 1,
        )

    def put(self, place: tuple[int, int], new: str, names: tuple[str, ...], decidable: bool = True):
        """Return the query with the text at `place` replaced."""
        start, end = place
        text = self.text[:start] + new + self.text[end:]
        return Planted(text, start, start + len(new), place, names, decidable)

    def says(self, word: str) -> bool:
        """Say whether the question holds a literal as a whole word of three characters or more."""
        if len(word) < 3:
            return False
        found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self.question, re.IGNORECASE)
        return found is not None

    def says_number(self, number: str) -> bool:
        """Say whether the question holds a number."""
        return re.search(rf"(?<!\w){re.escape(number)}(?!\w)", self.question) is not None


def filters(o: Original) -> list[tuple[Pipeline, Stage, Comparison]]:
    return [
        (p, s, c)
        for p in o.query.pipelines()
        for s in p.stages
        if s.kind == "filter"
        for c in comparisons(s.condition)
    ]


def text_filters(o: Original) -> list[tuple[Stage, Comparison, Literal]]:
    """Return comparisons with one text written out in them."""
    return [
        (s, c, c.values[0])
        for _, s, c in filters(o)
        if len(c.values) == 1
        and c.values[0].kind == "string"
        and c.values[0].text[:1] in "\"'@"
        and len(str(c.values[0].value)) >= 3
        and o.text[slice(*o.at(c.values[0].span))] == c.values[0].text
    ]


def column_places(o: Original) -> list[tuple[tuple[int, int], str]]:
    """Return places where a filter names a column of a table."""
    found = []
    for _, _, c in filters(o):
        start, end = o.at(c.span)
        at = re.search(rf"(?<![\w.]){re.escape(c.column)}(?!\w)", o.text[start:end])
        if c.column and c.table and c.table_column == c.column and at:
            found.append(((start + at.start(), start + at.end()), c.column))
    return found


def tables(o: Original) -> list[tuple[tuple[int, int], str]]:
    return [
        (o.at(s.span), s.table)
        for p in o.query.pipelines()
        for s in p.sources
        if s.kind == "table" and s.table and o.text[slice(*o.at(s.span))] == s.table
    ]


def columns_known(o: Original) -> set[str]:
    known = {c for _, t in tables(o) for c in o.visible.tables[t].columns}
    for p in o.query.pipelines():
        for s in p.stages:
            known |= {c.name for c in s.columns or ()} | {a.name for a in s.assigned}
    return known


# --- names ------------------------------------------------------------------------------------


def invented_column(o: Original) -> Planted | None:
    place, name = _pick(o, column_places(o))
    if place is None:
        return None
    known = {c.lower() for c in columns_known(o)}
    made = [f"{name}Name", f"Source{name}", f"{name}Value", f"{name}_s", "RiskScore", "UserRole"]
    new = next(n for n in o.rng.sample(made, len(made)) if n.lower() not in known)
    return o.put(place, new, (new,))


def column_of_another_table(o: Original) -> Planted | None:
    place, _ = _pick(o, column_places(o))
    if place is None:
        return None
    known = {c.lower() for c in columns_known(o)}
    for table in o.rng.sample(sorted(o.visible.tables), 8):
        for new in o.visible.tables[table].columns:
            if new.lower() not in known and re.fullmatch("[A-Za-z]{4,}", new):
                return o.put(place, new, (new,))
    return None


def column_in_wrong_case(o: Original) -> Planted | None:
    place, name = _pick(o, column_places(o))
    if place is None:
        return None
    known = columns_known(o)
    new = next((n for n in (name.lower(), name[0].lower() + name[1:]) if n not in known), None)
    return o.put(place, new, (new, name)) if new else None


def invented_table(o: Original) -> Planted | None:
    place, name = _pick(o, tables(o))
    if place is None:
        return None
    known = {t.lower() for t in o.visible.tables}
    made = [f"{name}V2", f"Azure{name}", f"{name}Summary", f"{name.removesuffix('s')}Log"]
    new = next((n for n in o.rng.sample(made, len(made)) if n.lower() not in known), None)
    return o.put(place, new, (new,)) if new else None


FOREIGN = ("regexp_matches", "lower", "ifnull", "nvl", "date_trunc", "concat", "array_contains",
    "ip_in_subnet", "string_contains", "to_timestamp", "days_between", "isprivateip")  # fmt: skip
"""Functions that KQL does not have."""


def invented_function(o: Original) -> Planted | None:
    called = [(o.at(s), n) for n, s in o.query.functions]
    called = [(p, n) for p, n in called if o.text[slice(*p)].lower() == n and n != "not"]
    place, _ = _pick(o, called)
    if place is None:
        return None
    new = o.rng.choice(FOREIGN)
    return o.put(place, new, (new,))


def wrong_table(o: Original) -> Planted | None:
    """Another real table. Noticeable when it lacks a column that is used, or when the question
    names the right one."""
    place, name = _pick(o, tables(o))
    if place is None:
        return None
    used = {c for (_, c) in column_places(o)} & set(o.visible.tables[name].columns)
    events = sorted(t for t, v in o.visible.tables.items() if v.time and t != name)
    new = o.rng.choice(events)
    lacks = bool(used - set(o.visible.tables[new].columns))
    return o.put(place, new, (new, name, *used), lacks or o.says(name))


# --- time -------------------------------------------------------------------------------------

_UNITS = {"minute": 60, "min": 60, "hour": 3600, "hr": 3600, "h": 3600, "day": 86400, "d": 86400,
    "week": 604800, "month": 2592000}  # fmt: skip


def stated_times(question: str) -> list[tuple[float, str]]:
    """Read lengths of time from a description; on purpose not with the reader under test."""
    number = r"\b(\d+)[\s-]*(minute|min|hour|hr|h|day|d|week|month)s?\b"
    one = r"\b(?:last|past|previous) (hour|day|week|month)\b"
    counted = [
        (int(m[1]) * float(_UNITS[m[2].lower()]), m[0]) for m in re.finditer(number, question, re.I)
    ]
    return counted + [(float(_UNITS[m[1].lower()]), m[0]) for m in re.finditer(one, question, re.I)]


def time_filters(o: Original) -> list[tuple[Stage, Comparison, Literal]]:
    return [
        (s, c, c.values[0])
        for _, s, c in filters(o)
        if c.op in (">", ">=", "between")
        and c.type == "timestamp"
        and c.values
        and c.values[0].kind == "ago"
        and o.text[slice(*o.at(c.values[0].span))].startswith("ago(")
    ]


def wrong_window(o: Original) -> Planted | None:
    found = time_filters(o)
    if not found:
        return None
    _, _, literal = o.rng.choice(found)
    was = float(literal.value or 0)
    new = o.rng.choice([s for s in ("1h", "12h", "3d", "14d", "60d", "180d") if _span(s) != was])
    stated = [said for length, said in stated_times(o.question) if length == was]
    names = (*stated, f"ago({new})")
    return o.put(o.at(literal.span), f"ago({new})", names, bool(stated))


def dropped_window(o: Original) -> Planted | None:
    found = [f for f in time_filters(o) if f[0].condition is f[1]]
    if not found:
        return None
    stage, _, literal = o.rng.choice(found)
    stated = [s for length, s in stated_times(o.question) if length == float(literal.value or 0)]
    return _without_stage(o, stage, (*stated, "time limit", "limited in time"), bool(stated))


def _span(text: str) -> float:
    return int(text[:-1]) * float(_UNITS[text[-1]])


# --- filters ----------------------------------------------------------------------------------


def invented_value(o: Original) -> Planted | None:
    found = text_filters(o)
    if not found:
        return None
    _, _, literal = o.rng.choice(found)
    was = str(literal.value)
    new = o.rng.choice(["Contoso Sync Agent", "svc_backup_admin", "LegacyOperationV3", "updater64"])
    code = re.sub(r"//[^\n]*", "", o.text)
    decidable = o.says(was) and code.lower().count(was.lower()) == 1
    return o.put(o.at(literal.span), f'"{new}"', (was, new), decidable)


def dropped_predicate(o: Original) -> Planted | None:
    """A whole filter stage taken out. Noticeable when the question names its literal and nothing
    else in the query does."""
    found = [(s, c, v) for s, c, v in text_filters(o) if s.condition is c]
    if not found:
        return None
    stage, _, literal = o.rng.choice(found)
    was = str(literal.value)
    code = re.sub(r"//[^\n]*", "", o.text)
    decidable = o.says(was) and code.lower().count(was.lower()) == 1
    return _without_stage(o, stage, (was,), decidable)


FLIPS = {"==": "!=", "=~": "!~", "!=": "==", "!~": "=~", "has": "!has", "!has": "has",
    "contains": "!contains", "!contains": "contains", "startswith": "!startswith",
    "endswith": "!endswith", "in": "!in", "!in": "in"}  # fmt: skip


def flipped_polarity(o: Original) -> Planted | None:
    found = []
    for stage, c, literal in text_filters(o):
        start, _ = o.at(c.span)
        operator = re.search(r"(\S+)\s*\(?\s*$", o.text[start : o.at(literal.span)[0]])
        if operator and operator[1] in FLIPS and stage.condition is not None:
            found.append((start + operator.start(1), operator[1], c, str(literal.value)))
    if not found:
        return None
    at, operator, c, value = o.rng.choice(found)
    return o.put((at, at + len(operator)), FLIPS[operator], (c.column, value), o.says(value))


def contradictory_filter(o: Original) -> Planted | None:
    """The same column held to a second value, in a filter of its own behind the first."""
    found = [
        (s, c, v)
        for s, c, v in text_filters(o)
        if s.condition is c and c.op == "==" and not c.negated and not c.functions
        and c.type == "string"
    ]  # fmt: skip
    if not found:
        return None
    stage, c, literal = o.rng.choice(found)
    _, end = o.at(stage.span)
    new = f'\n| where {c.column} == "other {str(literal.value)[:3].strip()}"'
    new = new.replace("\\", "")
    return o.put((end, end), new, (c.column,))


def case_slip(o: Original) -> Planted | None:
    """Noticeable when the question writes the value in its right case."""
    found = [
        v
        for _, c, v in text_filters(o)
        if c.op == "==" and c.case_sensitive and str(v.value) != str(v.value).lower()
    ]
    if not found:
        return None
    literal = o.rng.choice(found)
    was = str(literal.value)
    new = literal.text.lower()
    said = re.search(rf"(?<!\w){re.escape(was)}(?!\w)", o.question) is not None
    return o.put(o.at(literal.span), new, (was, was.lower()), said)


def has_for_contains(o: Original) -> Planted | None:
    """Noticeable when the question shows the text within a longer word only."""
    return _operator(o, "contains", "has", _only_within_words)


def contains_for_has(o: Original) -> Planted | None:
    """Noticeable in itself when the text is made of whole words: `has` would do."""
    return _operator(o, "has", "contains", lambda _, v: re.fullmatch(r"\w{4,}", v) is not None)


def _operator(
    o: Original, was: str, new: str, decidable: Callable[[Original, str], bool]
) -> Planted | None:
    found = []
    for _, c, literal in text_filters(o):
        start, _ = o.at(c.span)
        operator = re.search(rf"(?<![\w!]){was}\s+$", o.text[start : o.at(literal.span)[0]])
        if operator:
            found.append((start + operator.start(), c, str(literal.value)))
    if not found:
        return None
    at, c, value = o.rng.choice(found)
    return o.put((at, at + len(was)), new, (c.column, value), decidable(o, value))


def _only_within_words(o: Original, value: str) -> bool:
    return value.lower() in o.question.lower() and not o.says(value)


# --- shape ------------------------------------------------------------------------------------

AGGREGATES = {"count": "dcount", "dcount": "count", "sum": "avg", "avg": "sum", "max": "min",
    "min": "max", "make_set": "take_any", "arg_max": "arg_min"}  # fmt: skip
WORDS = {"count": "count|number of|how many", "dcount": "distinct|unique|different|number of",
    "sum": "total|sum", "avg": "average|mean", "max": "maximum|latest|last|most recent|highest",
    "min": "minimum|first|earliest|lowest", "make_set": "list|set of|all",
    "arg_max": "latest|last|most recent|newest"}  # fmt: skip


def wrong_aggregate(o: Original) -> Planted | None:
    """Noticeable when the question, or the result's own name, has a word for the right one."""
    found = []
    for p in o.query.pipelines():
        for s in p.stages:
            for a in s.aggregates:
                place = o.at(a.span)
                called = re.match(r"(\w+)\(", o.text[slice(*place)])
                keyed = a.function != "count" or (s.groups and s.groups[0].column)
                if called and called[1] == a.function and a.function in AGGREGATES and keyed:
                    found.append((place, a.function, s.groups, a.name))
    if not found:
        return None
    place, was, groups, name = o.rng.choice(found)
    body = o.text[slice(*place)]
    new = AGGREGATES[was] + body[len(was) :]
    if was == "count":
        new = f"dcount({groups[0].column})"
    elif was == "dcount":
        new = "count()"
    words = re.compile(rf"\b(?:{WORDS[was]})\b", re.I)
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    said = words.search(o.question) is not None or words.search(apart) is not None
    return o.put(place, new, (name,), said)


def wrong_threshold(o: Original) -> Planted | None:
    """Noticeable when the question holds the number."""
    made = {a.name for p in o.query.pipelines() for s in p.stages for a in s.aggregates}
    found = [
        (c, c.values[0])
        for _, _, c in filters(o)
        if c.op in (">", ">=", "<", "<=") and c.column in made and len(c.values) == 1
        and c.values[0].kind == "long" and c.values[0].text.isdigit()
        and o.text[slice(*o.at(c.values[0].span))] == c.values[0].text
    ]  # fmt: skip
    if not found:
        return None
    c, literal = o.rng.choice(found)
    new = str(int(literal.value or 0) * 10 + 3)
    return o.put(o.at(literal.span), new, (c.column, new), o.says_number(literal.text))


def dropped_join(o: Original) -> Planted | None:
    """Noticeable when a column that only the other side gives is used later, or when the let that
    was joined is now unused."""
    found = [(p, s) for p in o.query.pipelines() for s in p.stages if s.join]
    if not found:
        return None
    pipeline, stage = o.rng.choice(found)
    join = stage.join
    assert join is not None
    index = pipeline.stages.index(stage)
    left = _columns(o, pipeline, pipeline.stages[:index])
    right = _columns(o, join.right, join.right.stages)
    rest = o.text[o.at(stage.span)[1] :]
    lost = {c for c in right - left if re.search(rf"(?<!\w){re.escape(c)}(?!\w)", rest)}
    lets = [
        s.name
        for s in join.right.sources
        if s.kind == "named" and len(re.findall(rf"(?<!\w){re.escape(s.name)}(?!\w)", o.text)) == 2
    ]
    return _without_stage(o, stage, (*lost, *lets), bool(lost or lets))


def wrong_join_key(o: Original) -> Planted | None:
    """One key held against another field of the right side, of another kind."""
    found = []
    for pipeline in o.query.pipelines():
        for stage in pipeline.stages:
            if stage.join and len(stage.join.keys) == 1:
                on = re.search(r"\bon\s+(\w+)\s*$", o.text[slice(*o.at(stage.span))])
                if on and on[1] == stage.join.keys[0][0]:
                    found.append(
                        (stage, on, _columns(o, stage.join.right, stage.join.right.stages))
                    )
    if not found:
        return None
    stage, on, right = o.rng.choice(found)
    key = on[1]
    others = sorted(c for c in right if c != key and not c.startswith("_") and c.isalnum())
    if not others:
        return None
    other = o.rng.choice(others)
    start = o.at(stage.span)[0]
    place = (start + on.start(1), start + on.end(1))
    return o.put(place, f"$left.{key} == $right.{other}", (key, other))


# --- how --------------------------------------------------------------------------------------


def _columns(o: Original, pipeline: Pipeline, stages: tuple[Stage, ...]) -> set[str]:
    if stages:
        return {c.name for c in stages[-1].columns or ()}
    found: set[str] = set()
    for source in pipeline.sources:
        if source.table:
            found |= set(o.visible.tables[source.table].columns)
        elif source.name in o.query.named and o.query.named[source.name] is not pipeline:
            inner = o.query.named[source.name]
            found |= _columns(o, inner, inner.stages)
    return found


def _without_stage(
    o: Original, stage: Stage, names: tuple[str, ...], decidable: bool
) -> Planted | None:
    start, end = o.at(stage.span)
    pipe = re.search(r"\|\s*$", o.text[:start])
    if pipe is None:
        return None
    place = (pipe.start(), end)
    planted = o.put(place, "", names, decidable)
    return Planted(planted.text, planted.start, planted.start, place, names, decidable)


def _pick(o: Original, found: list) -> tuple:
    return o.rng.choice(found) if found else (None, "")


FAULTS: dict[str, Callable[[Original], Planted | None]] = {
    "invented column": invented_column,
    "column of another table": column_of_another_table,
    "column in wrong case": column_in_wrong_case,
    "invented table": invented_table,
    "invented function": invented_function,
    "wrong table": wrong_table,
    "invented value": invented_value,
    "wrong window": wrong_window,
    "dropped window": dropped_window,
    "dropped predicate": dropped_predicate,
    "flipped polarity": flipped_polarity,
    "contradictory filter": contradictory_filter,
    "case slip": case_slip,
    "has for contains": has_for_contains,
    "contains for has": contains_for_has,
    "wrong aggregate": wrong_aggregate,
    "wrong threshold": wrong_threshold,
    "dropped join": dropped_join,
    "wrong join key": wrong_join_key,
}
NAMES = ("invented column", "column of another table", "invented table", "invented function")
"""The kinds that are about invented names."""


def planted(o: Original) -> Iterator[tuple[str, Planted]]:
    """Yield one fault of every kind that fits the query."""
    for kind, plant in FAULTS.items():
        found = plant(o)
        if found is not None and found.text != o.text:
            yield kind, found
