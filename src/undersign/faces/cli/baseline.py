"""undersign baseline."""

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
    time_of,
    workspace_option,
)
from undersign.workspace.baselines import Span, baseline, baseline_document


@click.command("baseline")
@click.argument(
    "paths", metavar="RULE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--since", metavar="T", help="Only events at or after T (RFC 3339; a date is midnight UTC)."
)
@click.option("--until", metavar="T", help="Only events before T.")
@click.option(
    "--on",
    "on",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Run over these files only; they are not kept.",
)
@json_option
@workspace_option
@click.pass_context
def baseline_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    since: str | None,
    until: str | None,
    on: tuple[Path, ...],
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Run rules over history: matches per day and host, rate, contributors, a threshold, filters.

    A rule whose field or log source is not in history is unmeasured, which is not zero.
    """
    workspace = workspace_of(ctx, workspace_dir)
    result = baseline(workspace, paths, Span(time_of(since), time_of(until)), on=on, now=now())
    if as_json or output_format == "json":
        print_json(baseline_document(result))
        return
    from undersign.render.text_baseline import render

    click.echo(render(result.histories, colour=colour_wanted()), nl=False)
    for sentence in result.unreadable:
        say(f"could not be read: {sentence}", err=True)
