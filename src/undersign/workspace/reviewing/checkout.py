"""What is under review: a change since a revision, a diff file, or the whole tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from undersign.errors import UsageError
from undersign.languages.diff import read_diff
from undersign.languages.manifests import is_manifest
from undersign.records.change import Change, FileChange, FileStatus
from undersign.records.code import Code, SourceFile
from undersign.workspace.reviewing import applied, sources
from undersign.workspace.reviewing.git import Git, repository
from undersign.workspace.reviewing.sources import Unread

_AROUND = (".py", ".pyi", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".tpl")
"""Files that are read though they did not change: a way may lead through them."""
_LARGEST_DIFF = 200_000_000
_SKIPPED_FOLDERS = (".git", ".hg", ".svn", ".undersign", ".venv", "venv", "node_modules")
_DIFF = (
    "--no-ext-diff", "--no-textconv", "--no-color", "--full-index", "-M", "--unified=0",
    "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=none",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person asked to have reviewed."""

    base: str | None = None
    """A revision; compared with where the branch left it."""
    head: str | None = None
    """A revision; None is the working tree with what is not committed."""
    diff: bytes | None = None
    """The text of a diff; its files are read from the working tree where they agree."""
    exclude: tuple[tuple[str, str], ...] = ()
    """Pattern as fnmatch takes it, and who wants it left out."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Everything a review reads, read."""

    root: Path
    name: str
    """A short name for the review: the branch, or the short id of the commit."""
    change: Change | None
    """None when the whole tree is under review."""
    under_review: tuple[str, ...]
    """The paths that the review speaks of, as they are at head."""
    code: Code
    unread: Mapping[str, Unread] = field(default_factory=dict)
    """Of the paths under review those that could not be read."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Path -> who left it out, and by which pattern."""
    before: Mapping[str, str] = field(default_factory=dict)
    """Path at head -> text at base, of changed files that were there."""
    base: str = ""
    head: str = ""
    partly: Mapping[str, str] = field(default_factory=dict)
    """Path -> why only some of its lines are known."""
    remarks: tuple[str, ...] = ()


def take(start: Path, scope: Scope) -> Taken:
    """Read what is under review.

    Raises UsageError for a revision that is none, or a base without a git repository.
    """
    git = repository(start)
    if scope.diff is not None:
        return _diff_file(git.root if git else start, git, scope)
    if scope.base is not None or scope.head is not None:
        if git is None:
            raise UsageError(
                f"{start} is in no git repository", hint="give the change as --diff FILE"
            )
        return _since(git, scope)
    return _tree(git, start, scope)


def _since(git: Git, scope: Scope) -> Taken:
    base = git.commit(scope.base or "HEAD")
    head = git.commit(scope.head or "HEAD")
    fork = _fork(git, base, head)
    to = (head,) if scope.head else ()
    change = read_diff(git.run("diff", *_DIFF, fork, *to, "--"))
    remarks = change.remarks
    if scope.head is None:
        loose = _untracked(git)
        change = Change(change.base, change.head, (*change.files, *loose), change.remarks)
        if loose:
            remarks = (*remarks, f"files that git does not track count as added: {len(loose):,}")
    words = git.line("rev-parse", "--short", head)
    if scope.head is None and git.run("status", "--porcelain", "-z", "--ignore-submodules=none"):
        words += " and what is not committed"
    change = Change(git.line("rev-parse", "--short", fork), words, change.files)
    if scope.head:
        paths = git.names("ls-tree", "-r", "-z", "--name-only", "--full-tree", head)
    else:
        new = (f.path for f in change.files if f.status is FileStatus.ADDED)
        paths = (*git.names("ls-files", "-z", "--cached", "--full-name", ":/"), *new)
    olds = {f.old_path or f.path: f.path for f in change.files}
    before = {
        olds[old]: content.decode("utf-8", "replace")
        for old, content in git.blobs(fork, tuple(olds)).items()
        if len(content) <= sources.LARGEST
    }
    return _taken(
        _Place(git.root, git, _name(git, scope.head), head if scope.head else None),
        change,
        paths,
        scope,
        before=before,
        remarks=remarks,
    )


def _fork(git: Git, base: str, head: str) -> str:
    """Return where the branch left its base; without one in common, the base itself."""
    try:
        return git.line("merge-base", base, head)
    except UsageError:
        return base


def _untracked(git: Git) -> tuple[FileChange, ...]:
    listed = git.names("ls-files", "-z", "--others", "--exclude-standard", "--full-name", ":/")
    names = tuple(name for name in listed if not _is_review(name))
    found = []
    for path, read in sources.on_disk(git.root, names).items():
        lines = len(read.text.splitlines()) if isinstance(read, SourceFile) else 0
        added = ((1, lines),) if lines else ()
        found.append(FileChange(path, FileStatus.ADDED, added=added))
    return tuple(found)


