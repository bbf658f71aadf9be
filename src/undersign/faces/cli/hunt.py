"""undersign hunt."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    paths_argument,
    person_option,
    print_json,
    say,
    text_or_file,
    workspace_option,
)
from undersign.records.hunt import Conclusion, Hunt, HuntVerdict, Note
from undersign.surfaces.hunt.journal import Opening
from undersign.workspace import hunting
from undersign.workspace.hunt_shelf import Kept
from undersign.workspace.workspace import person as who

FORMATS = ("hearth", "notebook", "markdown", "json", "html")
_HUNT = click.option("--hunt", "named", metavar="HUNT", help="Its id or file; else the current.")
_NAMED = click.argument("named", metavar="[HUNT]", required=False)


@click.group("hunt")
def hunt_command() -> None:
    """The journal of a hunt: hypothesis, every query with its critique and rows, verdict."""


@hunt_command.command("new")
@click.argument("title")
@click.option("--hypothesis", metavar="TEXT", default="", help="What you suspect, or @FILE.")
@click.option("--technique", "techniques", metavar="ID", multiple=True, help="ATT&CK id; again.")
@click.option("--question", metavar="TEXT", default="", help="What you will ask the logs.")
@person_option
@json_option
@workspace_option
@click.pass_context
def new_command(
    ctx: click.Context,
    title: str,
    hypothesis: str,
    techniques: tuple[str, ...],
    question: str,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Open a hunt; what is asked from now on goes into it."""
    workspace = workspace_of(ctx, workspace_dir)
    opening = Opening(title, text_or_file(hypothesis), techniques, question)
    kept = hunting.new(workspace, opening, person=who(workspace.root, person), now=now())
    if not _json(as_json, output_format, kept):
        say(f"{kept.path} opened by {kept.hunt.hunter}")
        say("Next: undersign ask QUESTION", err=True)


@hunt_command.command("list")
@json_option
@workspace_option
@click.pass_context
def list_command(
    ctx: click.Context, as_json: bool, output_format: str, workspace_dir: str | None
) -> int:
    """List the hunts of the workspace. Exit code 2 when one of them cannot be read."""
    shelf = hunting.shelf(workspace_of(ctx, workspace_dir))
    if as_json or output_format == "json":
        hunts = [_line(kept, kept.path == shelf.current) for kept in shelf.kept]
        print_json({"hunts": hunts, "unreadable": [str(wrong) for wrong in shelf.unreadable]})
    else:
        from undersign.render.text_hunt import listing

        marked = [(kept.hunt, kept.path == shelf.current) for kept in shelf.kept]
        click.echo(listing(marked, colour=colour_wanted()), nl=False)
        for wrong in shelf.unreadable:
            say(f"cannot be read: {wrong}", err=True)
    return 2 if shelf.unreadable else 0


