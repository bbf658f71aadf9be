"""undersign respond: notices and clocks of an incident, and the lint of documents that exist."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.errors import UsageError
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    paths_argument,
    person_option,
    print_json,
    say,
    time_of,
    workspace_option,
)
from undersign.faces.cli.respond_forms import INCIDENT, REPLACE, tell
from undersign.workspace.workspace import person as who

FORMATS = ("text", "json", "jsonl", "sarif", "junit", "github")
AUDIENCES = ("status-page", "customer", "executive", "internal")


@click.command("comms")
@INCIDENT
@click.option("--audience", "audiences", multiple=True, type=click.Choice(AUDIENCES),
              help="For whom; again for more. Default: all four.")  # fmt: skip
@click.option("--impact", default="", metavar="TEXT", help="What people notice, in your words.")
@click.option("--service", "services", multiple=True, metavar="NAME", help="What is affected.")
@click.option("--next-update", metavar="TIME", help="When the next update is due, RFC 3339.")
@person_option
@REPLACE
@json_option
@workspace_option
@click.pass_context
def comms_command(
    ctx: click.Context,
    incident: str,
    audiences: tuple[str, ...],
    impact: str,
    services: tuple[str, ...],
    next_update: str | None,
    person: str | None,
    replace: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Draft notices for the status page, customers, executives and colleagues from the claims."""
    from undersign.workspace.responding.folder import existing
    from undersign.workspace.responding.written import Told, write_notices

    workspace = workspace_of(ctx, workspace_dir)
    folder = existing(workspace, incident)
    said_by = who(workspace.root, person) if impact else ""
    told = Told(impact, services, time_of(next_update), said_by)
    done = write_notices(
        workspace, folder, audiences or AUDIENCES, told, now=now(), replace=replace
    )
    tell(done, as_json=as_json or output_format == "json")


@click.command("clocks")
@INCIDENT
@click.option("--anchor", "anchors", multiple=True, metavar="REGIME.ANCHOR=CLAIM",
              help="What starts a clock: gdpr.awareness=C12. May be repeated.")  # fmt: skip
@click.option("--regime", "regimes", multiple=True, metavar="KEY", help="Only these; again.")
@click.option("--time-zone", "zone", default="UTC", metavar="ZONE", help="In which days end.")
@click.option("--country", default="", metavar="CODE", help="Whose public holidays count: DE, US.")
@REPLACE
@json_option
@workspace_option
@click.pass_context
def clocks_command(
    ctx: click.Context,
    incident: str,
    anchors: tuple[str, ...],
    regimes: tuple[str, ...],
    zone: str,
    country: str,
    replace: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Count the regulatory deadlines: GDPR, NIS2, DORA, SEC, HIPAA, CRA.

    A clock starts from a claim of a timeline that a person has signed, and from nothing else: until
    then it has no date. The rules are data, with instrument, version and the day they were read.
    """
    from undersign.render.text_clocks import render
    from undersign.workspace.responding.deadlines import Reckoning, clocks
    from undersign.workspace.responding.folder import existing

    workspace = workspace_of(ctx, workspace_dir)
    how = Reckoning(_pairs(anchors, "--anchor gdpr.awareness=C12"), regimes, zone, country)
    made = clocks(workspace, existing(workspace, incident), how, now=now(), replace=replace)
    if as_json or output_format == "json":
        from undersign.render.json_timeline import clocks_document

        print_json(clocks_document(made))
        return
    click.echo(render(made, now=now(), colour=colour_wanted()), nl=False)


@click.command("lint")
@paths_argument("PATH...")
@click.option("--select", metavar="C", multiple=True, help="Only these checks (name or code).")
@click.option("--ignore", metavar="C", multiple=True, help="Not these checks (name or code).")
@click.option("--output-format", type=click.Choice(FORMATS), default="text", help="How to print.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
@click.pass_context
def lint_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    output_format: str,
    as_json: bool,
    workspace_dir: str | None,
) -> int:
    """Lint postmortems and runbooks that exist: any Markdown, whoever wrote it.

    Wrong durations, impossible or unordered times, blame, actions without an owner, placeholders,
    secrets, dead references. Exit code 1 when there is an error or a warning.
    """
    from undersign.render.formats import render
    from undersign.render.tally import CheckHelp, tally
    from undersign.workspace.knowledge import cards
    from undersign.workspace.responding.lint import lint
    from undersign.workspace.review import Wanted

    wanted = Wanted(_split(select), _split(ignore), history=False)
    found = lint(workspace_of(ctx, workspace_dir), paths, wanted, now=now())
    name = "json" if as_json else output_format
    helps = {n: CheckHelp(c.summary, c.text) for n, c in cards()} if name == "sarif" else {}
    click.echo(render(name, list(found.works), helps, colour=colour_wanted()), nl=False)
    if found.left_out:
        say(f"{found.left_out:,} other files there are not Markdown by their name", err=True)
    count = tally(list(found.works))
    return 1 if count.errors or count.warnings else 0


def _pairs(given: tuple[str, ...], example: str) -> dict[str, str]:
    found = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not (key and equals and value):
            raise UsageError(f"{one!r} is no pair", hint=example)
        found[key] = value
    return found


def _split(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for text in given for part in text.split(",") if part.strip())


COMMANDS = (comms_command, clocks_command, lint_command)
"""In the order of `undersign respond --help`."""
