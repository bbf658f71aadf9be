"""Where the text of a Python module is: the project, an environment's site-packages, type stubs.

Files are read as text. Nothing is imported, no interpreter of the environment is started, and its
`.pth` files, `sitecustomize` and compiled modules are bytes here.
"""

from __future__ import annotations

import ast
import stat
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from undersign.languages.python import Module, parse
from undersign.workspace.reviewing.api_bindings import Summary
from undersign.workspace.reviewing.api_summary import summarise

_LARGEST = 4_000_000
_LONGEST = 100
"""Characters of one part of a module's name."""
_DEEPEST = 20
_COMPILED = (".so", ".pyd", ".dll", ".dylib")
STANDARD = "standard library"


@dataclass(frozen=True, slots=True)
class Found:
    """One module, from every file that says something of it."""

    name: str
    summaries: tuple[Summary, ...] = ()
    """Stubs first."""
    folders: tuple[Path, ...] = ()
    """Where its submodules are."""
    owner: str = ""
    """`project`, `standard library`, or the top-level module of an installed package."""
    compiled: bool = False

    @property
    def read(self) -> bool:
        """Whether its text, or a stub of it, was read: a compiled module alone is not."""
        return bool(self.summaries) or (bool(self.folders) and not self.compiled)


@dataclass(slots=True)
class Places:
    """Finds modules by name; every file is read once."""

    project: Mapping[str, Module] = field(default_factory=dict)
    """Path -> parsed file."""
    sites: tuple[Path, ...] = ()
    """Folders called `site-packages`."""
    _found: dict[str, Found | None] = field(default_factory=dict)
    _ours: dict[str, str] | None = None

    def module(self, name: str) -> Found | None:
        """Find a module or package; None when there is none where this can look."""
        if name not in self._found:
            self._found[name] = None  # a module that imports itself while it is read
            self._found[name] = self._look(name)
        return self._found[name]

    def there(self, name: str) -> bool:
        """Say whether there is a module or package of this name, without reading it."""
        if not name.isidentifier() or len(name) > _LONGEST:
            return False
        if name in self._found:
            return self._found[name] is not None
        stubs = typeshed()
        if stubs is not None and _is_standard(name, stubs):
            return True
        ways = (site / end for site in self.sites for end in (name, f"{name}.py", f"{name}.pyi"))
        return any(path.exists() for path in ways) or self.module(name) is not None

    def submodule(self, found: Found, name: str) -> Found | None:
        """Find a module inside a package."""
        return self.module(f"{found.name}.{name}") if name.isidentifier() else None

    def names_of(self, path: str) -> tuple[str, ...]:
        """Return the names under which a file of the project may be imported."""
        return tuple(_module_names(path, self.project))

    def roots(self, found: Found, *, stubs: bool) -> tuple[Path, ...]:
        """Return the files that may bind a name of this module by its text.

        With `stubs` also those that say which classes there are beside one of the module.
        """
        top = found.name.partition(".")[0]
        if found.owner == STANDARD:
            file = Path(sysconfig.get_path("stdlib")).joinpath(*found.name.split("."))
            ways = [file.with_suffix(".py"), file / "__init__.py"]
            if stubs and (known := typeshed()) is not None:
                stub = known.joinpath(*found.name.split("."))
                ways += [stub.with_suffix(".pyi"), stub / "__init__.pyi"]
            return tuple(path for path in ways if _is_file(path))
        if found.owner == "project":
            return ()
        ways = [site / name for site in self.sites for name in (top, f"{top}.py")]
        return tuple(path for path in ways if path.exists())

    def label(self, found: Found) -> str:
        """Name the package of a module, with its version where it has one."""
        if found.owner in (STANDARD, "project"):
            return found.owner
        known = (versions(site).get(found.owner, "") for site in self.sites)
        return next((label for label in known if label), found.owner)

    def _look(self, name: str) -> Found | None:
        parts = name.split(".")
        if len(parts) > _DEEPEST or not all(p.isidentifier() and len(p) <= _LONGEST for p in parts):
            return None
        return self._in_project(name) or self._installed(name) or self._standard(name)

    def _in_project(self, name: str) -> Found | None:
        if self._ours is None:
            self._ours = {n: p for p in self.project for n in _module_names(p, self.project)}
        path = self._ours.get(name)
        if path is None:
            inside = any(one.startswith(f"{name}.") for one in self._ours)
            # A folder without __init__.py: it has submodules, and no names of its own.
            return Found(name, (Summary(name, package=True),), owner="project") if inside else None
        parsed = self.project[path]
        one = summarise(parsed.tree, name, package=PurePosixPath(path).stem == "__init__")
        one.place = path
        if parsed.unread:
            one.dynamic = f"a part of {path} cannot be read"
        return Found(name, (one,), owner="project")

    def _installed(self, name: str) -> Found | None:
        for site in self.sites:
            top, *rest = name.split(".")
            stubs = site.joinpath(f"{top}-stubs", *rest)
            found = _found(name, site.joinpath(top, *rest), site, top, stubs)
            if found is not None:
                return found
        return None

    def _standard(self, name: str) -> Found | None:
        stubs = typeshed()
        library = Path(sysconfig.get_path("stdlib"))
        parts = name.split(".")
        if stubs is None or not _is_standard(parts[0], stubs):
            return None
        return _found(name, library.joinpath(*parts), library, STANDARD, stubs.joinpath(*parts))


