"""The workspace as a program sees it: the verbs of the command line, each giving a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from undersign.errors import UsageError
from undersign.faces.library.findings import Findings
from undersign.faces.library.result import Result
from undersign.workspace import workspace as folders

if TYPE_CHECKING:
    from undersign.workspace.asking import Reply
    from undersign.workspace.querying import Answer, Asked

Moment: TypeAlias = str | datetime
"""A time: a datetime, UTC when it names no zone; or RFC 3339 text, a date being midnight UTC."""
PathLike: TypeAlias = str | os.PathLike[str]


def _clock() -> datetime:
    return datetime.now(UTC)


def open(folder: PathLike | None = None) -> Workspace:
    """Open the workspace in `folder`, or the nearest one at or above the current folder.

    Without any, the current folder itself: checks run there, but nothing is kept. Raises
    NoWorkspace when the named folder has no undersign.toml.
    """
    named = None if folder is None else os.fspath(folder)
    return Workspace(folders.find(Path.cwd(), named))


@dataclass(frozen=True)
class Workspace:
    """An opened workspace: ask, query, measure and check, each answer a table or findings.

    `as_of` says what `now` means in a query: a time, `now`, or `latest` for the newest event that
    the query reads; None is what undersign.toml says.
    """

    _inner: folders.Workspace
    _now: Callable[[], datetime] = _clock

    @property
    def root(self) -> Path:
        """The folder."""
        return self._inner.root

    def query(  # noqa: PLR0913 - all but the text is by name
        self,
        text: str,
        *,
        language: str = "kql",
        as_of: Moment | None = None,
        limit: int = 10_000,
        timeout: float = 30.0,
        question: str | None = None,
    ) -> Result:
        """Run a query in `kql`, `spl`, `sql` or `sigma` over the lake, read-only.

        At most `limit` rows and `timeout` seconds. `question` is what it is meant to answer; the
        critique holds it against that. Raises QueryRefused, located, when it may not or cannot
        run; UsageError without any logs or for an unknown language.
        """
        from undersign.workspace.querying import query

        asked = self._asked(as_of, limit, timeout)
        answer = query(self._inner, language, text, asked)
        return _of_answer(answer, question or "", lambda: self._critique(answer, asked, question))

    def ask(
        self,
        question: str,
        *,
        language: str = "kql",
        as_of: Moment | None = None,
        with_: str = "offline",
        hunt: str | None = None,
    ) -> Result:
        """Draft a query in `kql`, `spl` or `sql` for a question, criticise it and run it.

        `with_` names the drafter. Journalled in `hunt`, else in the hunt that is open, if any. At
        most 1,000 rows. A query that cannot run is a result with `refused`. Raises UsageError for
        an empty question, an unknown drafter or without any logs; BadInput when nothing can be
        made of the question; of a model also PolicyRefused and DrafterFailed.
        """
        from undersign.workspace.asking import ask

        asked = self._asked(as_of, 1000, 30.0)
        return _of_reply(ask(self._inner, question, language, asked, drafter=with_, hunt=hunt))

    def refine(
        self,
        text: str,
        result: Result | None = None,
        *,
        as_of: Moment | None = None,
        with_: str = "offline",
        hunt: str | None = None,
    ) -> Result:
        """Change the query of `result`, else the last one that was asked here, by a sentence.

        Everything that `text` does not speak of is kept, `now` included; `added`, `removed` and
        `changed` say what became of the filters. Raises as `ask` does.
        """
        from undersign.workspace.asking import refine

        if result is not None and not result.query:
            raise UsageError("this result is no query, so it cannot be refined")
        named = (result.language, result.query) if result is not None else None
        kept = as_of or (result.as_of if result is not None else None) or None
        asked = self._asked(kept, 1000, 30.0)
        question = (result.question or "") if result else ""
        return _of_reply(
            refine(
                self._inner, text, asked, query=named, question=question, drafter=with_, hunt=hunt
            )
        )

    def baseline(
        self, *paths: PathLike, since: Moment | None = None, until: Moment | None = None
    ) -> Result:
        """Measure Sigma rules over history: one row a rule, `rate` being matches per day.

        `since` is included, `until` is not. A rule whose field or log source is not in history has
        nulls and stands in `unmeasured`. Raises UsageError when there is nothing to measure.
        """
        from undersign.faces.library.tables import measured_rows
        from undersign.workspace.baselines import Span, baseline

        span = Span(_moment(since), _moment(until))
        found = baseline(self._inner, _paths(paths), span, on=(), now=self._now())
        blind = [h for h in found.histories if h.status != "measured"]
        reasons = [
            f"{h.title or h.path}: {'; '.join(h.missing) or 'no reason was given'}" for h in blind
        ]
        return Result(
            measured_rows(found.histories),
            snapshot=found.snapshot,
            unmeasured=(*reasons, *found.unreadable),
        )

    def check(self, *paths: PathLike, question: str | None = None) -> Findings:
        """Run every check that fits on these artifacts, or on all of them below these folders.

        `question` is what queries are meant to answer. Raises UsageError for a path that does not
        exist; an artifact that cannot be read is a finding.
        """
        from undersign.workspace.review import Wanted, review

        wanted = Wanted(question=question)
        return Findings(review(self._inner, _paths(paths), wanted, now=self._now()))

    def tables(self, language: str = "kql") -> Result:
        """List the tables that have rows here, as `kql`, `spl` or `sql` sees them."""
        from undersign.faces.library.tables import table_rows
        from undersign.workspace.languages import speaker, visible_of

        speaker(self._inner, language)
        return Result(table_rows(visible_of(self._inner, language)))

    def schema(self, table: str, language: str = "kql") -> Result:
        """List the columns of one table: type, share filled (0 to 1), distinct values, examples.

        Raises UsageError when there is no such table, with the nearest names.
        """
        from undersign.faces.library.tables import column_rows
        from undersign.workspace.languages import speaker, visible_of

        speaker(self._inner, language)
        seen = visible_of(self._inner, language)
        found = seen.find(table)
        if found is None:
            near = ", ".join(seen.nearest_tables(table))
            raise UsageError(
                f"no table is called {table!r}",
                hint=f"nearest: {near}" if near else "list them with .tables()",
            )
        return Result(column_rows(found))

    def __repr__(self) -> str:
        kept = "" if self._inner.declared else ", without undersign.toml: nothing is kept"
        return f"<undersign workspace {str(self.root)!r}{kept}>"

    def _asked(self, as_of: Moment | None, limit: int, timeout: float) -> Asked:
        from undersign.workspace.querying import Asked, Limits, rfc3339

        if limit < 1 or timeout <= 0:
            raise UsageError("limit and timeout must be above zero")
        if isinstance(as_of, datetime):
            as_of = rfc3339(_moment(as_of))
        return Asked(self._now(), as_of, Limits(seconds=timeout, rows=limit))

    def _critique(self, answer: Answer, asked: Asked, question: str | None) -> Findings:
        from undersign.faces.library.judging import judged

        return Findings([judged(self._inner, answer, asked, question)])


def _of_answer(answer: Answer, question: str, judge: Callable[[], Findings]) -> Result:
    return Result(answer.table, judge, question, **_run(answer), remarks=answer.problems)


def _of_reply(reply: Reply) -> Result:
    draft, findings = reply.draft, Findings([reply.work])
    told: dict[str, Any] = {
        "query": draft.text,
        "language": draft.language,
        "stages": reply.run.stages if reply.run else (),
        "as_of": reply.run.as_of if reply.run else "",
        "snapshot": reply.run.snapshot if reply.run else "",
    }
    if reply.answer is not None:
        told |= _run(reply.answer)
    refused = (reply.run.refused if reply.run else "there are no logs here") or (
        "" if reply.answer else "fetching its rows went beyond a limit"
    )
    return Result(
        reply.answer.table if reply.answer else None,
        lambda: findings,
        reply.question,
        **told,
        drafter=reply.drafter,
        refused=refused,
        open_questions=draft.open_questions,
        unused_words=draft.unused_words,
        added=draft.added,
        removed=draft.removed,
        changed=draft.changed,
        remarks=reply.answer.problems if reply.answer else (),
    )


def _run(answer: Answer) -> dict[str, Any]:
    same = ("language", "sql", "stages", "truncated", "as_of", "snapshot")
    return {"query": answer.text, **{name: getattr(answer, name) for name in same}}


def _moment(given: Moment | None) -> Any:
    from undersign.workspace.querying import parse_time

    if given is None:
        return None
    if isinstance(given, datetime):
        return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    return parse_time(given)


def _paths(given: Iterable[PathLike]) -> list[Path]:
    paths = [Path(path) for path in given]
    if not paths:
        raise UsageError("name at least one file or folder")
    return paths
