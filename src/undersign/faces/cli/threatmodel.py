"""undersign threatmodel."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undersign.faces.cli import threatmodel_draft
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    print_json,
    say,
    workspace_option,
)
from undersign.faces.cli.threatmodel_draft import MODEL

if TYPE_CHECKING:
    from undersign.records.table import Table
    from undersign.workspace.threatmodelling.model import Model
    from undersign.workspace.workspace import Workspace

VIEWS = ("pasta", "linddun", "checklist", "register")
IMPORTS = ("otm", "threat_dragon", "threat_composer", "threat_library", "terraform", "mcp_config",
           "openapi", "kubernetes", "compose", "mermaid")  # fmt: skip
FORMS = ("otm", "threat-composer", "cyclonedx", "attack-layer", "atlas-layer", "dot", "mermaid")


@click.group("threatmodel", commands=threatmodel_draft.COMMANDS)
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
    """Write a model for another tool: OTM, threat-composer, Navigator layers, DOT, Mermaid."""
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


@threatmodel_command.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              metavar="FILE", help="The description that is written.")  # fmt: skip
@click.option("--from", "form", type=click.Choice(IMPORTS), help="The form; else told by a look.")
@click.option("--replace", is_flag=True, help="Write over a file that is there.")
@json_option
def import_command(
    source: Path, out: Path, form: str | None, replace: bool, as_json: bool, output_format: str
) -> None:
    """Make a description of a file of another form; nothing in it is executed or fetched.

    OTM, Threat Dragon, threat-composer, the OWASP threat-model library, Mermaid, compose,
    Kubernetes, Terraform plans, OpenAPI, MCP client configurations. Secrets are never copied.
    """
    from undersign.workspace.threatmodelling.deployed import bring

    made = bring(source, out, form or "", replace=replace)
    counts = {name: len(getattr(made, name)) for name in ("boundaries", "components", "flows")}
    if as_json or output_format == "json":
        print_json({"path": str(out), **counts, "notes": made.notes})
        return
    told = ", ".join(f"{number} {name}" for name, number in counts.items())
    say(f"{out} written: {told}", err=True)
    for note in made.notes:
        say(f"  not carried over: {note}", err=True)


@threatmodel_command.command("drift")
@MODEL
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--from", "form", type=click.Choice(IMPORTS), help="The form; else told by a look.")
@click.option("--agree", is_flag=True, help="Agree to how it looks now: write it into the model.")
@json_option
def drift_command(
    model: Path, source: Path, form: str | None, agree: bool, as_json: bool, output_format: str
) -> int:
    """Compare a model with compose, Kubernetes, Terraform, OpenAPI or MCP files.

    Tells what was added, removed, changed or exposed since the model was agreed (--agree), where
    the file contradicts the model, and the threats it touches. Exit code 1 when anything differs.
    """
    from undersign.workspace.threatmodelling import deployed

    read = _read(model)
    if agree:
        number = deployed.agree(read, source, form or "")
        say(f"{model}: agreed to {number} elements of {source}", err=True)
        return 0
    changes = deployed.compare(read, source, form or "")
    if as_json or output_format == "json":
        from dataclasses import asdict

        print_json(
            {"agreed": bool(read.system.drift_base), "changes": [asdict(c) for c in changes]}
        )
        return 1 if changes else 0
    for one in changes:
        threats = f" ({', '.join(one.threats[:6])})" if one.threats else ""
        say(f"{one.kind}: {one.told}{threats}")
    if not read.system.drift_base:
        say(
            "nothing was agreed yet; look at it, then: undersign threatmodel drift --agree",
            err=True,
        )
    return 1 if changes else 0


@threatmodel_command.command("tree")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--objective", metavar="TEXT", help="What the adversary wants: FILE is a model then.")
@click.option("--target", metavar="ELEMENT", help="Where that is; with --objective.")
@click.option("--dot", "as_dot", is_flag=True, help="Print it in Graphviz's language.")
@json_option
def tree_command(
    file: Path,
    objective: str | None,
    target: str | None,
    as_dot: bool,
    as_json: bool,
    output_format: str,
) -> None:
    """Measure an attack tree, or make the skeleton of one from a model and an objective.

    FILE is a tree's text, or with --objective a threat model. Cheapest way, probability with the
    steps independent of each other, minimal sets of steps; what nobody stated is not computed.
    """
    from undersign.surfaces.threatmodel.trees import measures, tree
    from undersign.workspace.threatmodelling.attack_trees import read_tree, skeleton_of

    root = skeleton_of(_read(file), objective, target) if objective else read_tree(file)
    if as_dot:
        click.echo(tree.dot(root), nl=False)
        return
    found = measures.measures(root)
    if as_json or output_format == "json":
        from dataclasses import asdict

        print_json({"tree": tree.write(root), **asdict(found)})
        return
    click.echo(tree.write(root), nl=False)
    known = "not computed: a step lacks it"
    cost = f"{found.cheapest:g} ({'; '.join(found.way)})" if found.cheapest is not None else known
    chance = f"{found.probability:.3g}" if found.probability is not None else known
    say(f"# cheapest: {cost}")
    say(f"# probability, steps independent: {chance}")
    more = " and more" if found.is_cut_off else ""
    say(f"# minimal sets of steps: {len(found.cuts)}{more}")


MARKDOWN = click.option("--markdown", is_flag=True, help="Print Markdown, to paste.")
LEVEL = click.option("--level", type=click.IntRange(1, 3), default=2, show_default=True,
                     help="Of the checklist.")  # fmt: skip


@threatmodel_command.command("view")
@MODEL
@click.argument("name", type=click.Choice(VIEWS))
@LEVEL
@MARKDOWN
@json_option
@workspace_option
@click.pass_context
def view_command(
    ctx: click.Context,
    model: Path,
    name: str,
    level: int,
    markdown: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Look at a model otherwise: PASTA's stages, LINDDUN, an ASVS and AISVS checklist, risks."""
    from undersign.workspace.threatmodelling.tables import view

    tables = view(workspace_of(ctx, workspace_dir), _read(model), name, level)
    _print(tables, markdown=markdown, as_json=as_json or output_format == "json")


