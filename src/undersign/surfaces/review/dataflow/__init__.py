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
from undersign.records.flow import Flow, Flows

_LOCAL_ONLY = frozenset({"log-injection", "regex-denial"})
"""Categories whose supported ways are verified when somebody claims them, and not claimed by us."""
_OF_MODELS = ("LLM02:1.1", "LLM05:2025")
"""What a model's reply in a sink is called in the list for LLM applications, beside the sink's own
category: insecure output handling is how LLM02:1.1 becomes A03:2021."""


def analyse(
    project: Mapping[str, Module],
    models: CodeModels | None = None,
    *,
    focus: Collection[str] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Flows:
    """Say of every sink in the files of `focus` what reaches it; None is every file.

    Files that import one in focus are analysed, too, since they may call into it; other files are
    read only where a call leads there. `texts` are files that are no Python, by path: templates.
    """
    from undersign.surfaces.review.dataflow.analysis import analyse_project

    return analyse_project(project, models or load(), focus, texts or {})


def dataflow_candidates(flows: Flows, focus: Collection[str]) -> list[Candidate]:
    """Return what the analysis itself has to say: supported ways that touch the files in focus."""
    made = []
    for flow in flows.supported():
        place = _place(flow, focus)
        if place is not None and flow.category not in _LOCAL_ONLY:
            made.append(
                Candidate(
                    file=place[0],
                    line=place[1],
                    end_line=place[2],
                    message=f"{flow.sink}: {flow.why}",
                    origin="dataflow",
                    category=flow.category,
                    owasp=_OF_MODELS if flow.source_kind == "model-reply" else (),
                    steps=flow.steps,
                )
            )
    return made


def _place(flow: Flow, focus: Collection[str]) -> tuple[str, int, int] | None:
    """Return the last place of a way in the files in focus: its sink, or where it leaves them."""
    if flow.file in focus:
        return flow.file, flow.line, flow.end_line
    inside = [step for step in flow.steps if step.file in focus]
    return (inside[-1].file, inside[-1].line, inside[-1].line) if inside else None
