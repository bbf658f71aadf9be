"""The plan of a rule: what a behaviour and the slots of a brief come to, before it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from undersign.catalogs import log_sources
from undersign.catalogs.detections import Behaviour, Fields, Property
from undersign.drafters.offline.slots import Literal, Slots, negated_at, role_of
from undersign.drafters.offline.words import Reading, stems_of
from undersign.records.drafting import DraftGrounds

_DEFAULT_SPAN = "1h"
_DEFAULT_THRESHOLD = 20
MAX_EVENTS = 100
"""Events of one proposed test case; a rule that counts further needs a case from real logs."""
_PLAYED = {"user": "user", "address": "source"}
"""Kind of literal -> role whose field a behaviour may have moved."""
_HANDLED = frozenset({"technique", "event"})


@dataclass(slots=True)
class Plan:
    """A rule in the making."""

    behaviour: Behaviour
    selections: dict[str, tuple[Fields, ...]]
    questions: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Names of properties the brief asked for; `not ...` when it excluded them."""
    correlation: Correlation | None = None
    detection: Mapping[str, object] = field(default_factory=dict)
    """Of an adapted rule: its selections as it writes them, and below its condition."""
    condition: str = ""
    related: str = ""
    """Id of the rule this was adapted from."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """The counting document of a rule."""

    type: str
    group_by: str
    timespan: str
    operator: str
    threshold: int
    origin: Mapping[str, object]
    """Where the threshold comes from, as the document states it."""
    field: str = ""

    @property
    def enough(self) -> int:
        """Return the smallest count that fires."""
        return self.threshold + (self.operator == "gt")


class Fieldnames:
    """The field names one may write for a logsource: those declared and those really there."""

    def __init__(self, behaviour: Behaviour, grounds: DraftGrounds) -> None:
        self._behaviour = behaviour
        parts = (behaviour.family.logsource.get(k) for k in ("product", "category", "service"))
        answers = log_sources.load().answers(*parts)
        self._tables = []
        self._declared: set[str] = set()
        for answer in answers:
            table = grounds.schema.tables.get(answer.source.name) if grounds.schema else None
            if table is not None:
                self._tables.append((table, answer.route.rename))
            self._declared |= {name.lower() for name in answer.route.rename}
            for declared in answer.source.fields.values():
                self._declared |= {n.lower() for n in (declared.name, *declared.aliases)}

    def known(self, name: str) -> bool:
        """Tell whether these events carry the field and the log source or history knows it."""
        return self._behaviour.carries(name) and self._somewhere(name)

    def _somewhere(self, name: str) -> bool:
        return name.lower() in self._declared or self.present(name)

    def present(self, name: str) -> bool:
        """Tell whether history has the field."""
        return any(t.find(renamed.get(name, name)) is not None for t, renamed in self._tables)

    def pick(self, names: tuple[str, ...]) -> str:
        """Return the first field that history has, else the first declared one, else nothing."""
        seen = next((n for n in names if self.known(n) and self.present(n)), "")
        return seen or next((n for n in names if self.known(n)), "")


def plan(behaviour: Behaviour, reading: Reading, slots: Slots, grounds: DraftGrounds) -> Plan:
    """Bring a behaviour and the slots together, and note what only a person can decide."""
    made = Plan(behaviour, dict(behaviour.selections))
    names = Fieldnames(behaviour, grounds)
    _properties(made, reading, names)
    _literals(made, reading, slots, names)
    if slots.hours:
        made.questions.append(
            f"'{slots.hours}': Sigma compares no time of day; which hours are meant, and will the"
            " search that runs this rule be limited to them?"
        )
    made.correlation = _correlation(made, reading, slots, grounds, names)
    if made.correlation and made.correlation.enough > MAX_EVENTS:
        made.questions.append(
            f"No test was proposed that counts to {made.correlation.enough}; is there a stretch of"
            " real logs that should fire?"
        )
    return made


def _properties(made: Plan, reading: Reading, names: Fieldnames) -> None:
    for prop in made.behaviour.all_properties():
        found = _mentioned(prop, reading)
        if found is None:
            continue
        start, end, negated = found
        reading.use(start, end)
        made.asked.append(("not " if negated else "") + prop.name.replace("_", " "))
        name = f"{'filter' if negated else 'selection'}_{prop.name}"
        if name in made.selections:
            continue
        if prop.ask:
            made.questions.append(
                prop.ask.format(
                    user=names.pick(made.behaviour.role("user")) or "the user field",
                    source=names.pick(made.behaviour.role("source")) or "the source field",
                )
            )
        elif all(names.known(key.partition("|")[0]) for key in prop.fields):
            made.selections[name] = (prop.fields,)
        else:
            made.questions.append(
                f"'{made.asked[-1]}': these events carry no field that tells; how is it seen here?"
            )
        if prop.note:
            made.questions.append(prop.note)


def _mentioned(prop: Property, reading: Reading) -> tuple[int, int, bool] | None:
    """Return where a brief speaks of a property and whether it excludes it; excluding wins."""
    found = None
    for phrase in sorted((stems_of(word) for word in prop.words), key=len, reverse=True):
        for first, last in _runs(reading, phrase):
            start, end = reading.words[first].start, reading.words[last].end
            negation = negated_at(reading.text, start)
            if negation or reading.words[first].text.lower().startswith("non-"):
                return negation.start() if negation else start, end, True
            if found is None and not set(range(first, last + 1)) <= reading.used:
                found = (start, end, False)
    return found


def _runs(reading: Reading, phrase: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield first and last word of every place where the stems stand in a row."""
    flat = [(stem, i) for i, word in enumerate(reading.words) for stem in word.stems]
    for at in range(len(flat) - len(phrase) + 1):
        if tuple(stem for stem, _ in flat[at : at + len(phrase)]) == phrase:
            yield flat[at][1], flat[at + len(phrase) - 1][1]


