"""undersign verify."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import json_option, print_json, say, workspace_option
from undersign.workspace.signoff import verify


@click.command("verify")
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--allowed-signers", metavar="FILE", help="Who may sign; else the workspace's file.")
@json_option
@workspace_option
@click.pass_context
def verify_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    allowed_signers: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> int:
    """Verify the signatures of artifacts, or of all artifacts below a folder.

    An artifact that was edited after signing, or never signed, fails. Exit code 1 when any fails.
    """
    results = verify(workspace_of(ctx, workspace_dir), paths, allowed_signers)
    if as_json or output_format == "json":
        rows = [asdict(r) for r in results]
        one = rows[0] if len(rows) == 1 else {"valid": all(r.valid for r in results)}
        print_json({**one, "artifacts": rows})
    else:
        for result in results:
            mark = "valid  " if result.valid else "INVALID"
            say(f"{mark} {result.path}: {result.detail}")
    return 0 if results and all(r.valid for r in results) else 1
