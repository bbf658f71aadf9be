"""undersign check."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import colour_wanted, now, workspace_option
from undersign.records.work import Work
from undersign.workspace.review import Wanted, review

FORMATS = ("text", "json", "jsonl", "sarif", "junit", "github")


@click.command("check")
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--select", metavar="C", multiple=True, help="Only these checks (name or code prefix)."
)
@click.option(
    "--ignore", metavar="C", multiple=True, help="Not these checks (name or code prefix)."
)
@click.option("--question", metavar="TEXT", help="What the artifact is meant to answer.")
@click.option(
    "--no-history", is_flag=True, help="Do not measure on history; those checks stay open."
)
@click.option("--strict", is_flag=True, help="Exit 1 when a check could not run, too.")
@click.option("--output-format", type=click.Choice(FORMATS), default="text", help="How to print.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
@click.pass_context
def check_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    question: str | None,
    no_history: bool,
    strict: bool,
    output_format: str,
    as_json: bool,
    workspace_dir: str | None,
) -> int:
    """Run every check that fits on artifacts, or on all of them below a folder.

    Exit code 1 when there is an error or a warning; checks that could not run are listed with what
    they need, and change the exit code only with --strict.
    """
    workspace = workspace_of(ctx, workspace_dir)
    wanted = Wanted(_split(select), _split(ignore), history=not no_history, question=question)
    works = review(workspace, paths, wanted, now=now())
    click.echo(_rendered("json" if as_json else output_format, works), nl=False)
    return _exit_code(works, strict)


def _split(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for text in given for part in text.split(",") if part.strip())


def _rendered(name: str, works: list[Work]) -> str:
    from undersign.render.formats import render
    from undersign.render.tally import CheckHelp
    from undersign.workspace.knowledge import cards

    # Only SARIF carries the cards: reading them all would double the time of a plain check.
    helps = {n: CheckHelp(c.summary, c.text) for n, c in cards()} if name == "sarif" else {}
    return render(name, works, helps, colour=colour_wanted())


def _exit_code(works: list[Work], strict: bool) -> int:
    from undersign.render.tally import tally

    count = tally(works)
    return 1 if count.errors or count.warnings or (strict and count.not_run) else 0
