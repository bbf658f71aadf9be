"""Which packages a project declares and locks: the ground that an import must stand on.

`pypi`, `npm`, `go` and `maven` are the ecosystems; Gradle is `maven`, for it has its coordinates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SEPARATORS = re.compile(r"[-_.]+")


def key_of(name: str, ecosystem: str) -> str:
    """Return the name under which two spellings of one package are the same.

    PyPI takes `Flask_Cors` and `flask-cors` for one (PEP 503); npm's names have no capitals.
    """
    if ecosystem == "pypi":
        return _SEPARATORS.sub("-", name).lower().strip("-")
    return name.lower() if ecosystem == "npm" else name


@dataclass(frozen=True, slots=True)
class Package:
    """One package as one file names it."""

    name: str
    """As it is written: `Flask`, `@scope/name`, `github.com/owner/name`, `group:artifact`."""
    ecosystem: str
    file: str
    line: int = 0
    """0 when it cannot be told."""
    version: str = ""
    """The version when it is pinned, or else what is asked for: `>=2,<3`; empty for anything."""
    pinned: bool = False
    """Whether one version, or one commit, is meant and no other."""
    direct: bool = True
    """Whether the project itself asks for it; a lock file does not always say."""
    source: str = ""
    """Where it comes from when not from its ecosystem's usual index: `git+https://...`,
    `https://...`, `path:../lib`, `index:https://...`. Credentials are left out of it."""
    group: str = ""
    """Why it is asked for when not to run: `dev`, `build`, an extra's name."""
    digests: frozenset[str] = frozenset()
    """What its content must hash to, as a lock file says."""
    runs_on_install: bool = False
    """Whether a lock file says that installing it runs a program of it."""

    @property
    def key(self) -> str:
        """The name under which other spellings of it are the same."""
        return key_of(self.name, self.ecosystem)


@dataclass(frozen=True, slots=True)
class Problem:
    """What of a manifest could not be read."""

    line: int
    """0 for the whole file."""
    message: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of a manifest that says where packages come from, or what runs at installation."""

    kind: str
    """`index`, `extra-index` or `script`."""
    name: str
    """Of a script its name, such as `postinstall`; of an index its name or nothing."""
    value: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """One file that declares or locks packages."""

    path: str
    kind: str
    """`requirements`, `pyproject.toml`, `uv.lock` ...: what is read, not how the file is called."""
    ecosystem: str
    packages: tuple[Package, ...] = ()
    lock: bool = False
    """Whether it names every package that is installed, those that others bring included."""
    problems: tuple[Problem, ...] = ()
    settings: tuple[Setting, ...] = ()
    names: tuple[str, ...] = ()
    """Of the projects it describes: they are no packages of others."""
    open: bool = False
    """Whether it may name more packages than can be read without running it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One import of one file."""

    name: str
    """Dotted for Python (`a.b`, relative ones made absolute in the repository) and Java; as
    written for JavaScript (`./x`, `@scope/x/y`) and Go."""
    ecosystem: str
    file: str
    line: int
    relative: bool = False
    """Whether it names a place in the project, so that no package can answer."""
    optional: bool = False
    """Whether the file goes on without it: `try: import x` with `except ImportError`."""


STANDARD, PROJECT, LOCKED = "standard-library", "project", "locked"
DECLARED, ABSENT, UNKNOWN = "declared", "absent", "unknown"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where an import comes from. `absent` is of the lockfile, never of the world."""

    status: str
    """`standard-library`, `project`, `locked`, `declared`, `absent` or `unknown`."""
    why: str
    """A sentence without its end."""
    package: Package | None = None


@dataclass(frozen=True, slots=True)
class ImportNames:
    """Which names are imported from where, as far as a catalog and an environment know."""

    standard: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ecosystem -> names of its standard library."""
    provided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Import name of Python, perhaps dotted -> keys of distributions that bring it."""
    shared: frozenset[str] = frozenset()
    """Python packages that many distributions put their parts into: `google`, `azure`."""
    installed: bool = False
    """Whether `provided` was read from an environment with everything that is locked."""


@dataclass(frozen=True, slots=True)
class Packages:
    """The ground `Packages`: what the project may import."""

    manifests: tuple[Manifest, ...] = ()
    declared: Mapping[str, Mapping[str, Package]] = field(default_factory=dict)
    """Ecosystem -> key -> where a manifest asks for it."""
    locked: Mapping[str, Mapping[str, Package]] = field(default_factory=dict)
    """Ecosystem -> key -> where a lock file has it."""
    lock_files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Ecosystem -> paths of the lock files that could be read."""
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ecosystem -> the project's own modules: dotted names for Python and Java, package names
    for npm, module paths for Go."""
    unseen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Ecosystem -> files that may name packages which nobody could read."""
    names: ImportNames = field(default_factory=ImportNames)
    paths: frozenset[str] = frozenset()
    """Every file of the project."""

    def found(self, key: str, ecosystem: str) -> Resolution | None:
        """Return where a package of this key stands, locked before declared."""
        one = self.locked.get(ecosystem, {}).get(key)
        if one is not None:
            return Resolution(LOCKED, f"`{one.name}` stands in {_place(one)}", one)
        one = self.declared.get(ecosystem, {}).get(key)
        if one is not None:
            return Resolution(DECLARED, f"{_place(one)} asks for `{one.name}`", one)
        return None

    def cannot_tell(self, ecosystem: str) -> str:
        """Say why an ecosystem's list of packages is not the whole of it; empty when it is."""
        unseen = self.unseen.get(ecosystem, ())
        if unseen:
            return f"{unseen[0]} may name more packages than can be read without running it"
        if not self.lock_files.get(ecosystem):
            return "there is no lockfile here that names every package"
        return ""


def _place(package: Package) -> str:
    return f"{package.file}:{package.line}" if package.line else package.file
