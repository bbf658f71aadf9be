"""What came of a question, in the order in which it is to be read.

Question, query, critique, rows after every stage, raw rows; a summary, if there ever is one, last
and marked as whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from undersign.records.work import Work
from undersign.render import text as critique
from undersign.render.query_formats import Look
from undersign.render.terminal import Paint, safe, safe_lines
from undersign.render.text_query import funnel, rows, summary_line


def render(told: Mapping[str, Any], work: Work, look: Look) -> str:
    """Write the whole answer; `told` is the JSON document of `ask`."""
    paint = Paint(look.colour)
    lines = [paint.bold(safe(told["question"])), "", *_query(told, paint), ""]
    lines.append(critique.render([work], {}, colour=look.colour))
    if told["stages"]:
        lines += [*funnel(told["stages"], look), ""]
    if told["refused"]:
        lines.append(paint.red(f"not run: {safe(told['refused'])}"))
    elif told["columns"]:
        lines += [*rows(told, look), "", summary_line(told, paint)]
    else:
        lines.append(paint.yellow("not run: there are no logs here"))
    if told["summary"]:
        lines += ["", paint.dim(f"summary by {safe(told['drafter'])}, not evidence:")]
        lines.append(safe_lines(told["summary"]))
    if told.get("summary_refused"):
        lines += ["", paint.yellow(f"no summary: {safe(told['summary_refused'])}")]
    lines.append(paint.dim(_journal(told)))
    return "\n".join(lines) + "\n"


def _query(told: Mapping[str, Any], paint: Paint) -> Iterator[str]:
    yield paint.dim(f"{safe(told['language'])} by {safe(told['drafter'])}")
    yield from (f"  {line}" for line in safe_lines(told["query"].rstrip("\n")).split("\n"))
    if "before" in told:
        yield from (f"  {paint.green('+ ' + safe(one))}" for one in told["added"])
        yield from (f"  {paint.red('- ' + safe(one))}" for one in told["removed"])
        for old, new in told["changed"]:
            yield f"  {paint.red('- ' + safe(old))}"
            yield f"  {paint.green('+ ' + safe(new))}"
        if not (told["added"] or told["removed"] or told["changed"]):
            yield paint.yellow("  no filter changed")
    if told["unused_words"]:
        yield f"  {paint.yellow('not used')}: {safe(', '.join(told['unused_words']))}"
    yield from (f"  {paint.yellow('open')}: {safe(one)}" for one in told["open_questions"])


def _journal(told: Mapping[str, Any]) -> str:
    if told["hunt"]:
        return f"journalled as entry {told['entry']} of {safe(told['hunt'])}"
    return "not journalled: no hunt is open (undersign hunt new TITLE)"
