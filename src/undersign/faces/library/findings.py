"""What the checks say, as a sequence that never hides what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, overload

from undersign.faces.library import frames
from undersign.records.finding import Finding, Outcome, Status
from undersign.records.work import Work

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a package apart
    import pyarrow as pa


class Findings(Sequence[Finding]):
    """The findings on one or more artifacts, by place in them, and the checks that could not run.

    Empty is not clean: look at `not_run` too, as every way of showing it does.
    """

    def __init__(self, works: Iterable[Work]) -> None:
        from undersign.render.tally import findings, not_run

        self.works: tuple[Work, ...] = tuple(works)
        """Each artifact with all that was said of it."""
        self._found = tuple((work.artifact.path, one) for work, _, one in findings(self.works))
        self._blind = tuple((work.artifact.path, one) for work, one in not_run(self.works))

    @property
    def not_run(self) -> tuple[Outcome, ...]:
        """Checks that could not run; `reason` says why and what to do."""
        return tuple(outcome for _, outcome in self._blind)

    @property
    def clean(self) -> tuple[Outcome, ...]:
        """Checks that looked and found nothing."""
        return tuple(o for w in self.works for o in w.outcomes if o.status is Status.CLEAN)

    def df(self) -> pd.DataFrame:
        """Return a pandas frame: a row for every finding and for every check that did not run.

        `status` is `found` or `not_run`. Raises UsageError, with the command to run, without
        pandas.
        """
        import pyarrow as pa

        rows = [
            {"path": path, "status": "found", "check": f.check, "code": f.code,
             "severity": f.severity.value, "message": f.message, **_place(f), "id": f.id}
            for path, f in self._found
        ] + [
            {"path": path, "status": "not_run", "check": o.check, "code": o.code,
             "message": o.reason or "no reason was given"}
            for path, o in self._blind
        ]  # fmt: skip
        return frames.to_pandas(pa.Table.from_pylist(rows, pa.schema(_columns())))

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Finding]:
        return (one for _, one in self._found)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> Finding | tuple[Finding, ...]:
        if isinstance(index, slice):
            return tuple(one for _, one in self._found[index])
        return self._found[index][1]

    def __repr__(self) -> str:
        from undersign.render import text

        return text.render(self.works, {}).rstrip("\n")

    def _repr_html_(self) -> str:
        from undersign.render.html_result import findings

        return findings(self.works)


def _place(found: Finding) -> dict[str, int]:
    return {"line": found.span.line, "column": found.span.column} if found.span else {}


def _columns() -> list[tuple[str, pa.DataType]]:
    import pyarrow as pa

    texts = ("path", "status", "check", "code", "severity", "message")
    columns: list[tuple[str, pa.DataType]] = [(name, pa.string()) for name in texts]
    return [*columns, ("line", pa.int64()), ("column", pa.int64()), ("id", pa.string())]
