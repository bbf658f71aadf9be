"""How far each file under review was looked at, and by what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from undersign.languages.code import OUTLINED, outline
from undersign.languages.manifests import is_manifest
from undersign.records.change import FileChange, FileStatus
from undersign.records.code import SourceFile
from undersign.records.review import FileCoverage, FileState
from undersign.workspace.reviewing.checkout import Taken

_FOLLOWED = "python"


def file_coverage(
    taken: Taken,
    looked: Mapping[str, tuple[str, ...]],
    failed: Mapping[str, str],
    unparsed: Collection[str] = (),
) -> tuple[FileCoverage, ...]:
    """Return one line a file under review; none of them is left out.

    `looked` is path -> who read it; `failed` is path -> what one of them could not read of it;
    `unparsed` are files of which no parser could read anything.
    """
    files = (_file(path, taken, looked, failed) for path in taken.under_review)
    return tuple(
        replace(one, state=FileState.UNPARSED) if one.path in unparsed else one for one in files
    )


def _file(
    path: str,
    taken: Taken,
    looked: Mapping[str, tuple[str, ...]],
    failed: Mapping[str, str],
) -> FileCoverage:
    change = taken.change.file(path) if taken.change else None
    source = taken.code.file(path)
    if path in taken.excluded:
        return FileCoverage(path, FileState.EXCLUDED, by=taken.excluded[path])
    if change is not None and change.status is FileStatus.DELETED:
        why = f"{change.removed:,} lines are gone; what they guarded is gone with them"
        return FileCoverage(path, FileState.DELETED, why=why)
    if path in taken.unread:
        one = taken.unread[path]
        return FileCoverage(path, one.state, why=one.why)
    if source is None:
        return FileCoverage(path, FileState.UNREAD, why="it was not read")
    state, why = _state(source, change, taken.partly.get(path, ""), failed.get(path, ""))
    lines = change.added_count if change else len(source.text.splitlines())
    return FileCoverage(
        path, state, lines, why, looked=looked.get(path, ()), labels=source.labels,
        digest=source.digest,
    )  # fmt: skip


def _state(
    source: SourceFile, change: FileChange | None, partly: str, failed: str
) -> tuple[FileState, str]:
    reasons = list(_reasons(source, change, partly, failed))
    if source.language == _FOLLOWED:
        return (FileState.PARTLY if reasons else FileState.ASSESSED), "; ".join(reasons)
    if source.language in OUTLINED:
        unread = outline(source.text, source.language).unread
        if unread:
            reasons.append(f"{len(unread):,} pieces cannot be parsed, from line {unread[0].line}")
        reasons.insert(
            0, "no data flow is followed in this language; quotes, places and secrets are"
        )
        return FileState.PARTLY, "; ".join(reasons)
    if is_manifest(source.path) and not reasons:
        return FileState.ASSESSED, ""
    reasons.insert(0, "searched for secrets alone: no check reads this kind of file")
    return FileState.UNSUPPORTED, "; ".join(reasons)


def _reasons(
    source: SourceFile, change: FileChange | None, partly: str, failed: str
) -> Iterator[str]:
    if partly:
        yield partly
    if source.problem:
        yield source.problem
    if failed:
        yield failed
    if change is not None and change.remark:
        yield change.remark
