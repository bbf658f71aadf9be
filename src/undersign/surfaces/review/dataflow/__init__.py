"""Data flow: does what somebody else chose reach a place where it does harm?

`values` is what is known of a value, `project` names, `engine` runs functions and remembers sinks,
`statements`, `expressions`, `calls`, `methods` and `refine` are the language, `routes` the
frameworks, `conditions` and `misuse` the sinks that need more than a value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from undersign.catalogs.code import CodeModels, load
from undersign.languages.python import Module
from undersign.records.candidate import Candidate
from undersign.records.flow import Flows

_LOCAL_ONLY = frozenset({"log-injection", "regex-denial"})
"""Categories whose supported ways are verified when somebody claims them, and not claimed by us."""


def analyse(
    project: Mapping[str, Module],
    models: CodeModels | None = None,
    *,
    focus: Collection[str] | None = None,
) -> Flows:
    """Say of every sink in the files of `focus` what reaches it; None is every file.

    Files that import one in focus are analysed, too, since they may call into it; other files are
    read only where a call leads there.
    """
    from undersign.surfaces.review.dataflow.engine import analyse_project

    return analyse_project(project, models or load(), focus)


def dataflow_candidates(flows: Flows, focus: Collection[str]) -> list[Candidate]:
    """Return what the analysis itself has to say: supported ways that touch the files in focus."""
    made = []
    for flow in flows.supported():
        touched = flow.file in focus or any(step.file in focus for step in flow.steps)
        if touched and flow.category not in _LOCAL_ONLY:
            made.append(
                Candidate(
                    file=flow.file,
                    line=flow.line,
                    end_line=flow.end_line,
                    message=f"{flow.sink}: {flow.why}",
                    origin="dataflow",
                    category=flow.category,
                    steps=flow.steps,
                )
            )
    return made
