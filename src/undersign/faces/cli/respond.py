"""undersign respond."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from undersign.faces.cli.with_drafter import drafter_options, reaching
from undersign.workspace.workspace import person as who

if TYPE_CHECKING:
    from undersign.workspace.responding.folder import Case
    from undersign.workspace.responding.sources import Clocking
    from undersign.workspace.workspace import Workspace

FORMATS = ("text", "json", "jsonl", "sarif", "junit", "github")
AUDIENCES = ("status-page", "customer", "executive", "internal")
_INCIDENT = click.argument("incident", metavar="INCIDENT")
_REPLACE = click.option(
    "--replace", is_flag=True, help="Write over a paper that was edited, judged or signed."
)


@click.group("respond")
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
@_REPLACE
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
    _written(workspace, built.case, wanted)
    _shown(workspace, built.case, as_json or output_format == "json")


@respond_command.command("show")
@_INCIDENT
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
    _written(workspace, case, wanted)
    _shown(workspace, case, as_json or output_format == "json")


@respond_command.command("evidence")
@_INCIDENT
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
@_INCIDENT
@click.argument("text")
@click.option("--evidence", multiple=True, metavar="ADDRESS", help="What it rests on; again.")
@click.option("--claim", "claims", multiple=True, metavar="ID", help="A claim it rests on; again.")
@click.option("--inference", is_flag=True, help="A conclusion, instead of a judgement.")
@click.option("--at", metavar="TIME", help="When it was so, RFC 3339; clocks count from it.")
@click.option("--milestone", metavar="NAME", help="The milestone that it sets: detected, ...")
@_REPLACE
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


@respond_command.command("postmortem")
@_INCIDENT
@drafter_options
@_REPLACE
@json_option
@workspace_option
@click.pass_context
def postmortem_command(
    ctx: click.Context,
    incident: str,
    drafter: str,
    record: Path | None,
    drafter_timeout: float | None,
    replace: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Draft the postmortem of an incident from its claims.

    What nobody has said yet stands in it as a question. A drafter's words are marked as inference.
    """
    from undersign.workspace.responding.folder import existing
    from undersign.workspace.responding.written import write_postmortem

    workspace = workspace_of(ctx, workspace_dir)
    folder = existing(workspace, incident)
    with reaching(workspace, "drafting", record, drafter_timeout) as reach:
        done = write_postmortem(workspace, folder, drafter, reach=reach, now=now(), replace=replace)
    _drafted(done, as_json or output_format == "json")


@respond_command.command("comms")
@_INCIDENT
@click.option("--audience", "audiences", multiple=True, type=click.Choice(AUDIENCES),
              help="For whom; again for more. Default: all four.")  # fmt: skip
@click.option("--impact", default="", metavar="TEXT", help="What people notice, in your words.")
@click.option("--service", "services", multiple=True, metavar="NAME", help="What is affected.")
@click.option("--next-update", metavar="TIME", help="When the next update is due, RFC 3339.")
@person_option
@_REPLACE
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
    _drafted(done, as_json or output_format == "json")


@respond_command.command("clocks")
@_INCIDENT
@click.option("--anchor", "anchors", multiple=True, metavar="REGIME.ANCHOR=CLAIM",
              help="What starts a clock: gdpr.awareness=C12. May be repeated.")  # fmt: skip
@click.option("--regime", "regimes", multiple=True, metavar="KEY", help="Only these; again.")
@click.option("--time-zone", "zone", default="UTC", metavar="ZONE", help="In which days end.")
@click.option("--country", default="", metavar="CODE", help="Whose public holidays count: DE, US.")
@_REPLACE
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


@respond_command.command("lint")
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


def _mark(name: str | None) -> Any:
    from undersign.records.timeline import Mark

    if name is None:
        return None
    try:
        return Mark(name)
    except ValueError as error:
        raise UsageError(f"no milestone {name!r}", hint=", ".join(Mark)) from error


def _written(workspace: Workspace, case: Case, wanted: dict[str, Path | None]) -> None:
    from undersign.workspace.responding.exporting import export

    for form, path in wanted.items():
        if path is not None:
            export(workspace, case, form, path)
            say(f"{path} written", err=True)


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


def _drafted(done: Any, as_json: bool) -> None:
    if as_json:
        print_json(done.document())
        return
    for paper in done.papers:
        say(f"{paper.path} drafted by {paper.drafter}")
        for question in paper.open_questions:
            say(f"  ? {question}")
    for note in done.notes:
        say(note, err=True)
