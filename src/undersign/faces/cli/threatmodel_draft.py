"""undersign threatmodel draft, judge: what a drafter writes, and a person's word on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from undersign.errors import UsageError
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import (
    json_option,
    now,
    person_option,
    print_json,
    say,
    workspace_option,
)
from undersign.faces.cli.with_drafter import drafter_options, reaching

if TYPE_CHECKING:
    from undersign.records.system import ExtraThreat, Proposal

MODEL = click.argument("model", type=click.Path(path_type=Path))


@click.command("draft")
@MODEL
@click.option("--from", "document", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Draft elements and facts that this document states.")  # fmt: skip
@drafter_options
@json_option
@workspace_option
@click.pass_context
def draft_command(
    ctx: click.Context,
    model: Path,
    document: Path | None,
    drafter: str,
    record: Path | None,
    drafter_timeout: float | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Let a drafter add threats that the rules do not know, or read a document into the model.

    Without --from: threats. What rests on no stated fact, fits any system or is known already is
    struck. With --from: elements and facts, each with the words of the document it rests on; they
    count once a person has judged them, and MODEL is begun when it is not there. A drafter treats,
    waives and judges nothing.
    """
    from dataclasses import asdict

    from undersign.workspace.threatmodelling import drafted
    from undersign.workspace.threatmodelling.model import begin, read_model

    workspace = workspace_of(ctx, workspace_dir)
    read = begin(model) if document and not model.exists() else read_model(model)
    with reaching(workspace, "drafting", record, drafter_timeout) as reach:
        if document is None:
            made = drafted.draft(workspace, read, drafter, reach=reach, now=now())
        else:
            made = drafted.draft_parts(workspace, read, document, drafter, reach=reach, now=now())
    if as_json or output_format == "json":
        print_json({"model": str(model), "threats": [asdict(t) for t in made.threats],
                    "proposals": [asdict(p) for p in made.proposals],
                    "questions": list(made.questions), "struck": made.struck})  # fmt: skip
        return
    written: tuple[ExtraThreat | Proposal, ...] = (*made.threats, *made.proposals)
    for one in written:
        say(_waiting_line(one))
    for question in made.questions:
        say(f"  ? {question}")
    if made.struck:
        say(f"{made.struck} more were struck: resting on nothing, too general, or known", err=True)
    if written:
        say(f"next: undersign threatmodel judge {model}", err=True)


@click.command("judge")
@MODEL
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--accept/--reject", "accept", default=None, help="Keep it in your name, or drop it.")
@person_option
@json_option
@workspace_option
@click.pass_context
def judge_command(
    ctx: click.Context,
    model: Path,
    ids: tuple[str, ...],
    accept: bool | None,
    person: str | None,
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Show what drafters wrote into a model, and accept or reject it by its ID.

    Says which threats come and go by it. Exit code 1 while something waits.
    """
    from dataclasses import asdict

    from undersign.workspace.threatmodelling import judging
    from undersign.workspace.threatmodelling.model import read_model
    from undersign.workspace.workspace import person as who

    workspace = workspace_of(ctx, workspace_dir)
    read = read_model(model)
    if bool(ids) != (accept is not None):
        raise UsageError("name an ID and --accept or --reject, or neither to see what waits",
                         hint=f"undersign threatmodel judge {model} P-1 --accept")  # fmt: skip
    as_json = as_json or output_format == "json"
    if accept is not None:
        by = who(workspace.root, person)
        done = judging.judge(workspace, read, ids, accept=accept, person=by, now=now())
        if as_json:
            print_json(asdict(done))
            return
        for word, changed in (("new", done.came), ("gone", done.went)):
            if changed:
                say(f"{word}: {', '.join(changed)}")
        read = read_model(model)
    left = judging.waiting(read.system)
    if as_json:
        print_json({"model": str(model), "waiting": [asdict(one) for one in left]})
    for one in () if as_json else left:
        say(_waiting_line(one))
    if not left and not as_json:
        say("nothing waits", err=True)
    ctx.exit(1 if left and accept is None else 0)


def _waiting_line(one: ExtraThreat | Proposal) -> str:
    from undersign.records.system import Proposal
    from undersign.render import threat_words as words

    if isinstance(one, Proposal):
        return f'{one.id} {words.proposal(one)}  "{one.quote}" in {one.document}'
    return f"{one.id} {one.element}: {one.title}"


COMMANDS = (draft_command, judge_command)
