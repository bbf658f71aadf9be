"""Put the literals and outcomes of a question on columns of the table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from undersign.drafters.offline.hunt.desk import Desk, seen
from undersign.drafters.offline.hunt.plan import Addresses, Condition, Hours, Ref, Span, Test
from undersign.languages.question.synonyms import CALL
from undersign.records.question import Link, Piece, Polarity, Value

_KIND_ROLES = {
    "address": ("source_address", "target_address"),
    "network": ("source_address", "target_address"),
    "host": ("host",),
    "user": ("user",),
    "email": ("email", "user"),
    "path": ("path", "process", "file"),
    "file": ("process", "file"),
    "url": ("url", "domain"),
    "domain": ("domain", "url"),
    "registry": ("registry",),
    "event_id": ("event_id",),
    "port": ("port",),
    "arn": ("user", "object"),
}
_ONE_CASE = frozenset(("address", "port", "event_id", "number"))
"""Kinds of values that have no upper and lower case."""
_HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
_BEFORE = 70
"""Characters before a value in which the column it belongs to may be named."""
_PARTIAL = (
    ("endswith", re.compile(r"\bend(?:s|ing)?\s+(?:with|in)\b[^,;]{0,40}\Z", re.I)),
    ("startswith", re.compile(r"\b(?:start|begin)(?:s|ning|ing)?\s+with\b[^,;]{0,40}\Z", re.I)),
    (
        "contains",
        re.compile(
            r"\b(?:conta\w*|includ\w+|like|matching|has|have|having|with(?:in)?\s+the\s+word|mention\w*)"
            r"\b[^,;]{0,40}\Z",
            re.I,
        ),
    ),
)
_LEVELS = re.compile(
    r"\b(critical|high|medium|low|informational|info|warning|error|verbose)\b[-\s]*\Z", re.I
)
_IS = re.compile(
    r"\s*(?:is|are|was|were|equals?(?: to)?|of|=|==|:|set to|as|being)?\s*"
    r"(?P<not>not\s+|isn't\s+)?(?:either\s+|a\s+|an\s+|the\s+)?(?P<value>[A-Za-z][\w-]*)",
    re.I,
)
_LOGICAL_TEXT = "is are was were not and or of the a an in on for with by to from that"
_LOGICAL = frozenset(_LOGICAL_TEXT.split())
_FAILED_WORDS = re.compile(
    r"fail|den(?:y|ied)|block|error|reject|unauthor|refus|invalid|\bno\b", re.I
)
_WORKED_WORDS = re.compile(r"succe|allow|accept|grant|permit|\bok\b|pass", re.I)


def conditions(desk: Desk) -> list[Condition]:
    """Return every condition the question states for this table, each word used once."""
    found: list[Condition] = _stated(desk)
    found += _linked_values(desk)
    found += _calls(desk)
    found += _booleans(desk)
    found += _named_values(desk)
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


def _stated(desk: Desk) -> list[Condition]:
    found: list[Condition] = []
    for value in desk.question.values:
        if desk.is_used(value.piece):
            continue
        test = _place(desk, value)
        if test is None:
            desk.ask(f"no column of {desk.table.name} is known to hold '{value.value}'; left out")
            continue
        desk.use(value.piece)
        found.append(test)
    return found


def _place(desk: Desk, value: Value) -> Test | None:
    named = _named_before(desk, value)
    columns = (desk.ref(named.column),) if named and named.column else _by_kind(desk, value)
    if not columns:
        return None
    if named:
        desk.use(named.piece)
    op = _operator(desk, value)
    if value.kind == "network":
        return Test(columns[:1], "cidr", (value.value,), value.negated)
    if value.kind == "domain" and op == "==" and all(c.type == "string" for c in columns):
        op = "endswith" if "address" in columns[0].name.lower() else "contains"
    text, known = value.value, True
    if op == "==":
        text, known = seen(desk.column(columns[0]), value.value)
        if not known and desk.column(columns[0]).examples:
            desk.ask(f"'{text}' was never seen in {columns[0].name} here; it is used as written")
    exact = known or value.kind in _ONE_CASE
    return Test(columns, op, (text,), value.negated, any_case=not exact)  # type: ignore[arg-type]


def _named_before(desk: Desk, value: Value) -> Link | None:
    """Return the column named shortly before a value, with no other value in between."""
    start = max(0, value.piece.start - _BEFORE)
    between = [v.piece.end for v in desk.question.values if v.piece.end <= value.piece.start]
    # In a list, `is 'a', 'b' or 'c'`, the column was named before the first of them.
    joint = re.compile(r"['\"\s,]*(?:and|or)?['\"\s,]*\Z", re.IGNORECASE)
    for end in reversed(between):
        if end > start and not joint.match(desk.question.text[end : value.piece.start]):
            start = end
            break
        start = max(0, min(start, end - _BEFORE))
    near = [
        one
        for one in desk.columns()
        if start <= one.piece.start
        and one.piece.end <= value.piece.start + len(value.piece.text)
        and one.score >= 0.55
        and _fits(desk, one, value)
    ]
    return max(near, key=lambda o: (o.score + o.piece.end / 400, o.piece.end), default=None)


def _fits(desk: Desk, link: Link, value: Value) -> bool:
    """Tell whether a column can hold such a value at all."""
    column = desk.table.columns[link.column or ""]
    low = column.name.lower()
    if column.type in ("timestamp", "timespan", "boolean"):
        return False
    if column.type in ("long", "double"):
        return bool(re.fullmatch(r"-?\d+(\.\d+)?", value.value))
    wants = {
        "address": "ip|addr|host",
        "port": "port",
        "event_id": "id|code",
        "hash": "sha|md5|hash|id",
    }
    wanted = wants.get(value.kind)
    if wanted and not re.search(wanted, low):
        return False
    if value.kind in ("file", "path") and re.search(r"(?:id|sid|ip|address|domain)$", low):
        return False
    return not (
        value.kind == "email"
        and not re.search("mail|address|user|upn|sender|recip|account|from|to", low)
    )


def _by_kind(desk: Desk, value: Value) -> tuple[Ref, ...]:
    if value.kind == "hash":
        wanted = _HASHES.get(len(value.value), "")
        return tuple(
            r for r in desk.roles("hash") if re.sub(r"\W|_", "", r.name.lower()).endswith(wanted)
        )[:1]
    if value.kind in ("identifier", "quoted", "number"):
        return _by_examples(desk, value.value)
    refs = [r for role in _KIND_ROLES.get(value.kind, ()) for r in desk.roles(role)]
    several = 2 if value.kind in ("port", "address", "email") else 1
    return tuple(dict.fromkeys(refs))[:several]


def _by_examples(desk: Desk, text: str) -> tuple[Ref, ...]:
    low = text.lower()
    for column in desk.table.columns.values():
        if any(example.lower() == low for example in column.examples):
            return (Ref(column.name, column.type),)
    return ()


def _operator(desk: Desk, value: Value) -> str:
    before = desk.question.text[max(0, value.piece.start - 60) : value.piece.start]
    for op, pattern in _PARTIAL:
        if pattern.search(before):
            return op
    return "endswith" if value.kind == "path" and value.value.startswith("\\") else "=="


def _linked_values(desk: Desk) -> list[Condition]:
    """Use the words that are values really seen in this table; each word once, the surest first."""
    mine = [v for v in desk.links.values if v.table == desk.table.name and v.column and v.value]
    mine.sort(key=lambda v: _rank(desk, v))
    found: list[Condition] = []
    for one in mine:
        if (
            desk.is_used(one.piece)
            or _names_a_column(desk, one.piece)
            or (one.piece.text.islower() and one.score < 0.75)
        ):
            continue
        desk.use(one.piece)
        ref = desk.ref(one.column or "")
        desk.sources.append(f"'{one.piece.text}': {ref.name} = {one.value} (value seen)")
        found.append(Test((ref,), "==", (one.value or "",), _negated(desk, one.piece)))
    return found


def _calls(desk: Desk) -> list[Condition]:
    """Use names of calls, `GetObject`, that were never seen here: as written, and said so."""
    action = desk.role("action")
    found: list[Condition] = []
    for word in desk.question.words:
        if action is None or desk.is_used(word) or not CALL.match(word.text):
            continue
        if _names_a_column(desk, word) or desk.best_in(word.start, word.end, 0.95):
            continue
        desk.use(word)
        desk.ask(f"'{word.text}' was never seen in {action.name} here; it is used as written")
        found.append(Test((action,), "==", (word.text,), _negated(desk, word)))
    return found


_META = frozenset(("host", "source", "sourcetype", "index"))
"""Fields that Splunk gives every event; the event's own field says it better."""


