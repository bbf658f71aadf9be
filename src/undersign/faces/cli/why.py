"""undersign why."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import colour_wanted, json_option, print_json, workspace_option
from undersign.workspace.explaining import why as explain_event


@click.command("why")
@click.argument("rule", type=click.Path(path_type=Path))
@click.argument("event")
@json_option
@workspace_option
@click.pass_context
def why_command(
    ctx: click.Context,
    rule: Path,
    event: str,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Show why RULE matches EVENT, or why not: the condition with the event's values beside it.

    EVENT is a JSON file, `-` for stdin, or the id of an event in the lake.
    """
    text = sys.stdin.read() if event == "-" else None
    answer = explain_event(workspace_of(ctx, workspace_dir), rule, event, text)
    if as_json or output_format == "json":
        print_json(answer)
        return
    from undersign.render.text_why import render

    click.echo(render(answer, colour=colour_wanted()), nl=False)
