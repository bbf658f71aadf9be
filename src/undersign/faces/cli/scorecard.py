"""undersign scorecard."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    print_json,
    say,
    time_of,
    workspace_option,
)


@click.command("scorecard")
@click.option("--by", type=click.Choice(["all", "month", "week"]), default="all",
              help="One table per kind, or one per kind and period (UTC).")  # fmt: skip
@click.option("--since", metavar="T", help="Only drafts at or after T (a date is midnight UTC).")
@click.option("--until", metavar="T", help="Only drafts before T.")
@click.option("--kind", help="Only this kind of artifact.")
@click.option("--drafter", metavar="DRAFTER", help="Only this drafter.")
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path),
              help="Write the page with its charts to FILE.")  # fmt: skip
@json_option
@workspace_option
@click.pass_context
def scorecard_command(
    ctx: click.Context,
    by: str,
    since: str | None,
    until: str | None,
    kind: str | None,
    drafter: str | None,
    page: Path | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Show which drafter is worth using for what, from this workspace's own ledger.

    Every figure has its 95% interval, and nothing is said of fewer than six drafts.
    """
    from undersign.workspace.scorecard import document, scorecard

    card = scorecard(
        workspace_of(ctx, workspace_dir),
        by=by,
        since=time_of(since),
        until=time_of(until),
        kind=kind,
        drafter=drafter,
    )
    if page is not None:
        from undersign.render.html_scorecard import render as render_page
        from undersign.workspace import files

        files.write(page, render_page(card))
        say(f"written: {page}", err=True)
    if as_json or output_format == "json":
        print_json(document(card))
        return
    from undersign.render.text_scorecard import render

    click.echo(render(card, colour=colour_wanted()), nl=False)
