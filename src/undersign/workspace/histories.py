"""Rules measured on the workspace's lake, remembered per text and snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from undersign.languages.sigma.document import SigmaFile
from undersign.records.history import (
    Contributor,
    Exclusion,
    Histories,
    History,
    Rate,
    ThresholdProposal,
)
from undersign.workspace import cache, files
from undersign.workspace.beside import Beside
from undersign.workspace.grounds import Subject
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.telemetry.baseline import Asked, Ground


def measured(workspace: Workspace, subjects: Sequence[Subject]) -> dict[str, Histories]:
    """Return artifact path -> histories for every Sigma file, measuring only what is new."""
    # Filters and correlations reach into other files, so what is measured together matters.
    around = "".join(sorted(s.artifact.digest for s in subjects if _reaches_out(s)))
    snapshot = workspace.lake.snapshot() + around
    found: dict[str, Histories] = {}
    unknown: list[Subject] = []
    for subject in subjects:
        if not isinstance(subject.parsed, SigmaFile):
            continue
        kept = cache.load(workspace, "history", _key(subject, snapshot, workspace))
        if kept is None:
            unknown.append(subject)
        else:
            found[subject.artifact.path] = revive(kept)
    if unknown:
        fresh = measure(workspace, unknown, since=None, until=None)
        for subject in unknown:
            histories = fresh[subject.artifact.path]
            key = _key(subject, snapshot, workspace)
            cache.store(workspace, "history", key, plain(histories))
            found[subject.artifact.path] = histories
    return found


def _reaches_out(subject: Subject) -> bool:
    file = subject.parsed
    return isinstance(file, SigmaFile) and bool(
        file.filters or (file.correlations and not file.rules)
    )


def _key(subject: Subject, snapshot: str, workspace: Workspace) -> str:
    previous = previous_digest(workspace, subject) or ""
    tests = Beside(subject.path).tests
    beside = sha256(tests.read_bytes()).hexdigest() if tests.is_file() else ""
    parts = (subject.artifact.path, subject.artifact.digest, snapshot, previous, beside)
    return sha256("\0".join(parts).encode()).hexdigest()


def measure(
    workspace: Workspace,
    subjects: Sequence[Subject],
    *,
    since: datetime | None,
    until: datetime | None,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Histories]:
    """Measure these files on the lake, each beside its last signed version."""
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.baseline import Ground
    from undersign.telemetry.match.chunk import ColumnCache, Files, Within

    lake = workspace.lake
    part = Within(since, until)
    # One pass reads each column once, so a cache across chunks would only hold memory.
    once = Files(ColumnCache(limit=0))
    ground = Ground(lake.tables(), once, load(), lake.snapshot(), part)
    return on(workspace, subjects, ground, progress)


def on(
    workspace: Workspace,
    subjects: Sequence[Subject],
    ground: Ground,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Histories]:
    """Measure these files on a given ground, each beside its last signed version."""
    from undersign.telemetry.baseline import measure as run

    rules = [s for s in subjects if isinstance(s.parsed, SigmaFile)]
    asked = [_asked(s) for s in rules]
    before = {s.artifact.path: _signed_before(workspace, s) for s in rules}
    found = run([*asked, *(old for old in before.values() if old)], ground, progress)
    results = {}
    for one in asked:
        old = before[one.path]
        histories = found[one.path]
        results[one.path] = _compared(histories, found[old.path], old.digest) if old else histories
    return results


def _asked(subject: Subject) -> Asked:
    from undersign.telemetry.baseline import Asked

    assert isinstance(subject.parsed, SigmaFile)
    tests = Beside(subject.path).tests
    return Asked(
        subject.artifact.path,
        subject.artifact.digest,
        subject.parsed,
        _lost_by(tests) if tests.is_file() else lambda field, value: (),
    )


def _lost_by(path: Any) -> Callable[[str, str], tuple[str, ...]]:
    """Return a function that names the true-positive cases that carry a field and value."""
    from undersign.telemetry.rule_tests import read_cases

    cases = [c for c in read_cases(files.read_text(path), path.name) if c.expect_match]

    def lost(field: str, value: str) -> tuple[str, ...]:
        return tuple(
            case.name
            for case in cases
            if any(_carries(event, field, value) for event in case.events)
        )

    return lost


def _carries(event: Mapping[str, Any], field: str, value: str) -> bool:
    return any(k.lower() == field.lower() and str(v) == value for k, v in event.items())


def previous_digest(workspace: Workspace, subject: Subject) -> str | None:
    """Return the digest of the last signed text of this artifact, when it is another text."""
    name = sha256(subject.artifact.path.encode()).hexdigest()[:16]
    latest = workspace.state / "signed" / f"{name}.latest"
    if not latest.is_file():
        return None
    digest = files.read_text(latest).strip()
    return digest if digest != subject.artifact.digest else None


def _signed_before(workspace: Workspace, subject: Subject) -> Asked | None:
    from undersign.languages.sigma import parse
    from undersign.telemetry.baseline import Asked

    digest = previous_digest(workspace, subject)
    kept = workspace.state / "signed" / f"{digest}.txt"
    if digest is None or not kept.is_file():
        return None
    return Asked(f"{subject.artifact.path}@{digest}", digest, parse(files.read_text(kept)))


def _compared(now: Histories, before: Histories, digest: str) -> Histories:
    old = list(before.by_document.values())
    compared = {
        number: replace(
            history,
            previous={
                "digest": digest,
                "matches": old[n].matches,
                "difference": history.matches - old[n].matches,
                "status": old[n].status,
            },
        )
        if n < len(old)
        else history
        for n, (number, history) in enumerate(now.by_document.items())
    }
    return Histories(compared)


def plain(histories: Histories) -> dict[str, Any]:
    """Return histories as JSON-able values."""
    return {str(number): asdict(history) for number, history in histories.by_document.items()}


def revive(kept: Mapping[str, Any]) -> Histories:
    """Return the histories that `plain` wrote."""
    return Histories({int(number): _history(data) for number, data in kept.items()})


def _history(data: Mapping[str, Any]) -> History:
    fields = dict(data)
    rate, threshold = fields["rate_per_day"], fields["threshold"]
    fields["rate_per_day"] = Rate(**rate) if rate else None
    if threshold:
        pairs = tuple(tuple(pair) for pair in threshold["distribution"])
        fields["threshold"] = ThresholdProposal(**{**threshold, "distribution": pairs})
    fields["top"] = tuple(Contributor(**c) for c in fields["top"])
    fields["exclusions"] = tuple(
        Exclusion(**{**e, "loses": tuple(e["loses"])}) for e in fields["exclusions"]
    )
    for name in ("missing", "sample"):
        fields[name] = tuple(fields[name])
    return History(**fields)
