"""undersign report."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import json_option, now, print_json, say, workspace_option


@click.command("report")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; else PATH.html.")
@json_option
@workspace_option
@click.pass_context
def report_command(
    ctx: click.Context,
    path: Path,
    output: Path | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Write the report of one artifact: one HTML file without scripts that needs nothing else.

    It shows what was found, what is clean, what could not be looked at, the baseline, the tests,
    every verdict and the signature, with the command to verify it.
    """
    from undersign.render.html import render
    from undersign.workspace import files
    from undersign.workspace.reporting import report

    target = output or path.with_name(path.name + ".html")
    files.write(target, render(report(workspace_of(ctx, workspace_dir), path, now=now())))
    if as_json or output_format == "json":
        print_json({"report": str(target)})
    else:
        say(str(target))
