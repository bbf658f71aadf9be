"""undersign explain."""

from __future__ import annotations

from dataclasses import asdict

import click

from undersign.faces.cli.options import json_option, print_json
from undersign.workspace.knowledge import cards_of, check_names


@click.command("explain")
@click.argument("code", required=False)
@json_option
def explain_command(code: str | None, as_json: bool, output_format: str) -> None:
    """Show the card of the check with this CODE or name; without one, list all checks."""
    wants_json = as_json or output_format == "json"
    if code is None:
        rows = check_names()
        if wants_json:
            print_json({"checks": [{"code": c, "name": n, "severity": s} for c, n, s in rows]})
            return
        for check_code, name, severity in rows:
            click.echo(f"{check_code}  {severity:<8} {name}")
        return
    cards = cards_of(code)
    if wants_json:
        # One check, one object; a name that a rule and a query share gives the others beside it.
        also = {"also": [asdict(card) for card in cards[1:]]} if len(cards) > 1 else {}
        print_json({**asdict(cards[0]), **also})
    else:
        click.echo("\n".join(card.text for card in cards))
