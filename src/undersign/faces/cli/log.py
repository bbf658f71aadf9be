"""undersign log."""

from __future__ import annotations

from dataclasses import asdict

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
from undersign.workspace import ledgerbook
from undersign.workspace.workspace import person as who


@click.group("log")
def log_command() -> None:
    """The ledger: everything that happened here, append-only and tamper-evident."""


@log_command.command("show")
@click.argument("path", required=False)
@click.option("--limit", type=int, default=50, show_default=True, help="At most so many, newest.")
@json_option
@workspace_option
@click.pass_context
def show_command(
    ctx: click.Context,
    path: str | None,
    limit: int,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Show the newest entries, of one artifact when PATH is given."""
    rows = ledgerbook.show(workspace_of(ctx, workspace_dir), path, limit)
    if as_json or output_format == "json":
        print_json({"entries": [asdict(r) for r in rows]})
        return
    for row in rows:
        say(f"{row.seq:>6}  {row.at}  {row.kind:<10} {row.summary}")
    if not rows:
        say(f"no entry is about {path}" if path else "the ledger is empty", err=True)


@log_command.command("verify")
@click.option("--allowed-signers", metavar="FILE", help="Who may sign checkpoints.")
@json_option
@workspace_option
@click.pass_context
def verify_command(
    ctx: click.Context,
    allowed_signers: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> int:
    """Verify the hash chain and every signed checkpoint. Exit code 1 when anything is off."""
    report = ledgerbook.verify(workspace_of(ctx, workspace_dir), allowed_signers, now=now())
    if as_json or output_format == "json":
        print_json(asdict(report))
    else:
        for trouble in report.troubles:
            say(f"INVALID {trouble}")
        say(report.summary)
    return 0 if report.valid else 1


@log_command.command("checkpoint")
@click.option("--key", metavar="FILE", help="SSH key (private, or .pub of one in your agent).")
@person_option
@json_option
@workspace_option
@click.pass_context
def checkpoint_command(
    ctx: click.Context,
    key: str | None,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Sign the head of the ledger, so that a tail cut off later shows."""
    workspace = workspace_of(ctx, workspace_dir)
    done = ledgerbook.checkpoint(
        workspace,
        key=key,
        person=who(workspace.root, person),
        now=now(),
        passphrase=ask_passphrase,
    )
    if as_json or output_format == "json":
        print_json(asdict(done))
        return
    say(f"{done.path}: {done.size} entries, root {done.root}")