def _diff_file(root: Path, git: Git | None, scope: Scope) -> Taken:
    raw = scope.diff or b""
    if len(raw) > _LARGEST_DIFF:
        raise UsageError(f"the diff is larger than {_LARGEST_DIFF:,} bytes")
    change = read_diff(raw)
    if raw.strip() and not change.files:
        said = "; ".join(change.remarks) or "it names no file"
        raise UsageError(f"this is no diff that can be read: {said}")
    place = _Place(root, git, "diff", None)
    taken = _taken(place, change, _all_paths(git, root), scope, remarks=change.remarks)
    return applied.only_what_agrees(taken, raw)


def _tree(git: Git | None, start: Path, scope: Scope) -> Taken:
    place = _Place(git.root if git else start, git, _name(git, None) if git else start.name, None)
    return _taken(place, None, _all_paths(git, place.root), scope, remarks=_left_aside(git))


def _left_aside(git: Git | None) -> tuple[str, ...]:
    if git is not None:
        return ("files that git ignores were not read",)
    return (f"folders named {', '.join(_SKIPPED_FOLDERS)} were not read",)


def _all_paths(git: Git | None, root: Path) -> tuple[str, ...]:
    if git is not None:
        listed = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name")
        return tuple(dict.fromkeys(git.names(*listed, ":/")))
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED_FOLDERS)
        found += [(Path(folder) / name).relative_to(root).as_posix() for name in sorted(names)]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the files of a review come from."""

    root: Path
    git: Git | None
    name: str
    commit: str | None
    """Of which the files are; None is the working tree."""

    def read(self, paths: Sequence[str]) -> dict[str, SourceFile | Unread]:
        if self.commit is None or self.git is None:
            return sources.on_disk(self.root, paths)
        return sources.of_blobs(self.git.blobs(self.commit, paths), paths)


def _taken(  # noqa: PLR0913 - the parts of what was taken
    place: _Place,
    change: Change | None,
    paths: Iterable[str],
    scope: Scope,
    *,
    before: Mapping[str, str] | None = None,
    remarks: tuple[str, ...] = (),
) -> Taken:
    every = frozenset(paths)
    ours = frozenset(path for path in every if _is_review(path))
    if change is not None:
        under = tuple(f.path for f in change.files if not _is_review(f.path))
    else:
        under = tuple(sorted(every - ours))
    left = {path: by for path in under if (by := _excluded(path, scope.exclude))}
    gone = {f.path for f in change.files if f.status is FileStatus.DELETED} if change else set()
    wanted = [p for p in under if p not in left and p not in gone]
    around = [p for p in every - set(under) if p.endswith(_AROUND) or is_manifest(p)]
    read = place.read([*wanted, *sorted(around)])
    files = {path: one for path, one in read.items() if isinstance(one, SourceFile)}
    unread = {path: one for path, one in read.items() if isinstance(one, Unread)}
    if any(_is_review(f.path) for f in (change.files if change else ())):
        remarks = (*remarks, "reviews that Undersign wrote are not themselves under review")
    return Taken(
        root=place.root,
        name=place.name,
        change=change,
        under_review=under,
        code=Code(files, every | {f.path for f in change.files} - gone if change else every,
                  {path: one.why for path, one in unread.items()}),
        unread={path: one for path, one in unread.items() if path in set(under)},
        excluded=left,
        before=before or {},
        base=change.base if change else "",
        head=change.head if change else (place.git.line("rev-parse", "--short", "HEAD")
                                         if place.git and _has_commit(place.git) else ""),
        remarks=remarks,
    )  # fmt: skip


def _has_commit(git: Git) -> bool:
    try:
        git.line("rev-parse", "--verify", "--quiet", "HEAD")
    except UsageError:
        return False
    return True


def _is_review(path: str) -> bool:
    """Say whether it is a review of ours or a file beside one: a review cannot review itself."""
    folder, _, name = path.rpartition("/")
    beside = (".sarif", ".sarif.sig", ".sarif.statement.json", ".sarif.record.json")
    return folder.rpartition("/")[2] == "reviews" and name.endswith(beside)


def _excluded(path: str, patterns: Iterable[tuple[str, str]]) -> str:
    for pattern, by in patterns:
        if fnmatchcase(path, pattern) or path.startswith(pattern.rstrip("/*") + "/"):
            return f"{by} ({pattern})"
    return ""


def _name(git: Git, head: str | None) -> str:
    """Name a review after its branch, so that the next one of it finds the verdicts of this."""
    if not _has_commit(git):
        return "uncommitted"
    if head is None:
        branch = git.line("rev-parse", "--abbrev-ref", "HEAD")
        if branch != "HEAD":
            return branch
    return head or git.line("rev-parse", "--short", "HEAD")