def _literals(made: Plan, reading: Reading, slots: Slots, names: Fieldnames) -> None:
    groups: dict[tuple[str, bool], list[str | int]] = {}
    for literal in slots.literals:
        if literal.kind in _HANDLED:
            _named_event(made, reading, literal, names)
            continue
        if not literal.negated and _already(made, literal):
            reading.use(literal.start, literal.end)
            continue
        key = _key_for(made, reading, literal, names)
        if not key or not names.known(key.partition("|")[0]):
            made.questions.append(
                f"'{literal.value}': this log source has no field known here to compare it with;"
                " where would it be seen?"
            )
            continue
        start = literal.start
        negation = negated_at(reading.text, start) if literal.negated else None
        reading.use(negation.start() if negation else start, literal.end)
        if key.endswith("|gte"):
            _raise_bound(made, key, _bytes(literal.value))
            continue
        groups.setdefault((key, literal.negated), []).append(_written(key, literal.value))
    for number, ((key, negated), values) in enumerate(groups.items(), 1):
        name = f"{'filter' if negated else 'selection'}_brief_{number}"
        made.selections[name] = ({key: values[0] if len(values) == 1 else tuple(values)},)


def _named_event(made: Plan, reading: Reading, literal: Literal, names: Fieldnames) -> None:
    reading.use(literal.start, literal.end)
    if literal.kind == "technique":
        return
    written = {
        str(v)
        for alternatives in made.selections.values()
        for fields in alternatives
        for v in _listed(fields.get("EventID", ()))
    }
    if literal.value in written:
        return
    implied = str(made.behaviour.family.sample.get("EventID", ""))
    if implied == literal.value and names.known("EventID"):
        made.selections["selection_event"] = ({"EventID": int(literal.value)},)
        return
    made.questions.append(
        f"The brief names event {literal.value}, this rule looks at"
        f" {', '.join(sorted(written)) or implied or 'other events'}; which is meant?"
    )


def _already(made: Plan, literal: Literal) -> bool:
    wanted = literal.value.lower()
    return any(
        wanted in str(value).lower()
        for alternatives in made.selections.values()
        for fields in alternatives
        for one in fields.values()
        for value in _listed(one)
    )


def _key_for(made: Plan, reading: Reading, literal: Literal, names: Fieldnames) -> str:
    kinds = [literal.kind]
    before = reading.text[: literal.start].lower().rstrip().rsplit(" ", 3)[-3:]
    if literal.kind == "address" and {"to", "towards", "destination"} & set(before):
        kinds.insert(0, "target_address")
    if literal.kind == "text" and {"user", "account", "by", "than"} & set(before):
        kinds.insert(0, "user")
    if literal.kind == "process" and {"parent", "child"} & set(before):
        kinds.insert(0, "parent")
    if literal.kind in ("registry", "process"):
        kinds.append("path")
    table = made.behaviour.family.literals
    key = next((table[kind] for kind in kinds if kind in table), "")
    if kinds[0] in _PLAYED and key == table.get(kinds[0]):
        played = names.pick(made.behaviour.role(_PLAYED[kinds[0]]))
        field, modified, modifier = key.partition("|")
        key = (played or field) + modified + modifier
    if literal.kind == "address" and "/" in literal.value and "|" not in key:
        return f"{key}|cidr" if key else ""
    if literal.kind == "size" and not key.endswith("|gte"):
        return ""
    return key


