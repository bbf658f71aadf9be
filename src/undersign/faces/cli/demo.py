"""undersign demo."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import click

from undersign.errors import UndersignError
from undersign.faces.cli.options import json_option, now, print_json, say
from undersign.workspace import files
from undersign.workspace.demo import BRIEF, Demo
from undersign.workspace.reporting import report


@click.command("demo")
@click.option(
    "--workspace",
    "folder",
    metavar="DIR",
    default="undersign-demo",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where to; an empty folder, or one that a demo made.",
)
@json_option
@click.pass_context
def demo_command(ctx: click.Context, folder: Path, as_json: bool, output_format: str) -> int:
    """Show the whole loop, offline, on a made-up week of logs: from a sentence to a signature.

    Leaves a workspace and an HTML report to look at. Nothing leaves this machine.
    """
    quiet = as_json or output_format == "json"
    demo = Demo(folder.absolute(), now())
    if not quiet:
        click.echo(f"“{BRIEF}”\n")
    steps: list[dict[str, Any]] = []
    page: Path | None = None
    for name, act in (*demo.steps(), ("report", lambda: _report(demo))):
        begun = perf_counter()
        try:
            detail, ok = act(), True
        except UndersignError as error:
            detail, ok = str(error), False
        seconds = round(perf_counter() - begun, 3)
        steps.append({"name": name, "ok": ok, "seconds": seconds, "detail": detail})
        if not quiet:
            mark = click.style("✓", fg="green") if ok else click.style("✗", fg="red")
            click.echo(f"{mark} {name:<10} {seconds:>6.2f} s  {detail}")
        if not ok:
            break
        page = demo.root / "report.html" if name == "report" else None
    return _finish(demo, steps, page, quiet)


def _report(demo: Demo) -> str:
    from undersign.render.html import render

    page = demo.root / "report.html"
    files.write(page, render(report(demo.workspace, demo.rule, now=demo.now)))
    return str(page)


def _finish(demo: Demo, steps: list[dict[str, Any]], page: Path | None, quiet: bool) -> int:
    failed = not all(step["ok"] for step in steps)
    if quiet:
        shown = str(page) if page else None
        print_json({"workspace": str(demo.root), "steps": steps, "report": shown})
    elif failed:
        click.echo("\nThe demo stopped; run it again with --verbose after `undersign` to see more.")
    else:
        click.echo()
        say(f"Look at {page}")
        say(f"and then, in {demo.root}: undersign check rules")
    return 1 if failed else 0
