"""undersign ingest."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    print_json,
    workspace_option,
)
from undersign.faces.cli.progress import byte_progress
from undersign.workspace.logs import ingest_document


@click.command("ingest")
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--source", metavar="NAME", help="The log source, when it cannot be told from a record."
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
@json_option
@workspace_option
@click.pass_context
def ingest_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    source: str | None,
    quiet: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Bring logs into the lake: files, or all files below a folder.

    JSON lines, JSON arrays, CSV, Parquet, EVTX, Windows XML, Zeek and auditd text, each also as .gz
    or .zst; the format is told from the content. A line that cannot be kept is counted, with its
    place and the reason. The same file twice adds nothing; an interrupted run leaves nothing half
    done, and running it again completes it.
    """
    workspace = workspace_of(ctx, workspace_dir)
    with byte_progress(paths, quiet=quiet) as progress:
        document = ingest_document(workspace, paths, source=source, now=now(), progress=progress)
    if as_json or output_format == "json":
        print_json(document)
        return
    from undersign.render.text_ingest import render

    click.echo(render(document, colour=colour_wanted()), nl=False)
