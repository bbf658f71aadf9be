"""undersign test."""

from __future__ import annotations

from pathlib import Path

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import json_option, print_json, say, workspace_option
from undersign.workspace.testing import run_tests


@click.command("test")
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@json_option
@workspace_option
@click.pass_context
def test_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> int:
    """Run the true-positive and true-negative events kept beside each rule in RULE.tests.yml.

    Exit code 1 when a case fails. A rule without tests is listed as untested, not as passed.
    """
    rows = run_tests(workspace_of(ctx, workspace_dir), paths)
    failed = [r for r in rows if r["failed"]]
    if as_json or output_format == "json":
        print_json({"rules": rows})
        return 1 if failed else 0
    for row in rows:
        cases = row["cases"]
        verdict = "FAILED" if row["failed"] else "passed" if cases else "untested"
        say(f"{verdict:<8} {row['path']} ({len(cases)} cases)")
        for case in row["failed"]:
            say(f"         {case['name']}: {case['detail']}")
    return 1 if failed else 0
