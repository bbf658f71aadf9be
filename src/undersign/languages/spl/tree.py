"""The tree of a search: what was written, with offsets into the expanded text.

`telemetry.translate.spl` gives it its meaning; `model.py` turns it into a `Query`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Name:
    """A field, a value, an option: one word and its place."""

    value: str
    start: int
    end: int
    quoted: bool = False


# --- eval expressions


@dataclass(frozen=True, slots=True)
class Field:
    """A field read by an eval expression."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Const:
    """A number, a text or a truth value in an eval expression."""

    value: str | int | float | bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; the name in lower case."""

    name: str
    arguments: tuple[Expr, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, `.`, or a comparison (`==`, `!=`, `<`, `<=`, `>`, `>=`, `like`)."""

    op: str
    left: Expr
    right: Expr
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Logic:
    """`and`, `or`, `xor` of two or more, or `not` and `-` of one."""

    op: str
    items: tuple[Expr, ...]
    start: int
    end: int
    bare: bool = False
    """An `or` with an `and` beside it that is not in parentheses."""


Expr: TypeAlias = Field | Const | Call | Binary | Logic


# --- search expressions


@dataclass(frozen=True, slots=True)
class Term:
    """Free text, compared with the raw event."""

    value: str
    quoted: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Compare:
    """`field=value`, `field IN (...)`; `=` with several values is IN."""

    field: Name
    op: str
    values: tuple[Name, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Both:
    """`and`, `or`, or `not` of one."""

    op: str
    items: tuple[Search, ...]
    start: int
    end: int
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Sub:
    """A subsearch in place of a condition."""

    pipeline: Tree
    start: int
    end: int


Search: TypeAlias = Term | Compare | Both | Sub


# --- commands


@dataclass(frozen=True, slots=True)
class Agg:
    """One aggregate of the stats family."""

    function: str
    """As written, lower case."""
    field: Name | None
    expression: Expr | None
    """What `eval(...)` inside it computes."""
    name: str
    """Of the result; `*` of a wildcard stays."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class By:
    """One field to group by; `span` and other options as written."""

    field: Name
    span: str = ""


@dataclass(frozen=True, slots=True)
class Assign:
    """`name = expression`."""

    name: Name
    value: Expr


@dataclass(frozen=True, slots=True)
class Pair:
    """`old AS new`; the same name twice where nothing is renamed."""

    old: Name
    new: Name


@dataclass(frozen=True, slots=True)
class Key:
    """One key of sort."""

    field: Name
    descending: bool
    kind: str = "auto"
    """auto, num, str, ip."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command; which parts are filled depends on its name."""

    name: str
    start: int
    end: int
    options: Mapping[str, Name] = field(default_factory=dict)
    fields: tuple[Name, ...] = ()
    pairs: tuple[Pair, ...] = ()
    outputs: tuple[Pair, ...] = ()
    """Of lookup: OUTPUT fields."""
    assigns: tuple[Assign, ...] = ()
    aggregates: tuple[Agg, ...] = ()
    by: tuple[By, ...] = ()
    search: Search | None = None
    where: Expr | None = None
    inner: tuple[Tree, ...] = ()
    order: tuple[Key, ...] = ()
    number: int | None = None
    text: str = ""
    """A regular expression, a data model, a lookup's name."""
    mode: str = ""
    """`fields -`, `lookup OUTPUTNEW`, `rex mode=sed`, `regex !=`."""
    broken: bool = False
    """Its arguments cannot be read, or nobody here knows the command."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A pipeline of commands."""

    commands: tuple[Command, ...]
    start: int
    end: int
