"""undersign respond: the postmortem, its five whys, and the page that it is read as."""

from __future__ import annotations

from pathlib import Path

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
from undersign.faces.cli.respond_forms import INCIDENT, REPLACE, tell
from undersign.faces.cli.with_drafter import drafter_options, reaching


@click.command("postmortem")
@INCIDENT
@drafter_options
@REPLACE
@json_option
@workspace_option
@click.pass_context
def postmortem_command(
    ctx: click.Context,
    incident: str,
    drafter: str,
    record: Path | None,
    drafter_timeout: float | None,
    replace: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Draft the postmortem of an incident from its claims.

    What nobody has said yet stands in it as a question. A drafter's words are marked as inference.
    """
    from undersign.workspace.responding.folder import existing
    from undersign.workspace.responding.written import write_postmortem

    workspace = workspace_of(ctx, workspace_dir)
    folder = existing(workspace, incident)
    with reaching(workspace, "drafting", record, drafter_timeout) as reach:
        done = write_postmortem(workspace, folder, drafter, reach=reach, now=now(), replace=replace)
    tell(done, as_json=as_json or output_format == "json")


@click.command("whys")
@INCIDENT
@click.option("--dot", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Also write the graph in Graphviz's language.")  # fmt: skip
@click.option("--offer", type=click.IntRange(0, 50), default=3, metavar="N", show_default=True,
              help="Entries to offer for each why that cites nothing.")  # fmt: skip
@json_option
@workspace_option
@click.pass_context
def whys_command(
    ctx: click.Context,
    incident: str,
    dot: Path | None,
    offer: int,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Show the five whys of the postmortem as it stands, and offer evidence for them.

    What is offered shares words with the question; whether it answers it is for you to say. Put its
    address in brackets behind the answer.
    """
    from undersign.render import json_timeline, text_whys
    from undersign.surfaces.respond import why_graph
    from undersign.workspace import files
    from undersign.workspace.responding import exporting, postmortem_now
    from undersign.workspace.responding.folder import existing, read_case, sound

    workspace = workspace_of(ctx, workspace_dir)
    case = sound(read_case(existing(workspace, incident)))
    whys = postmortem_now.whys_of(case, postmortem_now.read(case), offer)
    said = exporting.plain_sentences(case.timeline)
    rows = [(one.node, one.offered) for one in whys]
    if dot is not None:
        files.write(dot, why_graph.dot(node for node, _ in rows))
        say(f"{dot} written", err=True)
    if as_json or output_format == "json":
        print_json(json_timeline.whys_document(rows, said))
        return
    click.echo(text_whys.render(rows, said, colour=colour_wanted()), nl=False)


@click.command("page")
@INCIDENT
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@workspace_option
@json_option
@click.pass_context
def page_command(
    ctx: click.Context,
    incident: str,
    file: Path,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Write the postmortem as it stands as a page: what it cites opens, its whys are drawn."""
    from undersign.render.html_postmortem import Cited, render
    from undersign.workspace import files
    from undersign.workspace.responding import exporting, postmortem_now
    from undersign.workspace.responding.folder import existing, read_case, sound

    workspace = workspace_of(ctx, workspace_dir)
    case = sound(read_case(existing(workspace, incident)))
    document = postmortem_now.read(case)
    cited = Cited(
        opens=postmortem_now.cited(case, document),
        evidence=case.evidence,
        said=exporting.plain_sentences(case.timeline),
    )
    whys = [one.node for one in postmortem_now.whys_of(case, document, 0)]
    signed = exporting.signed_words(workspace, case.folder.postmortem)
    files.write(file, render(case.timeline.title, document.text, whys, cited, signed=signed))
    if as_json or output_format == "json":
        missing = sorted(one for one in cited.addresses() if one not in case.evidence)
        print_json({"path": str(file), "signed": bool(signed), "whys": len(whys),
                    "cited": len(cited.opens), "not_kept": missing})  # fmt: skip
        return
    say(f"{file} written", err=True)


COMMANDS = (postmortem_command, whys_command, page_command)
"""In the order of `undersign respond --help`."""
