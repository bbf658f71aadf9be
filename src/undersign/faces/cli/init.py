"""undersign init."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.options import json_option, print_json, say
from undersign.workspace.workspace import init


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@json_option
def init_command(folder: Path, as_json: bool, output_format: str) -> None:
    """Make a workspace in DIR (here unless told): config, folders, .gitignore, CI snippet.

    Files that are already there are kept as they are.
    """
    workspace, made = init(folder)
    if as_json or output_format == "json":
        print_json({"workspace": str(workspace.root), "made": list(made)})
        return
    for name in made:
        say(f"made {folder / name}")
    if not made:
        say(f"{workspace.root} is a workspace already; nothing was changed")
    say("Next: undersign ingest PATH...", err=True)