def _rank(desk: Desk, link: Link) -> tuple[int, float, int, int, int]:
    """Order: most words, surest, the action first, plain columns before nested, short values."""
    action = desk.role("action")
    nested = (link.column or "").count(".") + ((link.column or "") in _META)
    first = 0 if action and action.name == link.column else 1
    return (
        link.piece.start - link.piece.end, -link.score, first, nested, len(link.value or "")
    )  # fmt: skip


def _names_a_column(desk: Desk, piece: Piece) -> bool:
    best = desk.best_in(piece.start, piece.end, 0.9)
    return best is not None and best.piece.end - best.piece.start > piece.end - piece.start


def _negated(desk: Desk, piece: Piece) -> bool:
    return any(
        n.what.start <= piece.start < n.what.end or n.piece.end == piece.start
        for n in desk.question.negations
    )


def _booleans(desk: Desk) -> list[Condition]:
    found: list[Condition] = []
    for one in desk.columns():
        column = desk.table.columns[one.column or ""]
        if column.type == "boolean" and one.score >= 0.8 and not desk.is_used(one.piece):
            desk.use(one.piece)
            found.append(Test((desk.ref(column.name),), "true", (), _negated(desk, one.piece)))
    return found


def _named_values(desk: Desk) -> list[Condition]:
    """Read `severity is high`, `user type of member` and `high severity`: column and word."""
    found: list[Condition] = []
    text = desk.question.text
    asked = {(p.start, p.end) for p in desk.question.columns}
    for one in desk.columns():
        column = desk.table.columns[one.column or ""]
        if column.type not in ("string", "dynamic") or one.score < 0.5 or desk.is_used(one.piece):
            continue
        if any(a <= one.piece.start and one.piece.end <= b for a, b in asked):
            continue
        value = _beside(desk, text, one.piece)
        if value is None:
            continue
        desk.use(one.piece)
        desk.use(value)
        said, known = seen(column, value.text)
        negated = _negated(desk, value) or _negated(desk, one.piece)
        found.append(Test((desk.ref(column.name),), "==", (said,), negated, any_case=not known))
    return found


def _beside(desk: Desk, text: str, piece: Piece) -> Piece | None:
    level = _LEVELS.search(text[: piece.start])
    if level and not desk.is_used(_at(text, *level.span(1))):
        return _at(text, *level.span(1))
    after = _IS.match(text, piece.end)
    if after is None or not re.search(
        r"\b(?:is|are|was|were|equals?|=|of|:)\s", text[piece.end : after.start("value")] + " "
    ):
        return None
    value = _at(text, *after.span("value"))
    plain = value.text.lower()
    if plain in _LOGICAL or desk.is_used(value) or desk.best_in(value.start, value.end, 0.6):
        return None
    return value if any(w.start == value.start for w in desk.question.words) else None


def _at(text: str, start: int, end: int) -> Piece:
    return Piece(start, end, text[start:end])


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
        values = tuple(e for e in desk.column(ref).examples if wanted.search(e))
        if values and len(values) <= 5:
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


def _by_code(desk: Desk, ref: Ref, *, failed: bool) -> Test:
    good = "200" if "status" in ref.name.lower() else "0"
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
