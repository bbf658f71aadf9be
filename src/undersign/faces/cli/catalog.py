"""undersign catalog."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from undersign.errors import UsageError
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import json_option, now, print_json, say, workspace_option
from undersign.workspace.knowledge import catalogs


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
        old = f"{row['age_days']:,} days{stale}" if row["date"] else "ours"
        click.echo(f"{row['name']}  {row['edition']}  {row['date']}  {old}  "
                   f"{row['entries']:,} entries  {row['licence']}")  # fmt: skip


@catalog_command.command("update")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--revert", metavar="KEY", help="Go back to the catalog before: atlas, attack, cwe.")
@json_option
@workspace_option
@click.pass_context
def update_command(
    ctx: click.Context,
    file: Path | None,
    revert: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Bring a newer edition from its official FILE, downloaded by you.

    ATT&CK (STIX), ATLAS (YAML), CWE (XML), ASVS (CSV). It is kept in catalogs/ of the workspace,
    where it can be reviewed; nothing is fetched.
    """
    from undersign.workspace.threatmodelling import catalogs as brought

    workspace = workspace_of(ctx, workspace_dir)
    if (file is None) == (revert is None):
        raise UsageError("name a FILE, or --revert KEY", hint="undersign catalog update ATLAS.yaml")
    if revert is not None:
        edition = brought.revert(workspace, revert)
        told: dict[str, Any] = {"catalog": revert, "edition": edition}
        line = f"{revert}: back at {edition}"
    else:
        assert file is not None
        made = brought.update(workspace, file)
        told = {"catalog": made.catalog.key, "edition": made.catalog.edition}
        told |= {name: list(getattr(made, name)) for name in ("added", "gone", "renamed")}
        line = (f"{made.path}: {made.catalog.title} {made.catalog.edition}, {len(made.added)} new, "
                f"{len(made.gone)} gone, {len(made.renamed)} renamed")  # fmt: skip
    if as_json or output_format == "json":
        print_json(told)
        return
    say(line, err=True)
