"""undersign review."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from undersign.errors import UsageError
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import colour_wanted, now, print_json, say, workspace_option
from undersign.faces.cli.with_drafter import drafter_options, reaching
from undersign.records.review import Review

FORMATS = ("text", "json", "sarif", "markdown", "github", "html")


@click.command("review")
@click.option("--base", metavar="REV", help="Review what changed since REV, uncommitted too.")
@click.option("--head", metavar="REV", help="Up to REV instead of the working tree.")
@click.option("--diff", metavar="FILE", help="Review this diff; `-` is stdin.")
@click.option("--sarif-in", "findings", metavar="FILE", multiple=True,
              type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Candidates of others: SARIF, or a model's JSON. May be repeated.")  # fmt: skip
@drafter_options
@click.option("--exclude", metavar="GLOB", multiple=True,
              help="Leave these files out; the coverage says so.")  # fmt: skip
@click.option("--environment", metavar="DIR", multiple=True, type=click.Path(path_type=Path),
              help="Where the project's packages are installed; read, never run.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="PATH",
              help="Keep the review here; else reviews/BRANCH.sarif of the workspace.")  # fmt: skip
@click.option("--show", metavar="PATH", type=click.Path(path_type=Path, exists=True),
              help="Show a review that was kept, with its verdicts.")  # fmt: skip
@click.option("--output-format", type=click.Choice(FORMATS), default="text", help="How to print.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@workspace_option
@click.pass_context
def review_command(
    ctx: click.Context,
    base: str | None,
    head: str | None,
    diff: str | None,
    findings: tuple[Path, ...],
    drafter: str,
    record: Path | None,
    drafter_timeout: float | None,
    exclude: tuple[str, ...],
    environment: tuple[Path, ...],
    output: Path | None,
    show: Path | None,
    output_format: str,
    as_json: bool,
    workspace_dir: str | None,
) -> int:
    """Verify what tools and models say of a change; show what nobody looked at.

    Without --base and --diff the whole tree is reviewed. Candidates come from ruff's security
    rules, from secrets, dependencies and data flow, from --sarif-in and from --with. Every one is
    held against the code, ordered by evidence, and left to a person: undersign triage ID VERDICT.

    Exit code 1 while a candidate has no closing verdict. Exit code 0 never means safe: read the
    coverage.
    """
    from undersign.workspace.reviewing.review import Asked, kept, review

    workspace = workspace_of(ctx, workspace_dir)
    if show is not None:
        path: str | None = str(show)
        made = kept(show)
    else:
        asked = Asked(
            base=base,
            head=head,
            diff=_diff(diff, base, head),
            findings=findings,
            drafter=drafter,
            exclude=exclude,
            environments=environment,
            output=output,
        )
        with reaching(workspace, "reviewing", record, drafter_timeout) as reach:
            done = review(workspace, asked, reach=reach, now=now())
        made, path = done.review, done.path
        for line in done.notes:
            say(line, err=True)
    _print(made, path, "json" if as_json else output_format)
    return 1 if any(_is_open(one) for one in made.findings) else 0


def _is_open(one: object) -> bool:
    from undersign.surfaces.review.verdicts import is_closed

    return not is_closed(one)  # type: ignore[arg-type]


def _diff(given: str | None, base: str | None, head: str | None) -> bytes | None:
    if given is None:
        return None
    if base or head:
        raise UsageError("give --diff, or --base and --head, not both")
    if given == "-":
        return sys.stdin.buffer.read()
    path = Path(given)
    if not path.is_file():
        raise UsageError(f"{given}: no such file")
    return path.read_bytes()


def _print(review: Review, path: str | None, name: str) -> None:
    if name == "json":
        from undersign.render.json_review import document

        print_json(document(review, path))
        return
    from undersign.faces.cli.review_formats import shown

    click.echo(shown(review, path, name, colour=colour_wanted()), nl=False)