@threatmodel_command.command("checklist")
@click.argument("name", metavar="CLASS")
@LEVEL
@MARKDOWN
@json_option
@workspace_option
@click.pass_context
def checklist_command(
    ctx: click.Context,
    name: str,
    level: int,
    markdown: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """List what of ASVS and AISVS to verify for a CLASS of application, before there is a model.

    \b
    web-app, web-api, mobile-backend, batch-job, chatbot, rag, agent, own-model
    """
    from undersign.workspace.threatmodelling.tables import of_class

    table = of_class(workspace_of(ctx, workspace_dir), name, level)
    _print((table,), markdown=markdown, as_json=as_json or output_format == "json")


@threatmodel_command.command("diff")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@MARKDOWN
@json_option
def diff_command(
    before: Path, after: Path, markdown: bool, as_json: bool, output_format: str
) -> int:
    """Compare two versions of a model by their threats, questions and decisions.

    Exit code 1 when they differ.
    """
    from undersign.surfaces.threatmodel.views import difference

    table = difference(_read(before).analysis, _read(after).analysis)
    _print((table,), markdown=markdown, as_json=as_json or output_format == "json")
    return 1 if table.rows else 0


def _print(tables: tuple[Table, ...], *, markdown: bool, as_json: bool) -> None:
    from undersign.render import markdown_tables, text_tables

    if as_json:
        print_json(markdown_tables.document(tables))
    elif markdown:
        click.echo(markdown_tables.render(tables), nl=False)
    else:
        columns = shutil.get_terminal_size((100, 24)).columns
        click.echo(text_tables.render(tables, columns, colour=colour_wanted()), nl=False)


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
