"""IPv4 functions as SQL over the library's own `parse_ipv4`, which is null for what is no address.

Kusto: a null address gives null, so neither `ipv4_is_private(x)` nor its negation keeps the row.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from duckdb_kql import ir
from duckdb_kql.errors import KqlUnsupportedError
from duckdb_kql.translate import quote_string, render_expr

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def is_private(node: ir.FunctionCall) -> str:
    """`ipv4_is_private(address)`: in one of the three ranges of RFC 1918."""
    _arity(node, 1, 1)
    return _any_of(node.args[0], [IPv4Network(r) for r in _PRIVATE])


def is_in_range(node: ir.FunctionCall) -> str:
    """`ipv4_is_in_range(address, range)`; a range that is a column is parsed row by row."""
    _arity(node, 2, 2)
    written = _texts(node.args[1])
    if written is not None:
        return _any_of(node.args[0], [_network(text, node.name) for text in written])
    return _masked_equal(node.args[0], node.args[1], _prefix(node.args[1]))


def is_in_any_range(node: ir.FunctionCall) -> str:
    """`ipv4_is_in_any_range(address, range, ...)` or with one dynamic array of ranges."""
    _arity(node, 2, 99)
    ranges: list[IPv4Network] = []
    for arg in node.args[1:]:
        written = _texts(arg)
        if written is None:
            raise KqlUnsupportedError(node.name, hint="its ranges must be constants")
        ranges += [_network(text, node.name) for text in written]
    return _any_of(node.args[0], ranges)


def is_match(node: ir.FunctionCall) -> str:
    """`ipv4_is_match(a, b[, prefix])`: equal under the shortest prefix of the three."""
    _arity(node, 2, 3)
    first, second = node.args[:2]
    prefix = f"least({_prefix(first)}, {_prefix(second)}"
    prefix += f", {render_expr(node.args[2])})" if len(node.args) == 3 else ")"
    return _masked_equal(first, second, prefix)


def compare(node: ir.FunctionCall) -> str:
    """`ipv4_compare(a, b)`: -1, 0 or 1."""
    _arity(node, 2, 2)
    first, second = (_number(arg) for arg in node.args)
    return f"CAST(sign({first} - {second}) AS BIGINT)"


def has_ipv4(node: ir.FunctionCall) -> str:
    """`has_ipv4(text, address)` and `has_any_ipv4(text, address, ...)`, addresses as constants."""
    _arity(node, 2, 99)
    found: list[str] = []
    for arg in node.args[1:]:
        written = _texts(arg)
        if written is None:
            raise KqlUnsupportedError(node.name, hint="its addresses must be constants")
        found += [text for text in written if _is_address(text)]
    if not found:
        return "FALSE"
    one_of = "|".join(text.replace(".", "\\.") for text in found)
    pattern = f"(?:^|[^0-9A-Za-z])(?:{one_of})(?:$|[^0-9A-Za-z])"
    return f"coalesce(regexp_matches({render_expr(node.args[0])}, {quote_string(pattern)}), FALSE)"


def _arity(node: ir.FunctionCall, least: int, most: int) -> None:
    if not least <= len(node.args) <= most:
        raise KqlUnsupportedError(node.name, hint="its arguments are not what Kusto takes")


def _any_of(address: ir.Expr, networks: list[IPv4Network]) -> str:
    tests = " OR ".join(
        f"(_ip.n >> {32 - net.prefixlen}) = {int(net.network_address) >> (32 - net.prefixlen)}"
        for net in networks
    )
    # The lambda evaluates the address once, and a struct passes a null through it.
    pair = f"[struct_pack(n := {_number(address)})]"
    return f"list_transform({pair}, lambda _ip: CASE WHEN _ip.n IS NOT NULL THEN ({tests}) END)[1]"


def _masked_equal(first: ir.Expr, second: ir.Expr, prefix: str) -> str:
    triple = (
        f"[struct_pack(a := {_number(first)}, b := {_number(second)}, "
        f"p := CAST({prefix} AS INTEGER))]"
    )
    return (
        f"list_transform({triple}, lambda _ip: CASE WHEN _ip.p BETWEEN 0 AND 32 "
        "THEN (_ip.a >> (32 - _ip.p)) = (_ip.b >> (32 - _ip.p)) END)[1]"
    )


def _number(address: ir.Expr) -> str:
    return render_expr(ir.FunctionCall("parse_ipv4", (address,)))


def _prefix(address: ir.Expr) -> str:
    text = render_expr(address)
    return (
        f"CASE WHEN contains({text}, '/') THEN TRY_CAST(split_part({text}, '/', 2) AS INTEGER) "
        "ELSE 32 END"
    )


def _texts(node: ir.Expr) -> list[str] | None:
    """Return the strings of a constant string or dynamic array of strings."""
    if not isinstance(node, ir.Literal):
        return None
    if node.kind == "string" and isinstance(node.value, str):
        return [node.value]
    if node.kind == "dynamic" and isinstance(node.value, str):
        items = json.loads(node.value)
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return items
    return None


def _network(text: str, name: str) -> IPv4Network:
    try:
        return IPv4Network(text.strip(), strict=False)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise KqlUnsupportedError(name, hint="a range it names is none") from error


def _is_address(text: str) -> bool:
    try:
        return str(IPv4Address(text)) == text
    except AddressValueError:
        return False


FORMS: dict[str, Callable[[ir.FunctionCall], str]] = {
    "ipv4_is_private": is_private,
    "ipv4_is_in_range": is_in_range,
    "ipv4_is_in_any_range": is_in_any_range,
    "ipv4_is_match": is_match,
    "ipv4_compare": compare,
    "has_ipv4": has_ipv4,
    "has_any_ipv4": has_ipv4,
}
