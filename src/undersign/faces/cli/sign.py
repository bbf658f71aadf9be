"""undersign sign."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    ask_passphrase,
    json_option,
    now,
    person_option,
    print_json,
    say,
    workspace_option,
)
from undersign.workspace.signoff import sign
from undersign.workspace.workspace import person as who


@click.command("sign")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--key", metavar="FILE", help="SSH key (private, or .pub of one in your agent).")
@click.option("--threat-model", metavar="REF", help="The threat model that this artifact answers.")
@person_option
@json_option
@workspace_option
@click.pass_context
def sign_command(
    ctx: click.Context,
    path: Path,
    key: str | None,
    threat_model: str | None,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Sign an artifact: text, tests, baseline and verdicts, as its author of record.

    Refused while an error or a check that could not run has no verdict of a person.
    """
    workspace = workspace_of(ctx, workspace_dir)
    done = sign(
        workspace,
        path,
        key=key,
        threat_model=threat_model,
        person=who(workspace.root, person),
        now=now(),
        passphrase=ask_passphrase,
    )
    for warning in done.warnings:
        say(f"warning: {warning}", err=True)
    if as_json or output_format == "json":
        print_json(
            {"signer": done.signer, "statement": done.statement, "valid": True, "path": done.path}
        )
        return
    say(f"{done.path} signed by {done.signer} ({done.fingerprint})")
    say(f"check it anywhere: {done.command}")
