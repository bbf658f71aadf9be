"""undersign triage."""

from __future__ import annotations

from dataclasses import asdict

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    json_option,
    now,
    person_option,
    print_json,
    say,
    workspace_option,
)
from undersign.workspace.signoff import triage
from undersign.workspace.workspace import person as who

VERDICTS = ("confirm", "dismiss", "accept-risk", "needs-info", "looked", "reject")


@click.command("triage")
@click.argument("target", metavar="ID")
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.option("--reason", required=True, help="Why; it goes into the signed statement.")
@person_option
@json_option
@workspace_option
@click.pass_context
def triage_command(
    ctx: click.Context,
    target: str,
    verdict: str,
    reason: str,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Give a person's verdict.

    ID is the id of a finding or of a review's candidate, PATH#CHECK for a check that could not run,
    or PATH#GROUND (such as rules/x.yml#History) for every check of that artifact that waits for it.
    `triage PATH reject` says that a draft is not worth keeping; confirm takes it back.
    `triage reviews/x.sarif#design looked` says what you looked at where no machine can.
    """
    workspace = workspace_of(ctx, workspace_dir)
    given = triage(
        workspace, target, verdict, reason, person=who(workspace.root, person), now=now()
    )
    if as_json or output_format == "json":
        print_json(
            {"verdicts": [asdict(v) for v in given.verdicts], "open": list(given.still_open)}
        )
        return
    for one in given.verdicts:
        say(f"{one.target}: {one.decision} by {one.person}")
    for item in given.still_open:
        say(f"still open: {item}", err=True)
    if not given.still_open:
        say("nothing is open: ready to sign", err=True)
