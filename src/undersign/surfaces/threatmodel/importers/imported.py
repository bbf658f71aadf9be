"""What a description in another form says, as the items of ours; and as its text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from undersign.errors import BadInput

Item = dict[str, Any]
INTERNET = {"id": "internet", "name": "Internet"}
ANYBODY = {"id": "anybody", "name": "Anybody on the internet", "kind": "external",
           "trust": "untrusted", "boundary": "internet"}  # fmt: skip
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_CREDENTIALS = re.compile(r"://[^/@\s]*@")
_SECRETIVE = re.compile(r"(?i)pass|secret|token|key|credential|auth|private|dsn|cert")


@dataclass
class Imported:
    """The items of a description, by id, in the order in which they were met."""

    name: str = ""
    boundaries: dict[str, Item] = field(default_factory=dict)
    components: dict[str, Item] = field(default_factory=dict)
    flows: dict[str, Item] = field(default_factory=dict)
    assets: dict[str, Item] = field(default_factory=dict)
    threats: list[Item] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be carried over, in words."""
    specs: dict[str, Any] = field(default_factory=dict)
    """Element id -> what the file states of it, whole; hashed, never written."""

    def boundary(self, written: str, name: str, **facts: Any) -> str:
        """Take a boundary in once; return its id."""
        found = identifier(written)
        self.boundaries.setdefault(found, {"id": found, "name": name or found, **facts})
        return found

    def component(self, written: str, name: str, kind: str, **facts: Any) -> str:
        """Take a component in; return its id. The same id twice gets a number."""
        found = free(identifier(written), {*self.components, *self.boundaries, *self.assets})
        stated = {key: value for key, value in facts.items() if value is not None}
        self.components[found] = {"id": found, "name": name or found, "kind": kind, **stated}
        return found

    def flow(self, source: str, target: str, **facts: Any) -> str:
        """Take a flow between two components in; what is there already is kept once."""
        stated = {key: value for key, value in facts.items() if value is not None}
        item = {"from": source, "to": target, **stated}
        found = f"{source}->{target}"
        if item not in self.flows.values():
            self.flows[free(found, self.flows, "#")] = item
        return found

    def from_internet(self, target: str, **facts: Any) -> None:
        """Say that anybody on the internet reaches a component."""
        self.boundaries.setdefault("internet", dict(INTERNET))
        self.components.setdefault("anybody", dict(ANYBODY))
        self.flow("anybody", target, **facts)

    def hashes(self) -> dict[str, str]:
        """Return element id -> hash of what is stated of it; order and form say nothing."""
        drawn = {**self.components, **self.flows}
        keys = sorted({*drawn, *self.specs})
        return {key: digest([drawn.get(key), self.specs.get(key)]) for key in keys}


def identifier(written: str) -> str:
    """Return a text as an id: letters, digits, dots, dashes; never that of the system itself."""
    found = _PLAIN.sub("-", str(written)).strip("-._")[:80] or "unnamed"
    return f"{found}-1" if found == "system" else found


def free(wanted: str, taken: Any, mark: str = "-") -> str:
    """Return an id that is not taken."""
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}{mark}{number}"
    return found


def digest(value: Any) -> str:
    """Return a short hash of a value, whatever the order of its keys and lists.

    Values under a name that may be secret count by their presence alone.
    """
    text = json.dumps(_canonical(value), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:16]


def _canonical(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {str(key): _canonical(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return sorted(
            (_canonical(one, name) for one in value), key=lambda v: json.dumps(v, sort_keys=True)
        )
    if isinstance(value, str) and "=" in value and _SECRETIVE.search(value.partition("=")[0]):
        return value.partition("=")[0]
    if name and _SECRETIVE.search(name) and isinstance(value, str):
        return "stated"
    if isinstance(value, bool) or value is None:
        return value
    return _CREDENTIALS.sub("://@", str(value))


def of_json(text: str) -> Any:
    """Read JSON; BadInput, located, for anything else."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"no JSON: {error.msg}", line=error.lineno, column=error.colno) from error
    except (RecursionError, ValueError) as error:
        raise BadInput(f"no JSON: {error}") from error


def of_yaml(text: str) -> Any:
    """Read YAML (or JSON) as plain values: no aliases, no tags, bounded depth; BadInput else."""
    from undersign.languages.yaml.tree import read

    return of_json(text) if text.lstrip()[:1] in ("{", "[") else read(text).plain()


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    """Return a mapping; BadInput when it is none."""
    if not isinstance(value, Mapping):
        raise BadInput(f"{what} must be a mapping")
    return value


def rows(value: Any) -> list[Any]:
    """Return a list, empty for None; BadInput for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadInput("expected a list")
    return value


def write(imported: Imported) -> str:
    """Return what was imported as a description in our own form."""
    lines = ["format: undersign/threatmodel/1", f"name: {_scalar(imported.name or 'Imported')}"]
    for section in ("boundaries", "components", "flows", "assets"):
        items = getattr(imported, section).values()
        if items:
            lines.append(f"{section}:")
            lines += [f"  - {{{_fields(item)}}}" for item in items]
    if imported.threats:
        lines.append("threats:")
        lines += [f"  - {{{_fields(item)}}}" for item in imported.threats]
    lines += [f"# not carried over: {' '.join(str(one).split())}" for one in imported.notes]
    return "\n".join(lines) + "\n"


def _fields(item: Item) -> str:
    return ", ".join(f"{key}: {_scalar(value)}" for key, value in item.items())


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_scalar(one) for one in value)}]"
    text = str(value)
    if (
        re.fullmatch(r"[A-Za-z][A-Za-z0-9 ._/-]{0,80}[A-Za-z0-9]", text)
        and text.lower() not in _WORDS
    ):
        return text
    # JSON strings are YAML strings; what JSON writes as a pair of surrogates YAML cannot read.
    return (
        "".join(c if ord(c) < 0x10000 else "?" for c in json.dumps(text, ensure_ascii=False))
        if (text.isprintable())
        else json.dumps("".join(c if c.isprintable() else " " for c in text))
    )


_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "unknown", "n", "y"}
