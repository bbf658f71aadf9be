"""undersign policy."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    colour_wanted,
    json_option,
    now,
    print_json,
    text_or_file,
    workspace_option,
)
from undersign.records.policing import Marked, PolicyCheck, PolicyExplained, PolicyQuestion
from undersign.workspace import policing


@click.group("policy")
def policy_command() -> None:
    """The AI-tool policy: which drafter may see which data for what."""


@policy_command.command("check")
@json_option
@workspace_option
@click.pass_context
def check_command(
    ctx: click.Context, as_json: bool, output_format: str, workspace_dir: str | None
) -> int:
    """Say whether every cell of the policy is decided.

    Exit code 1 for holes, contradictions, rules that never decide and expired exceptions.
    """
    done = policing.check(workspace_of(ctx, workspace_dir), now())
    if as_json or output_format == "json":
        print_json(_checked(done))
    else:
        from undersign.render.text_policy import checked

        click.echo(checked(done, colour=colour_wanted()), nl=False)
    return 0 if done.fit else 1


@policy_command.command("explain")
@click.argument("text", required=False, default="")
@click.option("--drafter", metavar="DRAFTER", required=True, help="As for --with, `offline` too.")
@click.option("--purpose", metavar="PURPOSE", required=True, help="`hunt`, `coding`, ...")
@click.option("--class", "classes", metavar="CLASS", multiple=True,
              help="What the text is as a whole; else `internal`; may be given again.")  # fmt: skip
@click.option("--show", is_flag=True, help="Show the spotted values instead of masking them.")
@json_option
@workspace_option
@click.pass_context
def explain_command(
    ctx: click.Context,
    text: str,
    drafter: str,
    purpose: str,
    classes: tuple[str, ...],
    show: bool,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Say what would happen to TEXT (or @FILE, or - for stdin), and why.

    Nothing is sent or written down.
    """
    workspace = workspace_of(ctx, workspace_dir)
    asked = PolicyQuestion(text_or_file(text), drafter, purpose, classes)
    done = policing.explain(workspace, asked, now=now())
    if as_json or output_format == "json":
        print_json(_explained(done, show))
    else:
        from undersign.render.text_policy import explained

        click.echo(explained(done, show=show, colour=colour_wanted()), nl=False)


@policy_command.command("schema")
@json_option
def schema_command(as_json: bool, output_format: str) -> None:
    """Print the JSON Schema of policy.yml, for your editor. It is JSON either way."""
    click.echo(policing.schema(), nl=False)


@policy_command.command("cedar")
@click.option("--drafter", "drafters", metavar="DRAFTER", multiple=True,
              help="Also say as which entity this drafter is handed over; again.")  # fmt: skip
@json_option
@workspace_option
@click.pass_context
def cedar_command(
    ctx: click.Context,
    drafters: tuple[str, ...],
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Write the policy in Cedar, with the same answer for every cell."""
    cedar, entities = policing.cedar(workspace_of(ctx, workspace_dir), drafters, now())
    if as_json or output_format == "json":
        print_json({"cedar": cedar, "entities": entities})
        return
    click.echo(cedar, nl=False)
    if drafters:
        import json

        for line in json.dumps(entities, indent=2).split("\n"):
            click.echo(f"// {line}")


def _checked(done: PolicyCheck) -> dict[str, Any]:
    return {
        "policy": done.path or None,
        "digest": done.digest,
        "fit": done.fit,
        "cells": [
            {
                "drafters": one.cell.drafter,
                "class": one.cell.data_class,
                "purpose": one.cell.purpose,
                "ruling": one.ruling.value,
                "rule": one.rule,
            }
            for one in done.cells
        ],
        "holes": [asdict(one) for one in done.holes],
        "troubles": [asdict(one) for one in done.troubles],
    }


def _explained(done: PolicyExplained, show: bool) -> dict[str, Any]:
    by = done.judgement.decided_by
    return {
        "decision": done.decision.value,
        "classes": [
            {
                "class": one.cell.data_class,
                "ruling": one.ruling.value,
                "rule": one.rule,
                "why": one.why,
                "pieces": done.counts.get(one.cell.data_class, 0),
            }
            for one in done.judgement.ruled
        ],
        "rule": by.rule if by else None,
        "why": by.why if by else None,
        "redacted": done.sent,
        "policy": done.path or None,
        "drafter": done.asked.drafter,
        "groups": list(done.groups),
        "purpose": done.asked.purpose,
        "remarks": list(done.remarks),
        "spotted": [_marked(one, done.asked.text, show) for one in done.marked],
    }


def _marked(one: Marked, text: str, show: bool) -> dict[str, Any]:
    value = text[one.spotted.start : one.spotted.end]
    return {
        "line": one.line,
        "column": one.column,
        "length": len(value),
        "class": one.spotted.data_class,
        "ruling": one.ruled.ruling.value,
        "rule": one.spotted.rule,
        "label": one.spotted.label,
        **({"value": value} if show else {}),
    }
