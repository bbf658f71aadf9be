"""What an expression may be, as far as text alone tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from undersign.workspace.reviewing.api_bindings import Binding, Class


@dataclass(frozen=True, slots=True)
class Mod:
    """A module."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Cls:
    """A class: one text of it for every branch and file that defines it."""

    module: str
    name: str
    texts: tuple[Class, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Inst:
    """An object of a class, or of a subclass when only its type is declared."""

    of: Cls
    declared: bool = False
    stands_in: tuple[Cls, ...] = ()
    """Classes of a value that is declared to be something else: a proxy has its own names too."""


@dataclass(frozen=True, slots=True, eq=False)
class Fn:
    """A function or method."""

    module: str
    name: str
    binding: Binding
    receiver: Cls | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """Something that boto3 makes of the data files of botocore and boto3."""

    shape: str
    """`client`, `resource` or `collection`."""
    service: str
    resource: str = ""
    """Empty for the service itself, else the resource's type, such as `Bucket`."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """What text alone does not tell."""

    why: str


Value = Mod | Cls | Inst | Fn | Service | Opaque


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """Where an expression stands."""

    module: str
    """Empty for an expression that stands alone: its names are modules."""
    receiver: Cls | None = None
    """What `self`, `cls` and `Self` mean."""
    owner: Class | None = None
    """The class whose body it stands in."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding and where it was found."""

    name: str
    binding: Binding
    context: Context
    stub: bool = False


@dataclass(slots=True)
class Look:
    """What was found of one name in one value."""

    bound: list[Bound] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    """Values that no binding gives: submodules, operations of a service."""
    place: str = ""
    unknown: str = ""
    """Why the name may be there though it was not found; empty when it may not."""
    names: frozenset[str] = frozenset()
    """Every name beside it."""
    parent: str = ""
    """What it was looked for in, in words."""

    @property
    def found(self) -> bool:
        """Whether the name is there."""
        return bool(self.bound or self.values)
