"""One comparison of the query model as a DuckDB expression over its table's column, or nothing.

Only what can be said exactly is said: a comparison over functions, paths or columns that have no
word here gives None, and is then not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from undersign.records.query import Comparison, Literal, Type

if TYPE_CHECKING:
    from sqlglot import exp

Reading = OneOf["written", "any_case", "anywhere"]
"""As written; without regard to case; with every text looked for anywhere in the value, case aside.
"""
_TEXT_OPS = ("==", "!=", "in", "contains", "has", "startswith", "endswith", "like", "regex")
_ANYWHERE_OPS = ("==", "!=", "in", "contains", "has", "startswith", "endswith")
_ORDERED: tuple[str, ...] = ("<", "<=", ">", ">=")


class CannotSay(Exception):
    """The comparison has no exact DuckDB expression here."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a comparison is compiled against."""

    language: str
    column: str
    """Of the table's view."""
    type: Type
    now: datetime
    """UTC."""


def predicate(comparison: Comparison, ground: Ground, reading: Reading) -> exp.Expr | None:
    """Return the comparison, negation included, as a boolean expression; None when it cannot be."""
    if reading != "written" and not _has_reading(comparison, ground, reading):
        return None
    try:
        left = _left(comparison, ground)
        held = _positive(comparison, left, ground, reading)
    except CannotSay:
        return None
    return _turned(comparison, held, ground)


def column(name: str) -> exp.Expr:
    """Return a column by its quoted name."""
    from sqlglot import exp

    return exp.column(exp.to_identifier(name, quoted=True))


def timestamp(moment: datetime) -> exp.Expr:
    """Return a UTC time as the naive timestamp that the views hold."""
    from sqlglot import exp

    naive = moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return exp.cast(exp.Literal.string(naive), "TIMESTAMP")


def _has_reading(comparison: Comparison, ground: Ground, reading: Reading) -> bool:
    if ground.type != "string" or not all(v.kind == "string" for v in comparison.values):
        return False
    if reading == "any_case":
        return comparison.op in _TEXT_OPS and comparison.case_sensitive
    return comparison.op in _ANYWHERE_OPS


def _left(comparison: Comparison, ground: Ground) -> exp.Expr:
    from sqlglot import exp

    if ground.type in ("dynamic", "list", "unknown") and comparison.op != "exists":
        raise CannotSay
    left = column(ground.column)
    if ground.type == "string" and ground.language == "kql":
        # A missing text is an empty one in Kusto.
        left = exp.func("coalesce", left, exp.Literal.string(""))
    for name in reversed(comparison.functions):
        left = _applied(name, left)
    return left


