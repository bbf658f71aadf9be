"""Put the values that a question states, addresses, files, ids, on columns of the table."""

from __future__ import annotations

import re

from undersign.drafters.offline.hunt.desk import Desk, seen
from undersign.drafters.offline.hunt.plan import Condition, Ref, Test
from undersign.records.question import Link, Value

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


def stated(desk: Desk) -> list[Condition]:
    """Return a test for every stated value that some column can hold; the rest stays open."""
    found: list[Condition] = []
    for value in desk.question.values:
        if desk.is_used(value.piece):
            continue
        test = _place(desk, value)
        if test is None:
            desk.missing += 1
            desk.ask(f"no column of {desk.table.name} is known to hold '{value.value}'; left out")
            continue
        desk.use(value.piece)
        found.append(test)
        found += _or_words(desk, value, test)
    return found


_OR = re.compile(r"['\"]?\s+or\s+(?P<word>[A-Za-z][\w.$-]{2,60})", re.IGNORECASE)


def _or_words(desk: Desk, value: Value, test: Test) -> list[Condition]:
    """Read the plain words that go on a list of parts: `contains 'a.com' or filedrop`."""
    match = _OR.match(desk.question.text, value.piece.end)
    if match is None or test.op not in ("contains", "startswith", "endswith"):
        return []
    word = next((w for w in desk.question.words if w.start == match.start("word")), None)
    if word is None or desk.is_used(word) or desk.best_in(word.start, word.end, 0.6):
        return []
    desk.use(word)
    return [Test(test.columns, test.op, (match.group("word"),), test.negated)]


def _place(desk: Desk, value: Value) -> Test | None:
    named = _named_before(desk, value)
    if named and named.score < 0.9 and value.kind == "port":
        named = None  # `port 445` is a port of either side
    columns = _columns_for(desk, value, named)
    if not columns:
        return None
    if named:
        desk.use(named.piece)
    op = _operator(desk, value)
    if value.kind == "file" and op == "==" and _is_path(desk, columns[0]):
        return Test(
            columns, "endswith", (_separator(desk, columns[0]) + value.value,), value.negated
        )
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


def _is_path(desk: Desk, ref: Ref) -> bool:
    """Tell a column of whole paths from one of file names, by its values, else by its name."""
    examples = desk.column(ref).examples[:20]
    if examples:
        return sum("\\" in e or "/" in e for e in examples) * 2 > len(examples)
    return re.search(r"path|image$", ref.name, re.IGNORECASE) is not None


def _separator(desk: Desk, ref: Ref) -> str:
    return "/" if any(e.startswith("/") for e in desk.column(ref).examples[:20]) else "\\"


def _columns_for(desk: Desk, value: Value, named: Link | None) -> tuple[Ref, ...]:
    if named and value.kind in ("file", "path") and not _FILE.search(named.column or ""):
        named = None  # `started by x.exe` names no column
    if named is None or not named.column:
        return _by_kind(desk, value)
    if named.why.startswith("role") and value.kind in ("identifier", "hash"):
        role = named.why.removeprefix("role ")
        ids = tuple(r for r in desk.roles(role) if r.name.lower().endswith("id"))
        return ids[:1] or (desk.ref(named.column),)
    return (desk.ref(named.column),)


def _named_before(desk: Desk, value: Value) -> Link | None:
    """Return the column named shortly before a value, with no other value in between."""
    start = max(0, value.piece.start - _BEFORE)
    between = [v.piece.end for v in desk.question.values if v.piece.end <= value.piece.start]
    # In a list, `is 'a', 'b' or 'c'`, the column was named before the first of them.
    for end in reversed(between):
        if end > start and not _JOINT.match(desk.question.text[end : value.piece.start]):
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
        and not (one.score < 0.95 and _names_the_table(desk, one))
        and (one.score >= 0.8 or not _told_between(desk, one.piece.end, value.piece.start))
    ]
    found = max(near, key=lambda o: (o.piece.end, o.score), default=None)
    return found or _named_after(desk, value)


def _names_the_table(desk: Desk, link: Link) -> bool:
    table = next((t.piece for t in desk.links.tables if t.table == desk.table.name), None)
    return table is not None and table.start <= link.piece.start < table.end


def _told_between(desk: Desk, start: int, end: int) -> bool:
    return any(start <= word.start < end for word in desk.question.words)


