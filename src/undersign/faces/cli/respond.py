"""undersign respond."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undersign.errors import UsageError
from undersign.faces.cli import respond_papers, respond_postmortem
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    person_option,
    print_json,
    say,
    time_of,
    workspace_option,
)
from undersign.faces.cli.respond_forms import INCIDENT, REPLACE, write_forms
from undersign.faces.cli.with_drafter import drafter_options, reaching
from undersign.workspace.workspace import person as who

if TYPE_CHECKING:
    from undersign.workspace.responding.folder import Case
    from undersign.workspace.responding.sources import Clocking
    from undersign.workspace.workspace import Workspace


@click.group("respond", commands=(*respond_postmortem.COMMANDS, *respond_papers.COMMANDS))
def respond_command() -> None:
    """An incident: cited timeline, postmortem, notices, regulatory clocks; lint of documents."""


@respond_command.command("timeline")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--chat", "chats", metavar="EXPORT", multiple=True, type=click.Path(path_type=Path),
              help="A channel: Slack, Teams, transcript, notes. May be repeated.")  # fmt: skip
@click.option("--name", default="", metavar="INCIDENT", help="Short name; else the first source's.")
@click.option("--title", default="", metavar="TEXT", help="What people call the incident.")
@click.option("--zone", "zones", multiple=True, metavar="[SOURCE=]ZONE",
              help="Zone of times without one, such as auth.log=Europe/Berlin.")  # fmt: skip
@click.option("--skew", "skews", multiple=True, metavar="[SOURCE=]SECONDS",
              help="How far a source's clock runs ahead; it is taken off.")  # fmt: skip
@click.option("--year", type=click.IntRange(1990, 2200), help="Of lines that leave the year out.")
@click.option("--since", metavar="TIME", help="Only entries from this RFC 3339 time on.")
@click.option("--until", metavar="TIME", help="Only entries before this RFC 3339 time.")
@drafter_options
@REPLACE
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Also write a page whose every sentence opens its raw line.")  # fmt: skip
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Also write it as Markdown.")  # fmt: skip
@click.option("--timesketch", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Also write it for Timesketch: .csv or .jsonl.")  # fmt: skip
@click.option("--plaso", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Also write it as plaso's JSON lines.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress bar.")
@json_option
@workspace_option
@click.pass_context
def timeline_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    chats: tuple[Path, ...],
    name: str,
    title: str,
    zones: tuple[str, ...],
    skews: tuple[str, ...],
    year: int | None,
    since: str | None,
    until: str | None,
    drafter: str,
    record: Path | None,
    drafter_timeout: float | None,
    replace: bool,
    html: Path | None,
    markdown: Path | None,
    timesketch: Path | None,
    plaso: Path | None,
    quiet: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Make one cited timeline of logs and the incident's channel.

    PATHs are files of logs, or folders of them: EVTX, syslog, journald, auditd, web, CloudTrail and
    other cloud audit logs, Zeek, EVE, CEF, LEEF, JSON, plaso and Timesketch; the format is told
    from the content. The timeline and the raw lines that it cites are kept in incidents/NAME.
    """
    from undersign.faces.cli.progress import byte_progress
    from undersign.workspace.responding.timeline import Asked, build

    workspace = workspace_of(ctx, workspace_dir)
    asked = Asked(
        paths=paths,
        chats=chats,
        name=name,
        title=title,
        clocking=_clocking(zones, skews, year),
        since=time_of(since),
        until=time_of(until),
        drafter=drafter,
        replace=replace,
    )
    with (
        byte_progress((*paths, *chats), quiet=quiet) as progress,
        reaching(workspace, "drafting", record, drafter_timeout) as reach,
    ):
        built = build(workspace, asked, reach=reach, now=now(), on_bytes=progress)
    for told in (*(f"not read: {one}" for one in built.unread), *built.notes):
        say(told, err=True)
    wanted = {"html": html, "markdown": markdown, "timesketch": timesketch, "plaso": plaso}
    write_forms(workspace, built.case, wanted)
    _shown(workspace, built.case, as_json or output_format == "json")


