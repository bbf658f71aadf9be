"""The forms a timeline is written in, and options that several respond commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from undersign.faces.cli.options import print_json, say

if TYPE_CHECKING:
    from undersign.workspace.responding.folder import Case
    from undersign.workspace.responding.written import Written
    from undersign.workspace.workspace import Workspace

INCIDENT = click.argument("incident", metavar="INCIDENT")
REPLACE = click.option(
    "--replace", is_flag=True, help="Write over a paper that was edited, judged or signed."
)


def write_forms(workspace: Workspace, case: Case, wanted: dict[str, Path | None]) -> None:
    """Write a timeline in every form that was asked for, by name -> path."""
    from undersign.workspace import files

    for form, path in wanted.items():
        if path is not None:
            files.write(path, _text(workspace, case, form, path))
            say(f"{path} written", err=True)


def _text(workspace: Workspace, case: Case, form: str, path: Path) -> str:
    from undersign.workspace.responding import exporting

    if form == "html":
        from undersign.render.html_timeline import render as as_html

        said = exporting.plain_sentences(case.timeline)
        signed = exporting.signed_words(workspace, case.folder.timeline)
        return as_html(case.timeline, case.evidence, said, signed=signed)
    if form == "markdown":
        from undersign.render import markdown_timeline

        safe = exporting.escaped_texts(markdown_timeline.texts(case.timeline))
        said = exporting.sentences(case.timeline)
        return markdown_timeline.render(case.timeline, said, safe)
    return exporting.for_tool(case, form, path)


def tell(done: Written, *, as_json: bool) -> None:
    """Print what was written, and what nobody has said yet."""
    if as_json:
        print_json(done.document())
        return
    for paper in done.papers:
        say(f"{paper.path} drafted by {paper.drafter}")
        for question in paper.open_questions:
            say(f"  ? {question}")
    for note in done.notes:
        say(note, err=True)