def _written(key: str, value: str) -> str | int:
    images = ("Image", "SourceImage", "ParentImage", "ProcessName")
    if key.endswith("|endswith") and key.startswith(images):
        return "\\" + value
    return int(value) if key.endswith("Port") or key.endswith("_p") else value


def _raise_bound(made: Plan, key: str, bound: int) -> None:
    """Replace the bound of the knowledge by the brief's; two on one field say nothing more."""
    for name, alternatives in made.selections.items():
        if any(key in fields for fields in alternatives):
            changed = tuple({**f, key: bound} if key in f else f for f in alternatives)
            made.selections[name] = changed
            return
    made.selections["selection_size"] = ({key: bound},)


def _bytes(written: str) -> int:
    number = int("".join(c for c in written if c.isdigit()))
    unit = written.lstrip("0123456789 ").lower()[0]
    return number * {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}[unit]


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _correlation(
    made: Plan, reading: Reading, slots: Slots, grounds: DraftGrounds, names: Fieldnames
) -> Correlation | None:
    counting = made.behaviour.counting
    asked = bool(slots.count or slots.vague or slots.distinct or (slots.window and slots.group))
    if not asked and not (counting and counting.always):
        return None
    group = _group_field(made, reading, slots, names)
    if not group:
        made.questions.append("Whose events belong together? No field of this log source fits.")
        return None
    for name in ("window", "count", "vague"):
        reading.use(*slots.spans.get(name, (0, 0)))
    type_, counted = _counted(made, reading, slots, names, group)
    if not slots.window:
        span = counting.timespan if counting else _DEFAULT_SPAN
        made.questions.append(f"The brief names no time window; {span} is a guess. Is it right?")
    threshold, operator, origin = _threshold(made, slots, grounds)
    span = slots.window or (counting.timespan if counting else _DEFAULT_SPAN)
    return Correlation(type_, group, span, operator, threshold, origin, counted)


def _group_field(made: Plan, reading: Reading, slots: Slots, names: Fieldnames) -> str:
    counting = made.behaviour.counting
    default = counting.group if counting else "user"
    roles = [slots.group, default, "user", "source", "host"]
    for role in roles:
        picked = names.pick(made.behaviour.role(role)) if role else ""
        if picked:
            if role == slots.group:
                reading.use(*slots.spans["group"])
            return picked
    return ""


def _counted(
    made: Plan, reading: Reading, slots: Slots, names: Fieldnames, group: str
) -> tuple[str, str]:
    """Return the type of the correlation and the field whose values it counts."""
    counting = made.behaviour.counting
    default = counting.field if counting else ""
    if slots.distinct:
        for noun in slots.distinct.split():
            picked = _noun_field(made, names, noun, group)
            if picked:
                start, at = slots.spans["distinct"]
                reading.use(start, at + len(slots.distinct.partition(noun)[0] + noun))
                return "value_count", picked
        if not default:
            made.questions.append(
                f"'{slots.distinct}' should differ, but no field known here tells them apart;"
                " the rule counts events instead."
            )
    if default and default != group and names.known(default):
        return "value_count", default
    return "event_count", ""


def _noun_field(made: Plan, names: Fieldnames, noun: str, group: str) -> str:
    """Return the field a noun stands for, other than the one events are grouped by."""
    role = role_of(noun)
    options = (role, "host", "target") if role == "source" else (role,)
    picked = (names.pick(made.behaviour.role(one)) for one in options)
    return next((field for field in picked if field and field != group), "")


def _threshold(
    made: Plan, slots: Slots, grounds: DraftGrounds
) -> tuple[int, str, Mapping[str, object]]:
    if slots.count:
        operator, value = slots.count
        return value, operator, {"from": "brief", "value": value}
    measured = grounds.threshold
    if measured is not None:
        origin: dict[str, object] = {"from": "history", "value": measured.value}
        origin["percentile"] = measured.percentile
        if grounds.snapshot:
            origin["snapshot"] = grounds.snapshot
        if grounds.days:
            origin["days"] = round(grounds.days, 1)
        return measured.value, "gte", origin
    counting = made.behaviour.counting
    value = counting.threshold if counting else _DEFAULT_THRESHOLD
    words = f"'{slots.vague}'" if slots.vague else "Too many"
    made.questions.append(
        f"{words}: how many is that here? {value} is a cautious start that nobody measured;"
        " run `undersign baseline` on this rule once there is history."
    )
    return value, "gte", {"from": "unmeasured", "value": value}