@respond_command.command("show")
@INCIDENT
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write a page whose every sentence opens its raw line.")  # fmt: skip
@click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write it as Markdown.")  # fmt: skip
@click.option("--timesketch", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write it for Timesketch: .csv or .jsonl.")  # fmt: skip
@click.option("--plaso", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write it as plaso's JSON lines.")  # fmt: skip
@json_option
@workspace_option
@click.pass_context
def show_command(
    ctx: click.Context,
    incident: str,
    html: Path | None,
    markdown: Path | None,
    timesketch: Path | None,
    plaso: Path | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Show a timeline that was kept, with what people have said of it since."""
    from undersign.workspace.responding.folder import existing, read_case, sound

    workspace = workspace_of(ctx, workspace_dir)
    case = sound(read_case(existing(workspace, incident)))
    wanted = {"html": html, "markdown": markdown, "timesketch": timesketch, "plaso": plaso}
    write_forms(workspace, case, wanted)
    _shown(workspace, case, as_json or output_format == "json")


@respond_command.command("evidence")
@INCIDENT
@click.argument("address", metavar="ADDRESS")
@json_option
@workspace_option
@click.pass_context
def evidence_command(
    ctx: click.Context,
    incident: str,
    address: str,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Open the raw line at an address such as auth.log:12 or chat:7, and look for it in its source.

    A line that the timeline does not cite is read from the source itself.
    """
    from undersign.workspace.responding.claims import opened, still_there
    from undersign.workspace.responding.folder import existing, read_case

    workspace = workspace_of(ctx, workspace_dir)
    case = read_case(existing(workspace, incident))
    found = opened(workspace, case, address, now())
    kept = address in case.evidence
    source = still_there(workspace, case, found, now()) if kept else "read from the source now"
    if as_json or output_format == "json":
        from undersign.render.json_timeline import evidence_document

        print_json(evidence_document(found) | {"source_now": source})
        return
    say(f"{found.id}  {found.time:%Y-%m-%d %H:%M:%S.%f} UTC" if found.time else found.id)
    for line in found.raw.split("\n"):
        say(line)
    for role, value in found.values():
        say(f"  {role}: {value}")
    say(f"  ({source})")


@respond_command.command("claim")
@INCIDENT
@click.argument("text")
@click.option("--evidence", multiple=True, metavar="ADDRESS", help="What it rests on; again.")
@click.option("--claim", "claims", multiple=True, metavar="ID", help="A claim it rests on; again.")
@click.option("--inference", is_flag=True, help="A conclusion, instead of a judgement.")
@click.option("--at", metavar="TIME", help="When it was so, RFC 3339; clocks count from it.")
@click.option("--milestone", metavar="NAME", help="The milestone that it sets: detected, ...")
@REPLACE
@person_option
@json_option
@workspace_option
@click.pass_context
def claim_command(
    ctx: click.Context,
    incident: str,
    text: str,
    evidence: tuple[str, ...],
    claims: tuple[str, ...],
    inference: bool,
    at: str | None,
    milestone: str | None,
    replace: bool,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Add what you judge or conclude, by name, with the evidence it rests on.

    A milestone that a person sets is overruled by no rule; measures are computed anew.
    """
    from undersign.records.claim import ClaimKind
    from undersign.workspace.responding.claims import Word, add_claim
    from undersign.workspace.responding.folder import existing

    workspace = workspace_of(ctx, workspace_dir)
    word = Word(
        text=text,
        person=who(workspace.root, person),
        evidence=evidence,
        claims=claims,
        kind=ClaimKind.INFERENCE if inference else ClaimKind.JUDGEMENT,
        at=time_of(at),
        mark=_mark(milestone),
    )
    folder = existing(workspace, incident)
    claim = add_claim(workspace, folder, word, now=now(), replace_signed=replace)
    if as_json or output_format == "json":
        from undersign.render.json_timeline import claim_document

        print_json(claim_document(claim, ""))
        return
    say(f"{claim.id} by {claim.by}: {claim.text}")


def _clocking(zones: tuple[str, ...], skews: tuple[str, ...], year: int | None) -> Clocking:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from undersign.workspace.responding.sources import Clocking

    named = _of_sources(zones)
    for zone in named.values():
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise UsageError(f"{zone!r} is no time zone", hint="such as Europe/Berlin") from error
    try:
        seconds = {name: float(text) for name, text in _of_sources(skews).items()}
    except ValueError as error:
        raise UsageError("--skew wants seconds", hint="--skew auth.log=-12.5") from error
    return Clocking(named, seconds, year)


def _of_sources(given: tuple[str, ...]) -> dict[str, str]:
    """Read `SOURCE=VALUE`; a value alone is for every source."""
    found = {}
    for one in given:
        name, equals, value = one.rpartition("=")
        found[name if equals else "*"] = value
    return found


def _mark(name: str | None) -> Any:
    from undersign.records.timeline import Mark

    if name is None:
        return None
    try:
        return Mark(name)
    except ValueError as error:
        raise UsageError(f"no milestone {name!r}", hint=", ".join(Mark)) from error


def _shown(workspace: Workspace, case: Case, as_json: bool) -> None:
    from undersign.workspace import files
    from undersign.workspace.responding.exporting import plain_sentences

    path = files.relative(case.folder.timeline, workspace.root)
    said = plain_sentences(case.timeline)
    if as_json:
        from undersign.render.json_timeline import document

        print_json(document(case.timeline, said, path))
        return
    from undersign.render.text_timeline import render

    click.echo(render(case.timeline, said, path=path, colour=colour_wanted()), nl=False)
    say(f"Next: undersign check {path}; undersign sign {path}", err=True)
