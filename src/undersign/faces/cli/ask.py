"""undersign ask."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    print_json,
    say,
    text_or_file,
    workspace_option,
)
from undersign.faces.cli.with_drafter import drafter_options, reaching
from undersign.workspace.asking import Reply, ask, document
from undersign.workspace.querying import Asked, Limits

F = TypeVar("F", bound=Callable[..., Any])


def asking_options(function: F) -> F:
    """Add what `ask` and `refine` share: who drafts, which hunt, what `now` means, how much."""
    for option in (
        click.option("--summary", is_flag=True,
                     help="Sum the rows up below them; every claim is held against the rows."),
        click.option("--hunt", metavar="HUNT", help="Journal it there; else in the current hunt."),
        click.option("--as-of", metavar="T",
                     help="What `now` means: an RFC 3339 time, or `latest` for the newest event."),
        click.option("--limit", default=20, show_default=True, metavar="N", help="Rows to show."),
        click.option("--timeout", default=30.0, show_default=True, metavar="S",
                     help="Seconds the query may take."),
    ):  # fmt: skip
        function = option(function)
    return drafter_options(function)


@click.command("ask")
@click.argument("question", metavar="QUESTION or @FILE")
@click.option(
    "--language",
    type=click.Choice(["kql", "spl", "sql"]),
    default="kql",
    show_default=True,
    help="The language of the query.",
)
@asking_options
@json_option
@workspace_option
@click.pass_context
def ask_command(
    ctx: click.Context,
    question: str,
    language: str,
    drafter: str,
    record: Path | None,
    drafter_timeout: float | None,
    summary: bool,
    hunt: str | None,
    as_of: str | None,
    limit: int,
    timeout: float,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Ask the logs in English: the query, its critique, rows after every stage, then the raw rows.

    The query is drafted from names and values that are really in your logs. Words that shaped
    nothing are listed, and what was assumed comes back as open questions.
    """
    workspace = workspace_of(ctx, workspace_dir)
    asked = Asked(now(), as_of, Limits(seconds=timeout))
    with reaching(workspace, "asking", record, drafter_timeout) as reach:
        reply = ask(
            workspace,
            text_or_file(question),
            language,
            asked,
            drafter=drafter,
            reach=reach,
            summary=summary,
            hunt=hunt,
        )
    show(reply, limit, as_json=as_json or output_format == "json")


def show(reply: Reply, limit: int, *, as_json: bool) -> None:
    """Print a reply with its first rows; a summary that was refused is then raised."""
    from undersign.render.json import critique

    told = {**document(reply, limit), **critique(reply.work)}
    if as_json:
        print_json(told)
    else:
        from undersign.render.query_formats import Look
        from undersign.render.text_ask import render

        look = Look(shutil.get_terminal_size((100, 24)).columns, colour_wanted())
        click.echo(render(told, reply.work, look), nl=False)
    if reply.not_kept:
        say(reply.not_kept, err=True)
    if reply.unsummed is not None:
        raise reply.unsummed
