"""undersign catalog."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from undersign import __version__
from undersign.errors import UsageError
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import json_option, now, print_json, say, workspace_option
from undersign.faces.cli.progress import fetch_progress
from undersign.workspace.knowledge import catalogs

if TYPE_CHECKING:
    from undersign.workspace.threatmodelling.catalogs import Brought
    from undersign.workspace.workspace import Workspace


@click.group("catalog")
def catalog_command() -> None:
    """Knowledge that ships with Undersign, and newer editions that you bring."""


@catalog_command.command("list")
@json_option
@workspace_option
@click.pass_context
def list_command(
    ctx: click.Context, as_json: bool, output_format: str, workspace_dir: str | None
) -> None:
    """List every catalog with its edition, date, age, licence and size."""
    today = now().date()
    rows = [
        {**asdict(row), "age_days": row.age(today), "stale": row.stale(today)}
        for row in catalogs(workspace_of(ctx, workspace_dir))
    ]
    if as_json or output_format == "json":
        print_json({"catalogs": rows})
        return
    for row in rows:
        stale = " STALE" if row["stale"] else ""
        unknown = "ours" if row["edition"] == __version__ else "age unknown"
        old = f"{row['age_days']:,} days{stale}" if row["date"] else unknown
        click.echo(f"{row['name']}  {row['edition']}  {row['date']}  {old}  "
                   f"{row['entries']:,} entries  {row['licence']}")  # fmt: skip


@catalog_command.command("find")
@click.argument("text")
@json_option
@workspace_option
@click.pass_context
def find_command(
    ctx: click.Context, text: str, as_json: bool, output_format: str, workspace_dir: str | None
) -> int:
    """Look an id or a name up in all catalogs: `T1558.003`, `LLM01`, "prompt injection".

    Exit code 1 when nothing is like it.
    """
    from undersign.workspace.threatmodelling.catalogs import references

    found = references(workspace_of(ctx, workspace_dir)).find(text)
    if as_json or output_format == "json":
        print_json({"entries": [asdict(one) for one in found]})
    for one in () if as_json or output_format == "json" else found:
        instead = ", ".join(one.relations.get("replaced_by", ()))
        gone = f", {one.status}{f', now {instead}' if instead else ''}"
        say(f"{one.id}  {one.name}  ({one.catalog} {one.edition}"
            f"{'' if one.status == 'active' else gone})")  # fmt: skip
    if not found:
        say("nothing is like it", err=True)
    return 0 if found else 1


@catalog_command.command("update")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--online", is_flag=True, help="Fetch the newest files from their publishers, now.")
@click.option(
    "--only", metavar="KEY", multiple=True, help="With --online: this catalog alone; repeatable."
)
@click.option("--revert", metavar="KEY", help="Go back to the catalog before: atlas, attack, cwe.")
@json_option
@workspace_option
@click.pass_context
def update_command(
    ctx: click.Context,
    file: Path | None,
    online: bool,
    only: tuple[str, ...],
    revert: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Bring a newer edition from its official FILE, or --online from its publisher.

    ATT&CK (STIX), ATLAS (YAML), CWE (XML, also zipped), ASVS (CSV or JSON). It is kept in catalogs/
    of the workspace, where it can be reviewed. Without --online nothing is fetched.
    """
    from undersign.workspace.threatmodelling import catalogs as brought

    workspace = workspace_of(ctx, workspace_dir)
    if (file is not None) + online + (revert is not None) != 1 or (only and not online):
        raise UsageError(
            "name a FILE, or --online, or --revert KEY", hint="undersign catalog update ATLAS.yaml"
        )
    as_json = as_json or output_format == "json"
    if revert is not None:
        edition = brought.revert(workspace, revert)
        if as_json:
            print_json({"catalog": revert, "edition": edition})
        else:
            say(f"{revert}: back at {edition}", err=True)
        return
    made = brought.update(workspace, file) if file else _online(workspace, only, quiet=as_json)
    if as_json:
        print_json({"catalogs": [_told(one) for one in made]})
    for one in () if as_json else made:
        say(f"{one.path}: {one.catalog.title} {one.catalog.edition}, {len(one.added)} new, "
            f"{len(one.gone)} gone, {len(one.renamed)} renamed", err=True)  # fmt: skip


def _online(workspace: Workspace, only: tuple[str, ...], *, quiet: bool) -> tuple[Brought, ...]:
    from undersign.catalogs.official import MOST_BYTES, SOURCES
    from undersign.drafters.official_files import fetch
    from undersign.workspace.threatmodelling.catalogs import update_online

    made: list[Brought] = []
    unknown = [key for key in only if key not in SOURCES]
    if unknown:
        raise UsageError(
            f"nobody publishes {unknown[0]!r} as a file that is read here",
            hint=f"known: {', '.join(sorted(SOURCES))}",
        )
    for key in only or SOURCES:
        for url in SOURCES[key]:
            say(f"fetching {url}", err=True)
        with fetch_progress(quiet=quiet) as report:
            made += update_online(
                workspace, SOURCES[key], lambda url: fetch(url, MOST_BYTES, report)
            )
    return tuple(made)


def _told(one: Brought) -> dict[str, Any]:
    changes = {name: list(getattr(one, name)) for name in ("added", "gone", "renamed")}
    return {"catalog": one.catalog.key, "edition": one.catalog.edition, **changes}
