"""undersign threatmodel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    print_json,
    say,
    workspace_option,
)

if TYPE_CHECKING:
    from undersign.workspace.threatmodelling.model import Model
    from undersign.workspace.workspace import Workspace

MODEL = click.argument("model", type=click.Path(path_type=Path))
FORMS = ("otm", "attack-layer", "atlas-layer", "dot", "mermaid")


@click.group("threatmodel")
def threatmodel_command() -> None:
    """A system, its threats anchored on facts, its four AI references, and questions."""


@threatmodel_command.command("check")
@MODEL
@json_option
@workspace_option
@click.pass_context
def check_command(
    ctx: click.Context, model: Path, as_json: bool, output_format: str, workspace_dir: str | None
) -> int:
    """Show the threats, questions and crossings, and run every check of threat models.

    Exit code 1 when a check finds an error or a warning.
    """
    from undersign.render.formats import render as rendered
    from undersign.render.tally import tally
    from undersign.workspace.review import Wanted, review

    workspace = workspace_of(ctx, workspace_dir)
    read = _read(model)
    works = review(workspace, (model,), Wanted((), (), history=False), now=now())
    if as_json or output_format == "json":
        import json

        found = json.loads(rendered("json", works, {}, colour=False))
        print_json(_document(workspace, read) | {"artifacts": found["artifacts"]})
    else:
        from undersign.render.text_threats import render

        click.echo(render(read.system, read.analysis, colour=colour_wanted()))
        click.echo(rendered("text", works, {}, colour=colour_wanted()), nl=False)
    count = tally(works)
    return 1 if count.errors or count.warnings else 0


@threatmodel_command.command("report")
@MODEL
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write a page with the diagram.")  # fmt: skip
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write Markdown with the diagram as Mermaid.")  # fmt: skip
@json_option
@workspace_option
@click.pass_context
def report_command(
    ctx: click.Context,
    model: Path,
    html: Path | None,
    markdown: Path | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Report on a threat model, for a meeting or an auditor; without FILE in this terminal."""
    from undersign.workspace import files

    workspace = workspace_of(ctx, workspace_dir)
    read = _read(model)
    if html is not None:
        files.write(html, _page(workspace, read))
        say(f"{html} written", err=True)
    if markdown is not None:
        from undersign.render.markdown_threats import render as as_markdown
        from undersign.workspace.threatmodelling.reports import mermaid

        files.write(markdown, as_markdown(read.system, read.analysis, mermaid(read)))
        say(f"{markdown} written", err=True)
    if as_json or output_format == "json":
        print_json(_document(workspace, read))
    elif html is None and markdown is None:
        from undersign.render.text_threats import render

        click.echo(render(read.system, read.analysis, colour=colour_wanted()), nl=False)


@threatmodel_command.command("questions")
@MODEL
@json_option
def questions_command(model: Path, as_json: bool, output_format: str) -> None:
    """List what to ask at the whiteboard: facts that nobody stated and that decide threats."""
    read = _read(model)
    if as_json or output_format == "json":
        from undersign.render.json_threats import document

        print_json({"questions": document(str(model), read.system, read.analysis)["questions"]})
        return
    from undersign.render.text_threats import questions

    click.echo(questions(read.analysis, colour=colour_wanted()), nl=False)


@threatmodel_command.command("export")
@MODEL
@click.option("--to", "form", type=click.Choice(FORMS), required=True, help="The form.")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Where to; without it, to stdout.")  # fmt: skip
@json_option
def export_command(
    model: Path, form: str, out: Path | None, as_json: bool, output_format: str
) -> None:
    """Write a threat model for another tool: OTM, Navigator layers, DOT, Mermaid."""
    from undersign.workspace import files
    from undersign.workspace.threatmodelling.reports import export

    text = export(_read(model), form)
    if out is not None:
        files.write(out, text)
        say(f"{out} written", err=True)
    if as_json or output_format == "json":
        print_json({"model": str(model), "form": form, "path": str(out) if out else None,
                    "text": None if out else text})  # fmt: skip
    elif out is None:
        click.echo(text, nl=False)


def _read(model: Path) -> Model:
    from undersign.workspace.threatmodelling.model import read_model

    return read_model(model)


def _document(workspace: Workspace, read: Model) -> dict[str, Any]:
    from undersign.render.json_threats import document
    from undersign.workspace import files

    return document(files.relative(read.path, workspace.root), read.system, read.analysis)


def _page(workspace: Workspace, read: Model) -> str:
    from undersign.render.html_threats import render
    from undersign.workspace.responding.exporting import signed_words
    from undersign.workspace.threatmodelling.reports import svg

    picture, why_not = svg(read)
    if why_not:
        say(why_not, err=True)
    signed = signed_words(workspace, read.path)
    return render(read.system, read.analysis, svg=picture, signed=signed)
