"""Candidates about dependencies: what a change adds, unpins, moves to another source or runs.

They speak of manifests and lock files as texts; nothing is installed, and no index is asked.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from undersign.checks.reading.imports import imports_of
from undersign.checks.reading.resolving import resolve
from undersign.languages.manifests import read_manifest
from undersign.records.candidate import Candidate
from undersign.records.change import Change, FileStatus
from undersign.records.code import SourceFile
from undersign.records.packages import (
    ABSENT,
    Imported,
    Manifest,
    Package,
    Packages,
    Setting,
    key_of,
)
from undersign.surfaces.review.alike import WORD_ADDED, alike, of_standard_library

_GOVERNED = {
    "uv.lock": ("pyproject.toml",),
    "poetry.lock": ("pyproject.toml",),
    "pdm.lock": ("pyproject.toml",),
    "Pipfile.lock": ("Pipfile",),
    "package-lock.json": ("package.json",),
    "yarn.lock": ("package.json",),
    "pnpm-lock.yaml": ("package.json",),
    "go.sum": ("go.mod",),
    "gradle.lockfile": ("build.gradle",),
}
"""Kind of a lock file -> kinds of manifests whose packages it must have."""
_NEVER_LOCKED = ("build", "peer", "optional", "indirect", "import", "system", "provided")
_NAMED = 6
"""Packages that a message names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What the project had before the change."""

    manifests: Mapping[str, Manifest]
    """Path at head -> as it was; without those that are new."""
    known: Mapping[str, frozenset[str]]
    """Ecosystem -> keys of every package that any file named."""
    changed: frozenset[str] = field(default_factory=frozenset)
    """Paths of manifests in the change, or all of them when the whole tree is under review."""
    whole: bool = False


def dependency_candidates(
    change: Change | None,
    before: Mapping[str, str],
    after: Mapping[str, str],
    packages: Packages,
    imports_used: Iterable[Imported] = (),
) -> list[Candidate]:
    """Return candidates about the manifests and lock files of a change, or of the whole tree.

    `before` and `after` are path at head -> text, at base and at head. `packages` is of head.
    `imports_used` are the imports in lines under review, as `imports_under_review` gives them.
    """
    was = _before(change, before, after, packages)
    made: list[Candidate] = []
    for manifest in packages.manifests:
        if manifest.path not in was.changed:
            continue
        old = was.manifests.get(manifest.path)
        if _is_lock(manifest, packages):
            made += _of_lock(manifest, old, was, packages)
        else:
            made += _of_manifest(manifest, old, was, packages)
    made += _of_imports(imports_used, packages)
    return made


def imports_under_review(change: Change | None, files: Iterable[SourceFile]) -> list[Imported]:
    """Return the imports that stand in new lines; without a change, all."""
    found = []
    for file in files:
        one = change.file(file.path) if change else None
        found += [
            used
            for used in imports_of(file.path, file.text, file.language)
            if change is None or (one is not None and one.has(used.line, used.line))
        ]
    return found


def _is_lock(manifest: Manifest, packages: Packages) -> bool:
    """Say whether a file is made by a tool from others, and not where a person asks for packages.

    `go.mod` is both; a `requirements.txt` with digests is made when a `requirements.in` is there.
    """
    if manifest.kind == "requirements" and manifest.lock:
        return any(m.kind == "requirements" and not m.lock for m in packages.manifests)
    return manifest.lock and manifest.kind != "go.mod"


def _asked(ecosystem: str, packages: Packages) -> dict[str, Package]:
    """Return what people ask for, by key."""
    return {
        package.key: package
        for manifest in packages.manifests
        if manifest.ecosystem == ecosystem and not _is_lock(manifest, packages)
        for package in manifest.packages
    }


def _before(
    change: Change | None, before: Mapping[str, str], after: Mapping[str, str], packages: Packages
) -> _Before:
    if change is None:
        known = {
            e: frozenset(packages.declared.get(e, {})) | frozenset(packages.locked.get(e, {}))
            for e in {*packages.declared, *packages.locked}
        }
        return _Before({}, known, frozenset(m.path for m in packages.manifests), True)
    touched = {f.path for f in change.files if f.status is not FileStatus.DELETED}
    olds = {p: m for p, text in before.items() if (m := read_manifest(p, text)) is not None}
    still = [m for m in packages.manifests if m.path not in touched]
    keys: dict[str, set[str]] = {}
    for manifest in [*olds.values(), *still]:
        keys.setdefault(manifest.ecosystem, set()).update(p.key for p in manifest.packages)
    known = {ecosystem: frozenset(found) for ecosystem, found in keys.items()}
    return _Before(olds, known, frozenset(touched & (set(after) | set(olds))))


def _of_manifest(
    manifest: Manifest, old: Manifest | None, was: _Before, packages: Packages
) -> Iterator[Candidate]:
    known = was.known.get(manifest.ecosystem, frozenset())
    had = {p.key: p for p in old.packages} if old else {}
    same = {_said(p) for p in old.packages} if old else set()
    own = {key_of(n, manifest.ecosystem) for n in manifest.names}
    for package in manifest.packages:
        if _said(package) in same or package.key in own:
            continue
        new = package.key not in known
        if new:
            yield _new(package)
        if new or was.whole:
            yield from _look_alike(package, known, was)
        earlier = had.get(package.key)
        if earlier is None or earlier.pinned:
            yield from _unpinned(package, packages)
        if earlier is None or earlier.source != package.source:
            yield from _elsewhere(package, earlier)
        if package.key not in had:
            yield from _unlocked(manifest, package, packages)
    yield from _settings(manifest, old)


def _said(package: Package) -> tuple[object, ...]:
    """Return what a manifest says of a package, wherever in it."""
    return (package.key, package.version, package.source, package.pinned, package.group)


def _new(package: Package) -> Candidate:
    asked = f" {_shown(package.version)}" if package.version else ""
    what = {"": "a new dependency", "dev": "a new dependency for development"}
    kind = what.get(package.group, f"a new dependency ({_shown(package.group)})")
    message = f"{_name(package)}{asked} is {kind}: nothing here used it before"
    return _candidate(package.file, package.line, "new-dependency", "info", message)


def _look_alike(package: Package, known: frozenset[str], was: _Before) -> Iterator[Candidate]:
    found = alike(package.name, known - {package.key}, package.ecosystem)
    word = ", which this project uses"
    if found is None:
        found = of_standard_library(package.name, package.ecosystem)
        word = " of the standard library"
    added = found is not None and found[1] == WORD_ADDED
    if found is None or (added and was.whole):
        return  # with a word added both are used already, and neither is new
    slip = not added and "standard" not in word
    message = f"{_name(package)} may be taken for {_tick(found[0])}{word}: {found[1]}"
    severity = "high" if slip else "medium"
    yield _candidate(package.file, package.line, "look-alike-name", severity, message)


def _unpinned(package: Package, packages: Packages) -> Iterator[Candidate]:
    inside = package.source.startswith("path:")
    locked = package.key in packages.locked.get(package.ecosystem, {})
    if package.pinned or inside or locked or package.group in _NEVER_LOCKED:
        return
    if package.ecosystem == "maven" and not package.version:
        return  # a parent or a platform gives the version
    asked = _shown(package.version) or "any version"
    message = f"{_name(package)} is not pinned ({asked}), and no lockfile here says which one runs"
    yield _candidate(package.file, package.line, "unpinned-dependency", "low", message)


def _elsewhere(package: Package, earlier: Package | None) -> Iterator[Candidate]:
    source = package.source
    if not source or source.startswith("path:"):
        return
    moved = f"came from {_place(earlier.source)} and now comes" if earlier else "comes"
    severity = "high" if source.startswith(("http:", "index:http:", "git+http:")) else "medium"
    pinned = "" if package.pinned else ", at whatever stands there"
    message = f"{_name(package)} {moved} from {_place(source)}{pinned}"
    yield _candidate(package.file, package.line, "other-source", severity, message)


def _unlocked(manifest: Manifest, package: Package, packages: Packages) -> Iterator[Candidate]:
    inside = package.source.startswith("path:")
    if inside or not package.direct or package.group in _NEVER_LOCKED:
        return
    lock = _lock_of(manifest, packages)
    if lock is None or package.key in {p.key for p in lock.packages}:
        return
    if package.key in {key_of(n, lock.ecosystem) for n in lock.names}:
        return
    message = f"{_name(package)} is not in your lockfile ({lock.path}): it was not locked again"
    yield _candidate(package.file, package.line, "not-in-lockfile", "medium", message)


def _lock_of(manifest: Manifest, packages: Packages) -> Manifest | None:
    """Return the lock file that must have what a manifest asks for: the nearest above it."""
    kinds = [kind for kind, governed in _GOVERNED.items() if manifest.kind in governed]
    folder = posixpath.dirname(manifest.path)
    locks = [
        m for m in packages.manifests
        if m.kind in kinds and m.packages and not m.problems
        and (posixpath.dirname(m.path) in ("", folder) or
             folder.startswith(f"{posixpath.dirname(m.path)}/"))
    ]  # fmt: skip
    return max(locks, key=lambda m: len(posixpath.dirname(m.path)), default=None)


def _settings(manifest: Manifest, old: Manifest | None) -> Iterator[Candidate]:
    had = {(s.kind, s.name, s.value) for s in old.settings} if old else set()
    for one in manifest.settings:
        if (one.kind, one.name, one.value) in had:
            continue
        if one.kind == "script":
            yield _script(manifest, one, changed=one.name in {s.name for s in _scripts(old)})
        elif one.kind in ("index", "extra-index") and one.value:
            beside = " besides the usual one" if one.kind == "extra-index" else ""
            message = f"packages may come from another index{beside}: {_place(one.value)}"
            yield _candidate(manifest.path, one.line, "other-index", "medium", message)


def _scripts(old: Manifest | None) -> list[Setting]:
    return [s for s in old.settings if s.kind == "script"] if old else []


def _script(manifest: Manifest, one: Setting, *, changed: bool) -> Candidate:
    what = "runs another program" if changed else "runs a program"
    message = f"the script `{one.name}` {what} when the package is installed: `{_shown(one.value)}`"
    return _candidate(manifest.path, one.line, "install-script", "medium", message)


def _of_lock(
    lock: Manifest, old: Manifest | None, was: _Before, packages: Packages
) -> Iterator[Candidate]:
    asked = _asked(lock.ecosystem, packages)
    if was.whole:
        for package in lock.packages:
            if package.source and not (package.key in asked and asked[package.key].source):
                yield from _elsewhere(package, None)
        return
    had: dict[str, list[Package]] = {}
    for package in old.packages if old else ():
        had.setdefault(package.key, []).append(package)
    known = was.known.get(lock.ecosystem, frozenset())
    fresh: dict[str, Package] = {}
    for package in lock.packages:
        earlier = had.get(package.key, [])
        yield from _locked_again(package, earlier)
        if package.runs_on_install and not any(p.runs_on_install for p in earlier):
            yield _installs(package)
        if earlier or package.key in known or package.key in asked or package.key in fresh:
            continue
        fresh[package.key] = package
        yield from _look_alike(package, known, was)
        if package.source:
            yield from _elsewhere(package, None)
    yield from _gained(lock, list(fresh.values()), was, packages)


def _locked_again(package: Package, earlier: Sequence[Package]) -> Iterator[Candidate]:
    """Compare a locked package with itself before the change; another version is ordinary."""
    if earlier and package.source and package.source not in {p.source for p in earlier}:
        yield from _elsewhere(package, earlier[0])
    for one in earlier:
        same = one.version == package.version and one.source == package.source
        if same and one.digests and package.digests and not one.digests & package.digests:
            message = (
                f"{_name(package)} {_shown(package.version)} has the same version and another "
                "content: none of its digests is one that was locked before"
            )
            yield _candidate(package.file, package.line, "other-content", "high", message)
            return


def _installs(package: Package) -> Candidate:
    message = f"{_name(package)} {_shown(package.version)} runs a program when it is installed"
    return _candidate(package.file, package.line, "install-script", "medium", message)


def _gained(
    lock: Manifest, fresh: Sequence[Package], was: _Before, packages: Packages
) -> Iterator[Candidate]:
    """Say which packages a lock file has that nobody asks for by name."""
    if not fresh:
        return
    asked = [
        m for m in packages.manifests
        if m.ecosystem == lock.ecosystem and m.path in was.changed and not _is_lock(m, packages)
    ]  # fmt: skip
    names = ", ".join(_name(p) for p in fresh[:_NAMED])
    more = f" and {len(fresh) - _NAMED:,} more" if len(fresh) > _NAMED else ""
    if asked:
        message = f"the lockfile gains what others bring: {names}{more}"
        yield _candidate(lock.path, fresh[0].line, "brought-along", "info", message)
        return
    message = f"the lockfile gains {names}{more}, and no manifest changed with it"
    yield _candidate(lock.path, fresh[0].line, "lock-without-manifest", "medium", message)


def _of_imports(used: Iterable[Imported], packages: Packages) -> Iterator[Candidate]:
    seen = set()
    for one in used:
        own = one.name.partition(".")[0] in packages.own.get(one.ecosystem, ())
        if one.relative or one.optional or own or (one.file, one.name) in seen:
            continue
        seen.add((one.file, one.name))
        answer = resolve(one, packages)
        if answer.status == ABSENT:
            message = f"an import that nothing here brings: {answer.why}"
            yield _candidate(one.file, one.line, "import-not-in-lockfile", "medium", message)


def _candidate(file: str, line: int, rule: str, severity: str, message: str) -> Candidate:
    return Candidate(
        file=file,
        line=line,
        message=message,
        origin="dependencies",
        rule=rule,
        category="dependency",
        severity=severity,
    )


def _name(package: Package) -> str:
    return _tick(package.name)


def _tick(name: str) -> str:
    """Quote a name; letters that are not of ASCII are written out, for they may only look alike."""
    return f"`{_shown(name)}`"


def _place(source: str) -> str:
    return f"`{_shown(source.removeprefix('index:'))}`" if source else "the usual index"


def _shown(text: str) -> str:
    plain = "".join(c if " " <= c <= "~" and c != "`" else f"\\u{ord(c):04x}" for c in text[:120])
    return plain if len(text) <= 120 else f"{plain}..."
