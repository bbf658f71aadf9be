"""Search conditions as SQL: `field=value` without case, with wildcards, numbers and ranges.

Also free text against the raw event. The rules are those of the `search` command.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import replace

from sqlglot import exp

from undersign.languages.spl.tree import Both, Compare, Search, Sub, Term
from undersign.telemetry.translate.spl.values import (
    ELEMENT,
    Unsaid,
    Value,
    any_of,
    as_number,
    as_text,
    both,
    call,
    cast,
    either,
    flat,
    not_null,
    number_literal,
    numeric,
    text_literal,
    try_cast,
)

TIME = ("earliest", "latest", "_index_earliest", "_index_latest", "timeformat")
"""Words that look like fields and say which time is searched."""
PLACES = ("index", "splunk_server", "splunk_server_group")
"""Words that say where to look; here there is one place, so they hold."""
_ORDER = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_WORD = r"[\p{L}\p{N}]"

Get = Callable[[str], Value]
Exists = Callable[[Sub], exp.Expr]


Marks = Mapping[Compare, exp.Expr]


def condition(search: Search, get: Get, exists: Exists, told: Marks | None = None) -> exp.Expr:
    """Return a search expression as a condition, some comparisons told before; raises Unsaid."""
    if isinstance(search, Term):
        return _term(search, get)
    if isinstance(search, Compare):
        if told and search in told:
            return told[search].copy()
        return compared(search, get(search.field.value))
    if isinstance(search, Sub):
        return exists(search)
    parts = [condition(item, get, exists, told) for item in search.items]
    if search.op == "not":
        return exp.Not(this=call("coalesce", parts[0], exp.false()))
    return flat(exp.And if search.op == "and" else exp.Or, parts)


def compared(found: Compare, value: Value) -> exp.Expr:
    """Return one comparison with one or several constants."""
    if found.field.value.lower() in TIME:
        raise Unsaid(f"`{found.field.value}` inside OR, NOT or after the first command")
    listed = [v.value for v in found.values if plain(v.value)]
    if found.op == "=" and value.kind in ("string", "number") and len(listed) > 1:
        others = [_one(value, "=", v.value) for v in found.values if not plain(v.value)]
        return flat(exp.Or, [*_any(value, listed), *others])
    return flat(exp.Or, [_one(value, found.op, text.value) for text in found.values])


def _any(value: Value, listed: list[str]) -> list[exp.Expr]:
    """Say that a value is one of many texts or numbers."""
    numbers = [n for text in listed if (n := numeric(text)) is not None]
    conditions: list[exp.Expr] = []
    if value.kind == "string":
        texts = [text_literal(text.lower()) for text in listed]
        conditions.append(exp.In(this=call("lower", as_text(value)), expressions=texts))
    if numbers:
        literals = [number_literal(n) for n in numbers]
        conditions.append(exp.In(this=as_number(value), expressions=literals))
    return conditions or [exp.false()]


def plain(text: str) -> bool:
    """Say whether a text is compared as it is: no wildcard, no range."""
    return "*" not in text and "/" not in text


def _one(value: Value, op: str, text: str) -> exp.Expr:
    if value.kind == "null":
        return exp.false()
    if value.kind == "list":
        return any_of(value, _single(ELEMENT, op, text))
    return _single(value, op, text)


def _single(value: Value, op: str, text: str) -> exp.Expr:
    if op == "=":
        return equal(value, text)
    if op == "!=":
        return both(not_null(value.sql), exp.Not(this=equal(value, text)))
    number = numeric(text)
    if number is not None:
        return _ORDER[op](this=as_number(value), expression=number_literal(number))
    if "*" in text:
        raise Unsaid(f"a wildcard with {op}")
    lowered = text_literal(text.lower())
    return _ORDER[op](this=call("lower", as_text(value)), expression=lowered)


def equal(value: Value, text: str) -> exp.Expr:
    """Say that a single value equals a text: without case, as numbers, as a range, by wildcard."""
    if text == "*":
        return not_null(value.sql)
    shown = call("lower", as_text(value))
    if "*" in text:
        return wildcard(shown, text.lower())
    number = numeric(text)
    same = exp.EQ(this=shown, expression=text_literal(text.lower()))
    if number is not None:
        numbers = exp.EQ(this=as_number(value), expression=number_literal(number))
        return numbers if value.kind == "number" else either(same, numbers)
    network = _network(text)
    if network:
        return either(same, in_network(as_text(value), network))
    return same


def wildcard(shown: exp.Expr, pattern: str) -> exp.Expr:
    """Say that a text matches a pattern in which `*` stands for any text."""
    parts = pattern.split("*")
    inner = [p for p in parts if p]
    if not inner:
        return not_null(shown)
    if len(inner) == 1 and len(parts) - pattern.count("*") == 1:
        fixed = text_literal(inner[0])
        if pattern.strip("*") == inner[0] and parts[0] == "" and parts[-1] == "":
            return call("contains", shown, fixed)
        if parts[0] == inner[0]:
            return call("starts_with", shown, fixed)
        if parts[-1] == inner[0]:
            return call("ends_with", shown, fixed)
    escaped = re.sub(r"([%_!])", r"!\1", pattern).replace("*", "%")
    like = exp.Like(this=shown, expression=text_literal(escaped))
    return exp.Escape(this=like, expression=text_literal("!"))


def _network(text: str) -> ipaddress.IPv4Network | None:
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}/\d{1,2}", text):
        if re.fullmatch(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/\d{1,3}", text):
            raise Unsaid("ranges of IPv6 addresses")
        return None
    try:
        return ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return None


def in_network(address: exp.Expr, network: ipaddress.IPv4Network) -> exp.Expr:
    """Say that a text is an IPv4 address of a range."""
    octets = call("string_split", address, text_literal("."))
    number: exp.Expr | None = None
    for place, weight in ((1, 1 << 24), (2, 1 << 16), (3, 1 << 8), (4, 1)):
        octet = try_cast(call("list_extract", octets, exp.Literal.number(place)), "UTINYINT")
        part = exp.Mul(this=cast(octet, "BIGINT"), expression=exp.Literal.number(weight))
        number = part if number is None else exp.Add(this=number, expression=part)
    first, last = int(network.network_address), int(network.broadcast_address)
    within = exp.Between(
        this=exp.Paren(this=number), low=exp.Literal.number(first), high=exp.Literal.number(last)
    )
    four = exp.EQ(this=call("len", octets), expression=exp.Literal.number(4))
    return both(four, within)


def _term(found: Term, get: Get) -> exp.Expr:
    if found.value.strip("*") == "":
        return exp.true()
    raw = get("_raw")
    if raw.kind == "null":
        raise Unsaid("free text is compared with the raw event, which these rows do not have")
    return call("regexp_matches", as_text(raw), text_literal(term_pattern(found.value)))


def term_pattern(value: str) -> str:
    """Return the regular expression of a term: whole words, without case, `*` within a word."""
    inside = r"[^\s\"'(),;<>\[\]{}|!?&]*"
    pattern = inside.join(re.escape(part) for part in value.split("*"))
    before = "" if value.startswith("*") or not value[0].isalnum() else rf"(?:^|[^{_WORD[1:-1]}])"
    after = "" if value.endswith("*") or not value[-1].isalnum() else rf"(?:$|[^{_WORD[1:-1]}])"
    return f"(?i){before}{pattern}{after}"


def split_time(search: Search | None) -> tuple[dict[str, str], Search | None]:
    """Take the time modifiers out of a search's outermost AND."""
    if isinstance(search, Compare) and search.field.value.lower() in TIME:
        return {search.field.value.lower(): search.values[0].value}, None
    if not (isinstance(search, Both) and search.op == "and"):
        return {}, search
    times: dict[str, str] = {}
    rest: list[Search] = []
    for item in search.items:
        found, left = split_time(item)
        times |= found
        if left is not None:
            rest.append(left)
    if not rest:
        return times, None
    if len(rest) == 1:
        return times, rest[0]
    return times, Both("and", tuple(rest), search.start, search.end, search.bare)


def without_places(search: Search, known: Container[str]) -> Search | None:
    """Take out what says where to look; None when nothing is left. Known columns are compared."""
    if isinstance(search, Compare):
        held = search.field.value in PLACES and search.field.value not in known
        return None if held else search
    if not isinstance(search, Both):
        return search
    items = [without_places(item, known) for item in search.items]
    kept = tuple(item for item in items if item is not None)
    if not kept or (search.op == "or" and len(kept) < len(items)):
        return None
    if len(kept) == 1 and search.op == "and":
        return kept[0]
    return replace(search, items=kept)
