"""Values -> YAML that a person reads in a diff, and that is read back exactly as it was.

Written here and not by PyYAML, whose emitter needs a second for a thousand rows, and folds or
quotes queries so that nobody can review them. What a log or a person wrote can never become
anything but text: it stays plain only where it can be nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLAIN = re.compile(
    r"[A-Za-z_](?:[A-Za-z0-9_.,$ ()/=<>+;?!|'@&%^~{}*\[\]\\-]*[A-Za-z0-9_.$()/=<>+;?!'%])?"
)
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_.@$ -]*[A-Za-z0-9_.$])?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "nan", "inf", "y", "n"})
"""What YAML readers of some version take for something else than text."""
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_WIDE = 96


class OneLine(tuple[Any, ...]):
    """A list that is written on one line however long it is, such as a row."""

    __slots__ = ()


def write(data: Mapping[str, Any]) -> str:
    """Write a mapping as one YAML document; keys are ours, values anybody's.

    Values are None, bool, int, finite float, str, mappings and sequences of these.
    """
    return "".join(f"{line}\n" for line in _mapping(data, ""))


def _mapping(data: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        lines += _value(f"{indent}{_scalar(key, flow=True)}:", value, indent + "  ")
    return lines


def _value(lead: str, value: Any, indent: str) -> list[str]:
    """Return the lines of one value after `lead`, deeper lines beginning with `indent`."""
    if isinstance(value, str):
        return [f"{lead} {_text(value, indent)}"]
    if isinstance(value, Mapping):
        return [lead, *_mapping(value, indent)] if value else [f"{lead} {{}}"]
    if not isinstance(value, Sequence):
        return [f"{lead} {_scalar(value, flow=False)}"]
    if not value or isinstance(value, OneLine) or _fits(lead, value):
        return [f"{lead} {_flow(value)}"]
    return [lead, *(line for one in value for line in _item(one, indent))]


def _item(value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping) and value:
        lines = _mapping(value, indent + "  ")
        return [f"{indent}- {lines[0].removeprefix(indent + '  ')}", *lines[1:]]
    return _value(f"{indent}-", value, indent + "  ")


def _fits(lead: str, value: Sequence[Any]) -> bool:
    """Say whether a list is short enough for one line, and holds nothing but single words."""
    if any(isinstance(one, Mapping | list | tuple) for one in value):
        return False
    return len(lead) + len(_flow(value)) < _WIDE


def _flow(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_flow(one) for one in value)}]"
    return _scalar(value, flow=True)


def _scalar(value: Any, *, flow: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    text = str(value)
    plain = _PLAIN_IN_FLOW if flow else _PLAIN
    if text.lower() not in _WORDS and plain.fullmatch(text):
        return text
    return text if _TIME.fullmatch(text) and not flow else _quoted(text)


def _float(value: float) -> str:
    """Write a float so that YAML 1.1 reads a float: its exponent needs a dot and a sign."""
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    dotted = mantissa if "." in mantissa else f"{mantissa}.0"
    return f"{dotted}e{exponent if exponent[0] in '+-' else '+' + exponent}"


def _quoted(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_ESCAPES.get(c) or _printed(c) for c in text) + '"'


def _printed(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\\uFFFD"  # half a surrogate pair is no character and has no UTF-8
    if character.isprintable():
        return character
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _text(text: str, indent: str) -> str:
    """Write text of several lines as a block, unless something in it does not print."""
    lines = text.split("\n")
    if len(lines) == 1 or not text.strip() or not all(_prints(line) for line in lines):
        return _scalar(text, flow=False)
    hint = "2" if text[0] in " \n\t" else ""
    body = lines if lines[-1] else lines[:-1]
    chomp = "-" if lines[-1] else ("+" if not lines[-2] else "")
    return "\n".join([f"|{hint}{chomp}", *(f"{indent}{one}" if one else "" for one in body)])


def _prints(line: str) -> bool:
    return line.replace("\t", " ").isprintable()
