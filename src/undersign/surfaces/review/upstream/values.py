"""What a name may stand for while a guard is run on behalf of somebody who is not logged in."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from enum import Enum

from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo


class World(Enum):
    """On whose behalf code is run."""

    NOBODY = "somebody who is not logged in, and may send whatever he likes but no secret"
    USER = "a user without any role, permission or group"
    ANYONE = "who that is, is left open: both branches of every question about it are taken"


@dataclass(frozen=True)
class Known:
    """One of these constants."""

    values: tuple[object, ...]


@dataclass(frozen=True)
class Items:
    """A tuple or list of values, as it is written."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Prefix:
    """A text of which only the beginning is known: the path of a route with parameters."""

    text: str


@dataclass(frozen=True)
class Person:
    """The user object that a framework provides; of nobody it is an object too, and true."""


@dataclass(frozen=True)
class Session:
    """What the server remembers of a visitor; of nobody it holds no login."""


@dataclass(frozen=True)
class Request:
    """The request."""


@dataclass(frozen=True)
class Context:
    """A place where the project keeps things of one request: flask.g, request.state."""

    name: str


@dataclass(frozen=True)
class Bag:
    """What the sender fills: headers, cookies, a form."""


@dataclass(frozen=True)
class Chosen:
    """A value that the sender chose."""

    secret: bool = False
    """It is a place for a credential, of which the right value is not known to him."""


@dataclass(frozen=True)
class Low:
    """A role or permission, of somebody who has none."""


@dataclass(frozen=True)
class Present:
    """Something that is there because a check succeeded: a user, the claims of a token."""


@dataclass(frozen=True)
class Lookup:
    """A query by something that tells who somebody is."""

    empty: bool
    """It was asked with nothing, or with a credential that is wrong."""


@dataclass(frozen=True)
class View:
    """What the guard stands before; to call it is to let the request pass."""


@dataclass(frozen=True)
class Stopped:
    """A view behind a guard of a library."""

    role: bool = False


@dataclass(frozen=True)
class Gate:
    """A view behind a test of the project, as user_passes_test makes it."""

    test: Value


@dataclass(frozen=True)
class Refusal:
    """A response that says no: 401, 403, a redirect."""


@dataclass(frozen=True, eq=False)
class Made:
    """A function of the project, with the names that it closes over."""

    info: FunctionInfo
    names: dict[str, Value] = field(default_factory=dict)
    bound: Value | None = None


@dataclass(frozen=True, eq=False)
class Instance:
    """An object of a class of the project."""

    owner: ClassInfo
    names: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Library:
    """A name of a library, or one that was not found."""

    name: str


@dataclass(frozen=True)
class Unknown:
    """Nothing is known of it."""

    who: bool = False
    """Whether it may tell who somebody is."""


Value = (
    Known | Items | Prefix | Person | Session | Request | Context | Bag | Chosen | Low | Present
    | Lookup | View | Stopped | Gate | Refusal | Made | Instance | Library | Unknown
)  # fmt: skip

NONE, TRUE, FALSE = Known((None,)), Known((True,)), Known((False,))

WHO = re.compile(
    r"(?i)user|auth(?!or\b|ors\b)|login|logged|account|member|principal|identity|jwt|token|api_?key|"
    r"credential|session|signature|uid\b|role|admin|permission|staff|owner|access|allowed|guard|"
    r"protect|restrict|require"
)
"""Words of names that have to do with who somebody is; they only make a verdict more careful."""
ROLE = re.compile(
    r"(?i)role|admin|permission|perms?\b|perm_|staff|superuser|scope|privilege|group|\bcan\b|can_"
)
SECRET = re.compile(
    r"(?i)authorization|token|api[-_]?key|secret|signature|password|passwd|jwt|bearer|hmac|"
    r"session|sid\b|credential|x-auth|access[-_]?key"
)
NOT_SECRET = re.compile(r"(?i)csrf|xsrf|type|scheme|prefix|name$")
LOGIN_KEY = re.compile(r"(?i)user|login|logged|auth|account|member|uid|role|admin|identity|staff")
NO_LOGIN = re.compile(
    r"(?i)csrf|xsrf|next|agent|lang|locale|theme|consent|count|last|state|nonce|try"
)
SCHEMES = frozenset(
    {"", "bearer", "basic", "token", "jwt", "apikey", "digest", "null", "none", "undefined"}
)


def secret_place(name: str) -> bool:
    """Say whether a header, cookie or parameter of this name is a place for a credential."""
    return bool(SECRET.search(name)) and not NOT_SECRET.search(name)


def login_key(name: str) -> bool:
    """Say whether a session holds the login under this key."""
    return bool(LOGIN_KEY.search(name)) and not NO_LOGIN.search(name)


def is_who(value: Value) -> bool:
    """Say whether a value tells who somebody is."""
    if isinstance(value, Items):
        return any(is_who(one) for one in value.items)
    if isinstance(value, Chosen):
        return value.secret
    if isinstance(value, Unknown):
        return value.who
    return isinstance(value, Person | Session | Low | Present | Lookup)


def constant(node: ast.expr) -> Known | None:
    """Return a literal as a value; sets, lists and tuples of constants as one tuple."""
    if isinstance(node, ast.Constant):
        return Known((node.value,))
    if isinstance(node, ast.Tuple | ast.List | ast.Set) and all(
        isinstance(e, ast.Constant) for e in node.elts
    ):
        return Known((tuple(e.value for e in node.elts if isinstance(e, ast.Constant)),))
    return None


def turn(over: Value) -> Value:
    """Return what a loop gives a name in one of its turns."""
    if isinstance(over, Known) and len(over.values) == 1 and isinstance(over.values[0], tuple):
        return Known(over.values[0]) if over.values[0] else Unknown()
    return Chosen(secret=over.secret) if isinstance(over, Chosen) else Unknown(is_who(over))
