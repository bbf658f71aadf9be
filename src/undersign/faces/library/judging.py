"""The critique of a query that was run: on the same snapshot, with the same `now`.

Of a Sigma rule it is every check of rules, measured on what the lake holds now.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from undersign.records.artifact import Artifact
from undersign.records.work import Work

if TYPE_CHECKING:
    from undersign.workspace.querying import Answer, Asked
    from undersign.workspace.workspace import Workspace


def judged(workspace: Workspace, answer: Answer, asked: Asked, question: str | None) -> Work:
    """Hold the query of an answer against its question, the schema and history."""
    if answer.language == "sigma":
        return _rule(workspace, answer.text, asked)
    from undersign.workspace.critique import Critic

    same = replace(asked, as_of=answer.as_of, pins=answer.pins)
    critic = Critic(workspace, answer.language, same)
    query = critic.bound(answer.text)
    return critic.critique(query, question, critic.run(query))


def _rule(workspace: Workspace, text: str, asked: Asked) -> Work:
    """Check a rule that is no file: there is no record, and there are no tests, beside it."""
    from undersign.languages.sigma import parse
    from undersign.workspace.beside import Record
    from undersign.workspace.grounds import GroundKeeper, Subject
    from undersign.workspace.review import Wanted, checked

    artifact = Artifact("query.yml", "sigma", text)
    # In a folder that nobody makes, so that no file of this name lends it its tests.
    nowhere = workspace.state / "no file" / artifact.path
    subject = Subject(nowhere, artifact, parse(text), Record())
    keeper = GroundKeeper(workspace, history=True, now=asked.now)
    keeper.prepare([subject])
    return checked(subject, keeper.grounds(subject), Wanted())
