"""The step `check`: run every check that fits an artifact, and say of each what it said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from undersign.checks import CHECKS
from undersign.checks.spec import Check, Grounds, run
from undersign.errors import UsageError
from undersign.records.artifact import Artifact, Draft
from undersign.records.work import Verdict, Work


def check(  # noqa: PLR0913 - the step's whole world is its arguments
    artifact: Artifact,
    parsed: object,
    grounds: Grounds,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    draft: Draft | None = None,
    verdicts: Iterable[Verdict] = (),
) -> Work:
    """Run the checks of this kind, in the table's order, and return the work they speak of.

    `select` and `ignore` hold check names or prefixes of codes (`SIG`, `SIG001`); what is ignored
    wins. Of `verdicts` those given for exactly this text are kept. Raises UsageError for a
    selector that fits no check at all.
    """
    for selector in (*select, *ignore):
        _known(selector)
    wanted = [
        one
        for one in applicable(artifact.kind, draft)
        if (not select or _fits(one, select)) and not _fits(one, ignore)
    ]
    return Work(
        artifact=artifact,
        draft=draft,
        outcomes=tuple(run(one, artifact, parsed, grounds) for one in wanted),
        verdicts=tuple(v for v in verdicts if v.artifact_digest == artifact.digest),
    )


def applicable(kind: str, draft: Draft | None) -> tuple[Check, ...]:
    """Return the checks that an artifact of this kind must have had before it can be signed."""
    return tuple(
        one for one in CHECKS if kind in one.kinds and (draft is not None or not one.only_drafted)
    )


def _fits(one: Check, selectors: Iterable[str]) -> bool:
    return any(s == one.name or (s and one.code.startswith(s.upper())) for s in selectors)


def _known(selector: str) -> None:
    if not any(_fits(one, (selector,)) for one in CHECKS):
        raise UsageError(
            f"no check is named {selector!r} and no code begins so",
            hint="undersign explain lists them",
        )
