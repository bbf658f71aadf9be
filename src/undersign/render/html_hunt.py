"""A hunt as one HTML page that needs nothing else: per query its critique, stage counts and rows.

Questions, queries and rows are the text of others; the template engine escapes all of it.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from undersign import __version__
from undersign.records.hunt import Entry, Hunt
from undersign.render import svg
from undersign.render.page import environment, ours, style
from undersign.render.terminal import safe

_STATES = {"confirmed": "open", "refuted": "signed"}
"""Verdict -> how the page's banner looks; every other is a matter still unsettled."""


def render(hunt: Hunt) -> str:
    """Write the whole page; the same hunt gives the same bytes."""
    verdict = hunt.conclusion.verdict.value if hunt.conclusion else ""
    found = [r for e in hunt.entries if e.critique for r in e.critique.found]
    return (
        environment()
        .get_template("hunt.html.j2")
        .render(
            hunt=hunt,
            state=_STATES.get(verdict, "unsure"),
            entries=[_shown(entry) for entry in hunt.entries],
            errors=sum(1 for remark in found if remark.severity == "error"),
            blind=sum(len(e.critique.not_run) for e in hunt.entries if e.critique),
            ran=sum(1 for entry in hunt.entries if entry.ran),
            version=__version__,
            style=style(),
        )
    )


def _shown(entry: Entry) -> dict[str, Any]:
    shown = entry.shown
    return {
        "entry": entry,
        "lines": list(enumerate(entry.query.rstrip("\n").split("\n"), start=1)),
        "marked": _marked(entry),
        "funnels": _funnels(entry),
        "names": [(safe(name), kind) for name, kind in shown.columns] if shown else [],
        "numeric": [kind in ("long", "double") for _, kind in shown.columns] if shown else [],
    }


def _marked(entry: Entry) -> dict[int, str]:
    """Return line -> the worst severity found on it."""
    order = ("note", "warning", "error")
    lines: dict[int, str] = {}
    for remark in entry.critique.found if entry.critique else ():
        if remark.line and remark.severity in order:
            worst = lines.get(remark.line, "note")
            lines[remark.line] = max(worst, remark.severity, key=order.index)
    return lines


def _funnels(entry: Entry) -> list[tuple[str, Markup]]:
    """Draw one chart a pipeline, the main one last, as the query is run."""
    stages = entry.shown.stages if entry.shown else ()
    names = dict.fromkeys(stage.pipeline for stage in stages)
    drawn = []
    for n, name in enumerate(sorted(names, key=lambda name: not name)):
        rows = [(" ".join(s.text.split()), s.rows) for s in stages if s.pipeline == name]
        said = ", ".join(f"{text}: {'not counted' if r is None else r}" for text, r in rows)
        words = svg.Words(f"e{entry.nth}-{n}", "Rows after every stage", said)
        drawn.append((name, ours(svg.funnel(rows, words))))
    return drawn
