"""undersign maturity."""

from __future__ import annotations

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    print_json,
    workspace_option,
)


@click.command("maturity")
@json_option
@workspace_option
@click.pass_context
def maturity_command(
    ctx: click.Context, as_json: bool, output_format: str, workspace_dir: str | None
) -> None:
    """Show what this workspace holds for NIST AI RMF and OWASP SAMM: evidence and gaps, no grade.

    Practices that no workspace can show are listed as such.
    """
    from undersign.workspace.maturity import document, maturity

    assessed = maturity(workspace_of(ctx, workspace_dir), now=now())
    if as_json or output_format == "json":
        print_json(document(assessed))
        return
    from undersign.render.text_maturity import render

    click.echo(render(assessed, colour=colour_wanted()), nl=False)
