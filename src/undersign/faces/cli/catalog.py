"""undersign catalog."""

from __future__ import annotations

from dataclasses import asdict

import click

from undersign.faces.cli.options import json_option, print_json
from undersign.workspace.knowledge import catalogs


@click.group("catalog")
def catalog_command() -> None:
    """Knowledge that ships with Undersign."""


@catalog_command.command("list")
@json_option
def list_command(as_json: bool, output_format: str) -> None:
    """List every catalog with its edition, date, licence and size."""
    rows = catalogs()
    if as_json or output_format == "json":
        print_json({"catalogs": [asdict(row) for row in rows]})
        return
    for row in rows:
        click.echo(f"{row.name}  {row.edition}  {row.date}  {row.entries:,} entries  {row.licence}")
