"""A result as a piece of HTML for a notebook: question, query, critique, stage counts, first rows.

It brings its own style, takes its colours from the page around it (light or dark, JupyterLab or
not), and needs no script. Questions, queries and rows are the text of others: all of it is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from undersign.records.finding import Finding, Severity
from undersign.records.work import Work
from undersign.render import svg, tally
from undersign.render.page import environment, ours
from undersign.render.text import summary

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_LONGEST = 300
"""Characters of one cell."""


def render(told: Mapping[str, Any], works: Sequence[Work] | None) -> str:
    """Write a result; `works` is its critique, None when there is nothing to criticise.

    `told` has the keys of `undersign query --json`, with `question`, `refused`, `total` (all rows)
    and what a drafter adds.
    """
    rows = told["rows"]
    return (
        environment()
        .get_template("result.html.j2")
        .render(
            told=told,
            critique=None if works is None else _critique(works),
            funnels=_funnels(told),
            cells=[[_cell(value) for value in row] for row in rows],
            numeric=[_is_numeric([row[n] for row in rows]) for n in range(len(told["columns"]))],
            uncounted=[
                (" ".join(s["text"].split()), s.get("reason", ""))
                for s in told["stages"]
                if s["rows"] is None
            ],
            whole=told["stages"][-1]["rows"] if told["stages"] else None,
        )
    )


def findings(works: Sequence[Work]) -> str:
    """Write the findings on some artifacts, and always what could not run."""
    return environment().get_template("result.html.j2").render(told=None, critique=_critique(works))


def _critique(works: Sequence[Work]) -> dict[str, Any]:
    several = len(works) > 1
    # Worst first, and by place among equals: in a notebook nobody scrolls for the error.
    worst = sorted(tally.findings(works), key=lambda triple: _ORDER.index(triple[2].severity))
    found = [{"finding": one, "place": _place(work, one, several)} for work, _, one in worst]
    blind: dict[tuple[str, str], list[str]] = {}
    for work, outcome in tally.not_run(works):
        where = f" of {work.artifact.path}" if several else ""
        reason = outcome.reason or "no reason was given"
        blind.setdefault((tally.grounds_missing(outcome), reason), []).append(outcome.check + where)
    return {"found": found, "blind": list(blind.items()), "summary": summary(works)}


def _place(work: Work, one: Finding, several: bool) -> str:
    line = f"line {one.span.line}" if one.span else ""
    return f"{work.artifact.path} {line}".strip() if several else line


def _funnels(told: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    """Draw one chart a pipeline, in the order they run."""
    stages = told["stages"]
    # Ids must be unique in the page, and a notebook is one page with many results.
    key = f"{told['question']}\0{told['query']}\0{told['as_of']}\0{stages}"
    name = f"us-{sha256(key.encode('utf-8', 'replace')).hexdigest()[:10]}"
    drawn = []
    pipelines = dict.fromkeys(stage["pipeline"] for stage in stages)
    for n, pipeline in enumerate(sorted(pipelines, key=lambda one: not one)):
        rows = [
            (" ".join(s["text"].split()), s["rows"]) for s in stages if s["pipeline"] == pipeline
        ]
        said = ", ".join(f"{text}: {'not counted' if r is None else r}" for text, r in rows)
        words = svg.Words(f"{name}-{n}", "Rows after every stage", said)
        drawn.append((pipeline, ours(svg.funnel(rows, words))))
    return drawn


def _cell(value: Any) -> str | None:
    """Write one value on one line; None stays None, so that it is not taken for the text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _is_numeric(values: Sequence[Any]) -> bool:
    numbers = [v for v in values if v is not None]
    return bool(numbers) and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in numbers
    )