def site_packages(environment: Path) -> tuple[Path, ...]:
    """Return the folders with installed packages of an environment, or the folder itself."""
    found = [*environment.glob("lib/python3*/site-packages"), environment / "Lib/site-packages"]
    there = tuple(sorted(path for path in found if path.is_dir()))
    if there or not environment.is_dir():
        return there
    return (environment,) if any(environment.glob("*.dist-info")) else ()


@cache
def typeshed() -> Path | None:
    """Return the stubs of the standard library that come with jedi; it is not imported for it."""
    spec = find_spec("jedi")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "third_party" / "typeshed" / "stdlib"
    return folder if folder.is_dir() else None


@cache
def versions(site: Path) -> Mapping[str, str]:
    """Return top-level module -> `name version` of the packages installed in a folder."""
    known: dict[str, str] = {}
    for folder in sorted(site.glob("*.dist-info")):
        name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        for top in (name.lower().replace("-", "_"), *_tops(folder)):
            known.setdefault(top, f"{name} {version}")
    return known


def _tops(folder: Path) -> Iterator[str]:
    text = _text(folder / "RECORD") or ""
    tops = {line.partition(",")[0].partition("/")[0] for line in text.splitlines()}
    for top in sorted(tops):
        yield top.removesuffix(".py")


def _is_standard(top: str, stubs: Path) -> bool:
    return (stubs / top).is_dir() or (stubs / f"{top}.pyi").is_file()


def _module_names(path: str, project: Iterable[str]) -> Iterator[str]:
    """Yield the dotted names of a file: from the root, and from above its topmost package."""
    pure = PurePosixPath(path)
    if pure.suffix not in (".py", ".pyi"):
        return
    parts = [*pure.parts[:-1], *([] if pure.stem == "__init__" else [pure.stem])]
    if not parts or not all(part.isidentifier() for part in parts):
        parts = parts[-1:]
    if not parts:
        return
    yield ".".join(parts)
    depth = len(parts) - 1
    while depth > 0 and "/".join([*parts[:depth], "__init__.py"]) in project:
        depth -= 1
    for start in range(depth, 0, -1):
        yield ".".join(parts[start:])


def _found(name: str, path: Path, site: Path, owner: str, stub: Path) -> Found | None:
    summaries, folders, compiled = [], [], False
    for place, suffix in ((stub, ".pyi"), (path, ".pyi"), (path, ".py")):
        one, folder = _one(name, place, suffix, site)
        summaries += [one] if one else []
        if folder is not None and folder not in folders:
            folders.append(folder)
    if path.parent.is_dir() and not any(not s.stub for s in summaries):
        compiled = any(
            f.name.startswith(f"{path.name}.") and f.suffix in _COMPILED
            for f in path.parent.glob(f"{path.name}.*")
        )
    if not summaries and not folders and not compiled:
        return None
    return Found(name, tuple(summaries), tuple(folders), owner, compiled)


def _one(name: str, place: Path, suffix: str, site: Path) -> tuple[Summary | None, Path | None]:
    """Read one file of a module; also return the folder when it is a package."""
    folder = place if place.is_dir() and place.name != "__pycache__" else None
    package = folder is not None and _is_file(folder / f"__init__{suffix}")
    file = place / f"__init__{suffix}" if package else place.with_name(f"{place.name}{suffix}")
    text = _text(file)
    if text is None:
        # A file that is there and cannot be read leaves its names unknown.
        if not _is_file(file):
            return None, folder
        tree, why = ast.Module([], []), "its file cannot be read"
    else:
        parsed = parse(text)
        tree, why = parsed.tree, "a part of its file cannot be read" if parsed.unread else ""
    made = summarise(tree, name, package=package)
    made.dynamic = made.dynamic or why
    made.stub = suffix == ".pyi"
    made.place = file.relative_to(site).as_posix() if file.is_relative_to(site) else "type stubs"
    return made, folder


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _text(path: Path) -> str | None:
    """Read a plain file of bounded size; None for anything else, a pipe above all."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return None
        return path.read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError):
        return None
