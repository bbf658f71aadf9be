"""Documents -> YAML text, the same bytes for the same documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

WIDTH = 96


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
    head = "".join(f"# {' '.join(line.split())}\n" for line in comments)
    return head + "---\n".join(_dump(part) for part in parts)


def items(parts: Sequence[Mapping[str, Any]]) -> str:
    """Write a list of mappings; an empty list is an empty text."""
    return _dump(list(parts)) if parts else ""


def _dump(data: Any) -> str:
    written: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return written
