"""Documents -> YAML text, the same bytes for the same documents; for what is written by machine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

WIDTH = 96
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.$ -]*[A-Za-z0-9_$]")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "nan", "inf"})
"""What YAML readers of some version take for something else than text."""


class _Dumper(yaml.SafeDumper):
    """Block style with lists indented under their key, as rule repositories write it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Flow(dict[str, Any]):
    """A mapping written on one line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if style is None and ("\\" in text or text[:1] in "*%@`" or text != text.strip()):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(
    _Flow, lambda d, v: d.represent_mapping("tag:yaml.org,2002:map", v, flow_style=True)
)


def on_one_line(data: Mapping[str, Any]) -> dict[str, Any]:
    """Mark a mapping to be written on one line."""
    return _Flow(data)


def documents(comments: Sequence[str], parts: Sequence[Mapping[str, Any]]) -> str:
    """Write YAML documents separated by `---`, with comment lines at the top."""
    head = "".join(f"# {_on_one_line(line)}\n" for line in comments)
    return head + "---\n".join(_dump(part) for part in parts)


def _on_one_line(comment: str) -> str:
    """Write a comment that cannot end early: what does not print is shown as its code point."""
    shown = (c if c.isprintable() else f"\\U{ord(c):08x}" for c in " ".join(comment.split()))
    return "".join(shown)


def items(parts: Sequence[Mapping[str, Any]]) -> str:
    """Write a list of mappings; an empty list is an empty text.

    Written here and not by PyYAML, whose pure-Python emitter needs a second for a thousand events.
    """
    return "".join(_item(part, "") for part in parts)


def _item(part: Mapping[str, Any], indent: str) -> str:
    lines: list[str] = []
    for key, value in part.items():
        lead = "- " if not lines else "  "
        lines.append(f"{indent}{lead}{_scalar(key)}:{_value(value, indent + '    ')}")
    return "".join(lines)


def _value(value: Any, indent: str) -> str:
    if isinstance(value, Mapping):
        return "\n" + "".join(f"{indent}{_scalar(k)}: {_scalar(v)}\n" for k, v in value.items())
    if value and isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
        return "\n" + "".join(_item(one, indent) for one in value)
    return f" {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    """Write one value on one line; text stays plain only where it can be nothing else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_scalar(one) for one in value)}]"
    text = str(value)
    if isinstance(value, int | float) or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS):
        return text
    return "'" + text.replace("'", "''") + "'" if text.isprintable() else _escaped(text)


def _escaped(text: str) -> str:
    """Write text between double quotes, with everything that does not print as its code point."""
    shown = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return '"' + "".join(shown) + '"'


def _dump(data: Any) -> str:
    written: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return written
