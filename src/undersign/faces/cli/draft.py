"""undersign draft."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    json_option,
    now,
    print_json,
    say,
    text_or_file,
    workspace_option,
)
from undersign.faces.cli.with_drafter import drafter_options, reaching
from undersign.workspace.drafting import draft


@click.command("draft")
@click.argument("kind")
@click.option("--brief", metavar="TEXT", required=True, help="One sentence, or @FILE.")
@drafter_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where to; else rules/NAME or hunts/NAME.",
)
@click.option("--force", is_flag=True, help="Write over a file that is already there.")
@json_option
@workspace_option
@click.pass_context
def draft_command(
    ctx: click.Context,
    kind: str,
    brief: str,
    drafter: str,
    record: Path | None,
    drafter_timeout: float | None,
    output: Path | None,
    force: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Draft an artifact of KIND (sigma, kql, spl, sql) from one English sentence.

    A correlation's threshold is measured on your history when there is some. What the drafter could
    not decide comes back as open questions, and the words it could not use are listed.
    """
    workspace = workspace_of(ctx, workspace_dir)
    with reaching(workspace, "drafting", record, drafter_timeout) as reach:
        done = draft(
            workspace,
            kind,
            text_or_file(brief),
            drafter=drafter,
            reach=reach,
            output=output,
            force=force,
            now=now(),
        )
    if as_json or output_format == "json":
        print_json(done.document())
        return
    repaired = ", asked once more with what the checks found" if done.repaired else ""
    say(f"{done.path} drafted by {done.drafter}{repaired}")
    for label, lines in (("leaned on", done.sources), ("open question", done.open_questions)):
        for line in lines:
            say(f"  {label}: {line}")
    if done.unused_words:
        say(f"  words that shaped nothing: {', '.join(done.unused_words)}")
    if done.not_kept:
        say(f"  {done.not_kept}", err=True)
    say(f"Next: undersign check {done.path}", err=True)
