"""undersign query."""

from __future__ import annotations

import shutil

import click

from undersign.errors import UsageError
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    now,
    print_json,
    say,
    text_or_file,
    workspace_option,
)
from undersign.faces.cli.waiting import waiting
from undersign.render.query_formats import Look, render
from undersign.telemetry.engines.limits import Limits
from undersign.workspace.querying import Asked, document, query


@click.command("query")
@click.argument("text", metavar="TEXT or @FILE")
@click.option(
    "--language",
    type=click.Choice(["kql", "spl", "sql", "sigma"]),
    help="The language of the text; else by the file's ending.",
)
@click.option(
    "--as-of",
    metavar="T",
    help="What `now` means: an RFC 3339 time, or `latest` for the newest event read.",
)
@click.option("--limit", default=100, show_default=True, metavar="N", help="Rows to show at most.")
@click.option(
    "--timeout", default=30.0, show_default=True, metavar="S", help="Seconds it may take."
)
@click.option("--memory", default=2048, show_default=True, metavar="MB", help="Memory it may take.")
@click.option("--sql", "show_sql", is_flag=True, help="Show the SQL that runs.")
@click.option("--no-stages", is_flag=True, help="Do not count the rows of every stage.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "jsonl", "csv"]),
    default="text",
    help="How to print.",
)
@workspace_option
@click.pass_context
def query_command(
    ctx: click.Context,
    text: str,
    language: str | None,
    as_of: str | None,
    limit: int,
    timeout: float,
    memory: int,
    show_sql: bool,
    no_stages: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Run a query over the lake, read-only: rows after every stage, then the raw rows.

    SQL is DuckDB's, or Spark's when the text says `-- dialect: spark`. Nothing but the tables of
    this workspace can be read.
    """
    workspace = workspace_of(ctx, workspace_dir)
    asked = Asked(now(), as_of, Limits(timeout, memory, limit), stages=not no_stages)
    with waiting("running the query"):
        answer = query(workspace, language or by_ending(text), text_or_file(text), asked)
    told = document(answer)
    for problem in answer.problems:
        say(f"it ran, but: {problem}", err=True)
    if as_json or output_format == "json":
        print_json(told)
        return
    if show_sql and output_format == "text":
        say(answer.sql)
    click.echo(render(output_format, told, _look()), nl=False)


def by_ending(text: str) -> str:
    """Return the language that a file's ending names. Raises UsageError when none does."""
    known = {".kql": "kql", ".spl": "spl", ".sql": "sql", ".yml": "sigma", ".yaml": "sigma"}
    for ending, name in known.items():
        if text.startswith("@") and text.lower().endswith(ending):
            return name
    raise UsageError("which language is it?", hint="say --language kql, spl, sql or sigma")


def _look() -> Look:
    return Look(shutil.get_terminal_size((100, 24)).columns, colour_wanted())
