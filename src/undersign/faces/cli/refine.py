"""undersign refine."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.ask import asking_options, show
from undersign.faces.cli.options import json_option, now, text_or_file, workspace_option
from undersign.faces.cli.query import by_ending
from undersign.faces.cli.with_drafter import reaching
from undersign.workspace.asking import refine
from undersign.workspace.querying import Asked, Limits


@click.command("refine")
@click.argument("instruction", metavar="TEXT or @FILE")
@click.option("--query", metavar="TEXT or @FILE", help="The query to edit; else the last one.")
@click.option(
    "--language",
    type=click.Choice(["kql", "spl", "sql"]),
    help="The language of --query; else by the file's ending.",
)
@asking_options
@json_option
@workspace_option
@click.pass_context
def refine_command(
    ctx: click.Context,
    instruction: str,
    query: str | None,
    language: str | None,
    drafter: str,
    record: Path | None,
    drafter_timeout: float | None,
    summary: bool,
    hunt: str | None,
    as_of: str | None,
    limit: int,
    timeout: float,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Change a query by a sentence (`narrow that to non-corporate IPs only`) and show what changed.

    Everything the instruction does not speak of is kept as it is.
    """
    workspace = workspace_of(ctx, workspace_dir)
    asked = Asked(now(), as_of, Limits(seconds=timeout))
    named = (language or by_ending(query), text_or_file(query)) if query else None
    with reaching(workspace, "refining", record, drafter_timeout) as reach:
        reply = refine(
            workspace,
            text_or_file(instruction),
            asked,
            query=named,
            drafter=drafter,
            reach=reach,
            summary=summary,
            hunt=hunt,
        )
    show(reply, limit, as_json=as_json or output_format == "json")