@hunt_command.command("show")
@_NAMED
@json_option
@workspace_option
@click.pass_context
def show_command(
    ctx: click.Context,
    named: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Show a hunt: per query the question, query, critique, stage counts, rows, summary."""
    kept = hunting.show(workspace_of(ctx, workspace_dir), named)
    if not _json(as_json, output_format, kept):
        from undersign.render.text_hunt import render

        click.echo(render(kept.hunt, colour=colour_wanted()), nl=False)


@hunt_command.command("use")
@click.argument("named", metavar="HUNT")
@json_option
@workspace_option
@click.pass_context
def use_command(
    ctx: click.Context, named: str, as_json: bool, output_format: str, workspace_dir: str | None
) -> None:
    """Go on with an open hunt: what is asked from now on goes into it."""
    kept = hunting.switch(workspace_of(ctx, workspace_dir), named)
    if not _json(as_json, output_format, kept):
        say(f"{kept.path} takes what is asked from now on")


@hunt_command.command("note")
@click.argument("text")
@_HUNT
@click.option("--entry", "nth", type=int, metavar="N", help="Which query it is about.")
@click.option("--false-positive", "about", flag_value="false_positives", help="Also looks like it.")
@click.option("--validation", "about", flag_value="validation", help="How it was shown to work.")
@person_option
@json_option
@workspace_option
@click.pass_context
def note_command(
    ctx: click.Context,
    text: str,
    named: str | None,
    nth: int | None,
    about: str | None,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Write TEXT (or @FILE) into the journal, also after the hunt was closed."""
    workspace, moment = workspace_of(ctx, workspace_dir), now()
    by = who(workspace.root, person)
    written = Note(hunting.stamp(moment), by, text_or_file(text), nth)
    kept = hunting.note(workspace, named, about or "notes", written, now=moment)
    if not _json(as_json, output_format, kept):
        say(f"{kept.path}: noted")


@hunt_command.command("close")
@click.argument("verdict", type=click.Choice([verdict.value for verdict in HuntVerdict]))
@click.option("--finding", metavar="TEXT", required=True, help="What was found, or @FILE.")
@_HUNT
@person_option
@json_option
@workspace_option
@click.pass_context
def close_command(
    ctx: click.Context,
    verdict: str,
    finding: str,
    named: str | None,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Close a hunt with your verdict.

    Confirmed and refuted need a query that ran: what was not looked at refutes nothing.
    """
    workspace, moment = workspace_of(ctx, workspace_dir), now()
    end = Conclusion(
        HuntVerdict(verdict),
        text_or_file(finding),
        who(workspace.root, person),
        hunting.stamp(moment),
    )
    kept = hunting.close(workspace, named, end, now=moment)
    if not _json(as_json, output_format, kept):
        say(f"{kept.path}: {verdict}")


@hunt_command.command("handoff")
@_NAMED
@click.option("--entry", "nth", type=int, metavar="N", help="Query N; else the last with rows.")
@click.option("--level", type=click.Choice(["informational", "low", "medium", "high", "critical"]),
              help="Level of the Sigma rule; else whoever reviews it decides.")  # fmt: skip
@click.option("--priority", metavar="TEXT", default="", help="ADS: how urgent an alert is, why.")
@click.option("--response", metavar="TEXT", default="", help="ADS: what to do on an alert.")
@click.option("--force", is_flag=True, help="Write over files that are already there.")
@person_option
@json_option
@workspace_option
@click.pass_context
def handoff_command(
    ctx: click.Context,
    named: str | None,
    nth: int | None,
    level: str | None,
    priority: str,
    response: str,
    force: bool,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Draft a rule and its ADS document from a hunt, for detection engineering.

    A Sigma rule when Sigma says exactly the same as the query's filters, else a rule in the
    query's own language. Refused without validation and false positives.
    """
    from undersign.surfaces.hunt.handoff import Wanted
    from undersign.workspace.hunt_handoff import hand_off

    workspace = workspace_of(ctx, workspace_dir)
    by = who(workspace.root, person)
    wanted = Wanted(nth, level or "", text_or_file(priority), text_or_file(response))
    done = hand_off(workspace, named, wanted, person=by, now=now(), force=force)
    if as_json or output_format == "json":
        print_json(asdict(done))
        return
    say(f"{done.rule} drafted from query {done.entry} of hunt {done.hunt}")
    say(f"{done.strategy}")
    for line in done.left_out:
        say(f"  left out: {line}")
    if done.why_not_sigma:
        say(f"  not a Sigma rule: {done.why_not_sigma}")
    say(f"Next: undersign check {done.rule}", err=True)


@hunt_command.command("rerun")
@_NAMED
@json_option
@workspace_option
@click.pass_context
def rerun_command(
    ctx: click.Context,
    named: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> int:
    """Run a hunt's queries again, on their pinned snapshots and on the newest.

    Exit code 1 when the pinned rows changed or could not be compared.
    """
    from undersign.workspace.hunt_rerun import run_again, runner

    workspace, moment = workspace_of(ctx, workspace_dir), now()
    outcomes = run_again(workspace, named, runner(workspace, moment), now=moment)
    if as_json or output_format == "json":
        shown = [{**asdict(one), "difference": one.difference} for one in outcomes]
        print_json({"reruns": shown})
    else:
        from undersign.render.text_hunt import reruns

        click.echo(reruns(outcomes, colour=colour_wanted()), nl=False)
    return 1 if any(one.on == "pinned" and one.outcome != "same" for one in outcomes) else 0


@hunt_command.command("export")
@_NAMED
@click.option("--format", "form", type=click.Choice(FORMATS), default="markdown",
              show_default=True, help="Which kind of document.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; else stdout.")
@json_option
@workspace_option
@click.pass_context
def export_command(
    ctx: click.Context,
    named: str | None,
    form: str,
    output: Path | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Write a hunt as HEARTH markdown, a Jupyter notebook, Markdown, JSON or an HTML page."""
    from undersign.workspace.files import write

    kept = hunting.show(workspace_of(ctx, workspace_dir), named)
    text, lacks = _exported(kept.hunt, form)
    if output:
        write(output, text)
    if as_json or output_format == "json":
        print_json({"hunt": kept.hunt.id, "format": form, "lacks": list(lacks),
                    "path": str(output) if output else None,
                    "text": None if output else text})  # fmt: skip
        return
    if output:
        say(f"{output} written")
    else:
        click.echo(text, nl=False)
    for one in lacks:
        say(f"the format still asks for {one}", err=True)


def _exported(hunt: Hunt, form: str) -> tuple[str, tuple[str, ...]]:
    if form == "html":
        from undersign.render.html_hunt import render

        return render(hunt), ()
    from undersign.workspace.hunt_exchange import export

    return export(hunt, form)


@hunt_command.command("import")
@paths_argument("PATH...")
@person_option
@json_option
@workspace_option
@click.pass_context
def import_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> int:
    """Take over HEARTH hunts (files or folders) as open hunts, word for word; nothing is run.

    Exit code 2 when none of the documents is a hunt.
    """
    from undersign.workspace.hunt_exchange import import_hearth

    workspace = workspace_of(ctx, workspace_dir)
    done = import_hearth(workspace, paths, person=who(workspace.root, person), now=now())
    if as_json or output_format == "json":
        print_json({
            "added": [{"hunt": kept.hunt.id, "path": kept.path} for kept in done.added],
            "there": list(done.there),
            "refused": [str(wrong) for wrong in done.refused],
            "remarks": list(done.remarks),
        })  # fmt: skip
    else:
        say(f"{len(done.added)} hunts added, {len(done.there)} there already")
        for line in done.remarks:
            say(f"  kept as written: {line}", err=True)
        for wrong in done.refused:
            say(f"  not taken: {wrong}", err=True)
    return 0 if done.added or done.there else 2


def _json(as_json: bool, output_format: str, kept: Kept) -> bool:
    """Print a hunt as JSON when that is wanted; say whether it was."""
    wanted = as_json or output_format == "json"
    if wanted:
        from undersign.surfaces.hunt.hunt_file import document

        print_json({"path": kept.path, "state": kept.hunt.state, **document(kept.hunt)})
    return wanted


def _line(kept: Kept, current: bool) -> dict[str, Any]:
    hunt = kept.hunt
    return {
        "id": hunt.id,
        "title": hunt.title,
        "state": hunt.state,
        "verdict": hunt.conclusion.verdict.value if hunt.conclusion else None,
        "techniques": list(hunt.techniques),
        "entries": len(hunt.entries),
        "current": current,
        "path": kept.path,
    }
