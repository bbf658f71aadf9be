"""A hunt as a Jupyter notebook (nbformat 4.5): every query can be run again, its rows are kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from undersign.records.hunt import Entry, Hunt, Shown
from undersign.surfaces.hunt import markdown
from undersign.surfaces.hunt.markdown_text import inline, printable, prose

_WIDEST = 60
_SETUP = "import undersign\n\nws = undersign.open()"


def write(hunt: Hunt) -> str:
    """Write the notebook; nothing in it runs before a person runs it."""
    cells = list(_cells(hunt))
    for n, cell in enumerate(cells):
        cell["id"] = f"hunt-{n}"
    book = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def _cells(hunt: Hunt) -> Iterator[dict[str, Any]]:
    head = f"# {inline(hunt.id)} {inline(hunt.title)}\n\n{prose(hunt.hypothesis)}"
    techniques = f"\n\nATT&CK: {', '.join(map(inline, hunt.techniques))}" if hunt.techniques else ""
    yield _markdown(head + techniques)
    yield _code(_SETUP, [])
    for entry in hunt.entries:
        yield from _entry(entry)
    if hunt.conclusion:
        end = hunt.conclusion
        yield _markdown(
            f"## Verdict: {end.verdict}\n\n{prose(end.finding)}\n\n{inline(end.person)}, {end.at}"
        )


def _entry(entry: Entry) -> Iterator[dict[str, Any]]:
    asked = f"## {entry.nth}. {inline(entry.question) or 'Query'}"
    yield _markdown("\n\n".join([asked, *markdown.context(entry)]))
    yield _code(_call(entry), _outputs(entry.shown))
    after = [markdown.critique(entry.critique)]
    after.append(markdown.rows_line(entry.shown) if entry.shown else "**Not run.**")
    yield _markdown("\n\n".join(after))
    if entry.summary:
        by = inline(entry.summary.by)
        yield _markdown(f"**Summary by {by}, not evidence:** {prose(entry.summary.text)}")


def _call(entry: Entry) -> str:
    """Return the Python that runs the query again, whatever quotes are in it."""
    lines = entry.query.split("\n")
    ends = ["\n"] * (len(lines) - 1) + [""]
    query = "\n".join(f"    {line + end!a}" for line, end in zip(lines, ends, strict=True))
    as_of = f", as_of={entry.as_of!a}" if entry.as_of else ""
    return f"query = (\n{query}\n)\nws.query(query, language={entry.language!a}{as_of})"


def _outputs(shown: Shown | None) -> list[dict[str, Any]]:
    if shown is None or not shown.sample:
        return []
    names = [name for name, _ in shown.columns]
    rows = [["" if c is None else str(c) for c in row] for row in shown.sample]
    data = {"text/plain": _lines(_plain(names, rows)), "text/html": _lines(_html(names, rows))}
    return [{"output_type": "display_data", "data": data, "metadata": {}}]


def _plain(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [[_short(c) for c in row] for row in (names, *rows)]
    wide = [max(len(row[n]) for row in cells) for n in range(len(names))]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)).rstrip() for row in cells
    )


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _WIDEST else shown[: _WIDEST - 1] + "…"


def _html(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(printable(name))}</th>" for name in names)
    body = "\n".join(
        f"<tr>{''.join(f'<td>{escape(printable(c))}</td>' for c in row)}</tr>" for row in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "", "metadata": {}, "source": _lines(text)}


def _code(text: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "",
        "execution_count": None,
        "metadata": {},
        "outputs": outputs,
        "source": _lines(text),
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