def _named_after(desk: Desk, value: Value) -> Link | None:
    """Return the column of `'x' in the command line`."""
    text, end = desk.question.text, value.piece.end
    for one in desk.columns():
        between = text[end : one.piece.start] if one.piece.start >= end else None
        if between is not None and re.fullmatch(
            r"[\"'\s]*(?:in|as|for)\s+(?:the\s+)?", between, re.I
        ):
            return one if _fits(desk, one, value) else None
    return None


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
    if value.kind in ("file", "path") and _NO_FILE.search(low):
        return False
    return not (
        value.kind == "email"
        and not re.search("mail|address|user|upn|sender|recip|account|from|to", low)
    )


_FILE = re.compile(r"file|process|image|command|path|module|name|object", re.IGNORECASE)
_NO_FILE = re.compile(
    r"(?:id|sid|ip|address|domain|key)$|device|host|account|user|sender|recipient|registry|sha|md5"
)


def _by_kind(desk: Desk, value: Value) -> tuple[Ref, ...]:
    if value.kind == "hash":
        wanted = _HASHES.get(len(value.value), "")
        return tuple(
            r for r in desk.roles("hash") if re.sub(r"\W|_", "", r.name.lower()).endswith(wanted)
        )[:1]
    if value.kind in ("identifier", "quoted", "number"):
        return _by_examples(desk, value.value)
    if value.kind in ("email", "domain"):
        sided = _mail_side(desk, value)
        if sided:
            return sided
    before = desk.question.text[max(0, value.piece.start - 40) : value.piece.start]
    if value.kind in ("file", "path") and _BY_PARENT.search(before):
        parents = (*desk.roles("parent_process"), *desk.roles("parent_path"))
        whole = value.kind == "path"
        named = tuple(ref for ref in parents if _is_path(desk, ref) == whole)
        if parents:
            return (named or parents)[:1]
    roles = _KIND_ROLES.get(value.kind, ())
    if value.kind == "file" and not _of_processes(desk, before):
        roles = ("file", "process")
    refs = [r for role in roles for r in desk.roles(role)]
    several = {"port": 2, "address": 2, "email": 3}.get(value.kind, 1)
    return tuple(dict.fromkeys(refs))[:several]


def _of_processes(desk: Desk, before: str) -> bool:
    """Tell whether a file name stands for a program that runs."""
    said = re.search(r"process|program|execut|binar|ran\b|run", before, re.IGNORECASE)
    return said is not None or "process" in desk.table.name.lower()


def _mail_side(desk: Desk, value: Value) -> tuple[Ref, ...]:
    """Return the sender's or the recipient's columns when the words before say which."""
    before = desk.question.text[max(0, value.piece.start - 40) : value.piece.start]
    way = "sender" if _FROM.search(before) else "recipient" if _TO.search(before) else ""
    said = "domain" if value.kind == "domain" else "address"
    found = [c for c in desk.table.columns if way and way in c.lower()]
    best = [c for c in found if said in c.lower()] or found
    return tuple(desk.ref(c) for c in best[:1])


_BY_PARENT = re.compile(
    r"\b(?:(?:started|spawned|launched|created|run|executed|initiated|opened)\s+(?:by|from)"
    r"|parent(?:\s+process)?|child(?:ren)?\s+of|under)\b[^,;]{0,20}\Z",
    re.IGNORECASE,
)
_FROM = re.compile(r"\b(?:from|sender|senders|sent\s+by)\b[^,;]{0,25}\Z", re.IGNORECASE)
_TO = re.compile(r"\b(?:to|recipient|recipients|received\s+by)\b[^,;]{0,25}\Z", re.IGNORECASE)


def _by_examples(desk: Desk, text: str) -> tuple[Ref, ...]:
    low = text.lower()
    for column in desk.table.columns.values():
        if any(example.lower() == low for example in column.examples):
            return (Ref(column.name, column.type),)
    return ()


_JOINT = re.compile(r"['\"\s,]*(?:and|or)?['\"\s,]*\Z", re.IGNORECASE)


def _listed(desk: Desk, value: Value) -> bool:
    """Tell whether the value goes on a list: `contains 'a' or 'b'`."""
    ends = [v.piece.end for v in desk.question.values if v.piece.end <= value.piece.start]
    return bool(ends and _JOINT.match(desk.question.text[ends[-1] : value.piece.start]))


def _operator(desk: Desk, value: Value) -> str:
    ends = [v.piece.end for v in desk.question.values if v.piece.end <= value.piece.start]
    start = max(0, value.piece.start - 60, *(ends[-1:] if not _listed(desk, value) else ()))
    before = desk.question.text[start : value.piece.start]
    for op, pattern in _PARTIAL:
        if pattern.search(before):
            return op
    return "endswith" if value.kind == "path" and value.value.startswith("\\") else "=="
