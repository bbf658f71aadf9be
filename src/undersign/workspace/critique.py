"""The critique: a query held against its question, its tables and what it did on history."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from undersign.checks.spec import Grounds
from undersign.records.artifact import Artifact, Draft
from undersign.records.drafting import HuntGrounds
from undersign.records.hunt import Summary
from undersign.records.query import Query
from undersign.records.query_run import QueryRun
from undersign.records.visible import Visible
from undersign.records.work import Work
from undersign.workflow.check import check
from undersign.workspace.languages import Speaker, speaker, visible_of
from undersign.workspace.querying import Asked, measured
from undersign.workspace.workspace import Workspace

UNRUN = "the query was not run; run without --no-history"
NO_QUESTION = "nobody said what is asked; use --question"
NO_TABLES = "no tables are known here; run: undersign ingest PATH, or undersign schema import FILE"


@dataclass(frozen=True)
class Critic:
    """Holds queries of one language against one workspace; what is dear is gathered once."""

    workspace: Workspace
    language: str
    asked: Asked

    @cached_property
    def spoken(self) -> Speaker:
        """The language as it is spoken in this workspace."""
        return speaker(self.workspace, self.language)

    @cached_property
    def visible(self) -> Visible:
        """The tables as this language sees them, with values really seen."""
        return visible_of(self.workspace, self.language)

    def bound(self, text: str) -> Query:
        """Return the query bound to the tables that are here, or unbound where there are none."""
        if not self.visible.tables:
            return self.spoken.parse(text)
        return self.spoken.bind(text, self.visible)

    def run(self, query: Query) -> QueryRun | None:
        """Return what the query does on history, or why it is refused; None without any logs."""
        return measured(self.workspace, query, self.asked)

    def asks(self, question: str) -> HuntGrounds:
        """Read a question and tie its words to what is here."""
        from undersign.languages.question import link, read

        asked = read(question)
        return HuntGrounds(
            asked, link(asked, self.visible), self.visible, self.workspace.config.estate
        )

    def grounds(
        self,
        question: str | None,
        run: QueryRun | None,
        draft: Draft | None = None,
        summary: Summary | None = None,
    ) -> Grounds:
        """Return the grounds for one query; `question` None: nobody said what is asked.

        `summary`: what somebody wrote about its rows, if anybody did.
        """
        asks = self.asks(question) if question and question.strip() else None
        at_hand: list[Any] = [
            self.visible if self.visible.tables else None,
            self.workspace.config.estate,
            asks and asks.question,
            asks and asks.links,
            run,
            draft,
            summary,
        ]
        missing = {
            "Visible": NO_TABLES,
            "Schema": NO_TABLES,
            "Question": NO_QUESTION,
            "Links": NO_QUESTION,
            "History": UNRUN if self.workspace.has_lake else NO_TABLES,
            "Estate": "[estate] in undersign.toml says nothing of your own address ranges",
            "Draft": "no draft record beside the artifact",
        }
        return Grounds({type(g): g for g in at_hand if g is not None}, missing)

    def critique(
        self,
        query: Query,
        question: str | None,
        run: QueryRun | None,
        summary: Summary | None = None,
    ) -> Work:
        """Run every check on a query that is no file."""
        artifact = Artifact(f"query.{self.language}", self.language, query.text)
        return check(artifact, query, self.grounds(question, run, summary=summary))