def _applied(name: str, inner: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    if name in ("tolower", "lower", "lcase"):
        return exp.func("lower", inner)
    if name in ("toupper", "upper", "ucase"):
        return exp.func("upper", inner)
    if name in ("tostring", "to_string"):
        return exp.cast(inner, "VARCHAR")
    if name in ("toint", "tolong", "tonumber"):
        kind = "DOUBLE" if name == "tonumber" else "BIGINT"
        return exp.TryCast(this=inner, to=exp.DataType.build(kind))
    if name in ("strlen", "length", "len"):
        return exp.func("length", inner)
    raise CannotSay


def _positive(comparison: Comparison, left: exp.Expr, ground: Ground, reading: Reading) -> exp.Expr:
    """Return the comparison without its negation."""
    from sqlglot import exp

    loose = reading != "written" or not comparison.case_sensitive
    if comparison.op == "true":
        return left
    if comparison.op == "exists":
        return _exists(left, ground)
    if comparison.op == "between":
        low, high = (_value(v, ground) for v in comparison.values)
        return exp.Between(this=_numbered(left, comparison.values[0], ground), low=low, high=high)
    if comparison.op in _ORDERED:
        kinds: dict[str, type[exp.Binary]] = {
            "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
        }  # fmt: skip
        (value,) = comparison.values
        number = _numbered(left, value, ground)
        return kinds[comparison.op](this=number, expression=_value(value, ground))
    if not comparison.values:
        raise CannotSay
    op = "contains" if reading == "anywhere" else comparison.op
    one = _tests().get(op)
    if one is None:
        raise CannotSay
    return exp.or_(*(one(left, value, ground, loose) for value in comparison.values))


def _turned(comparison: Comparison, held: exp.Expr, ground: Ground) -> exp.Expr:
    """Apply the negation, with each language's view of a missing value."""
    from sqlglot import exp

    if not (comparison.negated or comparison.op == "!="):
        return held
    if ground.language == "sql":
        return exp.not_(held)
    if ground.language == "spl" and not comparison.negated:
        # `field!=value` asks for events that have the field; NOT does not.
        return exp.not_(held)
    return exp.not_(exp.func("coalesce", held, exp.false()))


def _exists(left: exp.Expr, ground: Ground) -> exp.Expr:
    from sqlglot import exp

    filled = exp.not_(exp.Is(this=left, expression=exp.Null()))
    if ground.type == "string" and ground.language != "sql":
        return exp.and_(filled, exp.NEQ(this=left.copy(), expression=exp.Literal.string("")))
    return filled


_Test = Callable[["exp.Expr", Literal, Ground, bool], "exp.Expr"]


def _tests() -> dict[str, _Test]:
    return {
        "==": _equal, "!=": _equal, "in": _equal, "contains": _contains, "has": _has,
        "startswith": _starts, "endswith": _ends, "like": _like, "regex": _regex, "cidr": _cidr,
    }  # fmt: skip


def _equal(left: exp.Expr, value: Literal, ground: Ground, loose: bool) -> exp.Expr:
    from sqlglot import exp

    if value.kind == "null":
        return exp.Is(this=left.copy(), expression=exp.Null())
    if value.kind == "string" and ground.type == "string":
        one, two = left.copy(), _value(value, ground)
        if loose:
            one, two = exp.func("lower", one), exp.func("lower", two)
        return exp.EQ(this=one, expression=two)
    return exp.EQ(this=_numbered(left.copy(), value, ground), expression=_value(value, ground))


def _numbered(left: exp.Expr, value: Literal, ground: Ground) -> exp.Expr:
    """Return the left side in the type of the value it is compared with."""
    from sqlglot import exp

    if ground.type == "string" and value.kind in ("long", "double"):
        return exp.TryCast(this=left, to=exp.DataType.build("DOUBLE"))
    if ground.type == "string" and value.kind == "boolean":
        return exp.TryCast(this=left, to=exp.DataType.build("BOOLEAN"))
    if ground.type == "string" and value.kind in ("timestamp", "ago"):
        return exp.TryCast(this=left, to=exp.DataType.build("TIMESTAMP"))
    if ground.type in ("long", "double", "boolean") and value.kind == "string":
        return exp.cast(left, "VARCHAR")
    return left


def _value(value: Literal, ground: Ground) -> exp.Expr:
    from sqlglot import exp

    held: Any = value.value
    if value.kind == "string":
        return exp.Literal.string(held)
    if value.kind in ("long", "double"):
        return exp.Literal.number(held)
    if value.kind == "boolean":
        return exp.true() if held else exp.false()
    if value.kind == "timestamp":
        return timestamp(datetime.fromisoformat(str(held)))
    if value.kind == "ago" and not value.rounded:
        return timestamp(ground.now - timedelta(seconds=float(held)))
    raise CannotSay


def _text(left: exp.Expr, value: Literal, loose: bool) -> tuple[exp.Expr, exp.Expr]:
    from sqlglot import exp

    if value.kind not in ("string", "long", "double"):
        raise CannotSay
    one, two = exp.cast(left.copy(), "VARCHAR"), exp.Literal.string(str(value.value))
    return (exp.func("lower", one), exp.func("lower", two)) if loose else (one, two)


def _contains(left: exp.Expr, value: Literal, ground: Ground, loose: bool) -> exp.Expr:
    return _call("contains", *_text(left, value, loose))


def _starts(left: exp.Expr, value: Literal, ground: Ground, loose: bool) -> exp.Expr:
    return _call("starts_with", *_text(left, value, loose))


def _ends(left: exp.Expr, value: Literal, ground: Ground, loose: bool) -> exp.Expr:
    return _call("suffix", *_text(left, value, loose))


def _has(left: exp.Expr, value: Literal, ground: Ground, loose: bool) -> exp.Expr:
    """Say that the text stands between characters that are no ASCII letters or digits."""
    pattern = f"(?:^|[^0-9A-Za-z]){_escaped(str(value.value))}(?:$|[^0-9A-Za-z])"
    return _matches(left, pattern, loose)


def _like(left: exp.Expr, value: Literal, ground: Ground, loose: bool) -> exp.Expr:
    parts = {"*": ".*", "?": "."}
    pattern = "".join(parts.get(c) or _escaped(c) for c in str(value.value))
    return _matches(left, f"(?s)^(?:{pattern})$", loose)


def _regex(left: exp.Expr, value: Literal, ground: Ground, loose: bool) -> exp.Expr:
    return _matches(left, str(value.value), loose)


def _matches(left: exp.Expr, pattern: str, loose: bool) -> exp.Expr:
    from sqlglot import exp

    shown = exp.cast(left.copy(), "VARCHAR")
    return _call(
        "regexp_matches", shown, exp.Literal.string(f"(?i){pattern}" if loose else pattern)
    )


def _cidr(left: exp.Expr, value: Literal, ground: Ground, loose: bool) -> exp.Expr:
    """Say that an IPv4 address lies in a range; IPv6 ranges cannot be said here."""
    from sqlglot import exp

    try:
        network = ip_network(str(value.value), strict=False)
    except ValueError as error:
        raise CannotSay from error
    if not isinstance(network, IPv4Network):
        raise CannotSay
    parts = [
        exp.Mul(
            this=exp.TryCast(
                this=_call("split_part", left.copy(), exp.Literal.string("."), _number(n + 1)),
                to=exp.DataType.build("BIGINT"),
            ),
            expression=_number(256 ** (3 - n)),
        )
        for n in range(4)
    ]
    whole: exp.Expr = parts[0]
    for part in parts[1:]:
        whole = exp.Add(this=whole, expression=part)
    first, last = int(network.network_address), int(network.broadcast_address)
    return exp.Between(this=exp.paren(whole), low=_number(first), high=_number(last))


def _call(name: str, *args: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    return exp.Anonymous(this=name, expressions=list(args))


def _number(value: int) -> exp.Expr:
    from sqlglot import exp

    return exp.Literal.number(value)


def _escaped(text: str) -> str:
    """Escape a text for RE2."""
    return "".join(c if c.isalnum() or ord(c) > 127 else f"\\{c}" for c in text)
