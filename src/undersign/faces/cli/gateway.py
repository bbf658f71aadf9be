"""undersign gateway."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from undersign.errors import UsageError
from undersign.faces.cli.app import workspace_of
from undersign.faces.cli.options import json_option, now, print_json, say, workspace_option
from undersign.workspace.gateway.clients import rulings_of, sentence
from undersign.workspace.gateway.gateway import (
    PROVIDERS,
    Gateway,
    base_urls,
    is_loopback,
    open_gateway,
)

if TYPE_CHECKING:
    from undersign.policy.policy import Client, Policy

FACE = "undersign.faces.gateway.serve:serve"
"""Where the server is: faces do not import each other, a command only names the one it starts."""
PORT = 4100


@click.command("gateway")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True,
              help="Port to listen on; 0 takes any free one.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Address to listen on; another than this machine's lets others in.")  # fmt: skip
@click.option("--upstream", "upstreams", multiple=True, metavar="NAME=URL",
              help="Where anthropic= or openai= requests go instead of the provider.")  # fmt: skip
@json_option
@workspace_option
@click.pass_context
def gateway_command(
    ctx: click.Context,
    port: int,
    host: str,
    upstreams: tuple[str, ...],
    as_json: bool,
    output_format: str,
    workspace_dir: str | None,
) -> None:
    """Stand between a coding assistant and its model: policy, redaction, audit.

    Prints the base URL to give to each client of the policy, then serves until Ctrl-C. Requests are
    judged by policy.yml, as it stands when they come; values that may not leave go out as tokens
    and come back as values; every request leaves rows in the ledger, without its text. Keys pass
    through and are never kept.
    """
    gateway = open_gateway(workspace_of(ctx, workspace_dir), _named(upstreams), _trouble, clock=now)
    if not is_loopback(host):
        say(f"anybody who reaches {host} can use this gateway, and no key is asked for", err=True)

    def announce(url: str) -> None:
        if as_json or output_format == "json":
            print_json(_document(gateway, url))
        else:
            _tell(gateway, url)

    module, _, name = FACE.partition(":")
    getattr(import_module(module), name)(gateway, host, port, announce)


def _named(upstreams: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for written in upstreams:
        name, equals, url = written.partition("=")
        if not equals or name not in PROVIDERS:
            raise UsageError(
                f"--upstream {written!r} is not NAME=URL", hint=f"NAME: {', '.join(PROVIDERS)}"
            )
        found[name] = url
    return found


def _document(gateway: Gateway, url: str) -> dict[str, Any]:
    policy = gateway.policing.policy
    clients = policy.clients.values()
    return {
        "url": url,
        "clients": {c.name: base_urls(c, url) for c in clients},
        "rulings": {c.name: rulings_of(policy, c, now()) for c in clients},
        "upstreams": dict(gateway.upstreams),
        "policy": policy.path or None,
        "policy_digest": policy.digest,
    }


def _tell(gateway: Gateway, url: str) -> None:
    policy = gateway.policing.policy
    say(f"gateway on {url}")
    where = policy.path or "the built-in one, `undersign init` writes it to policy.yml"
    say(f"policy: {where} (digest {policy.digest[:12]})")
    for client in policy.clients.values():
        say(f"{client.name}, for {client.purpose}:")
        for variable, value in base_urls(client, url).items():
            say(f"  export {variable}={value}")
        for line in _ruled(policy, client):
            say(f"  {line}")
    if not policy.clients:
        say("the policy names no clients: every request will be refused (add them: `clients`)")
    say("requests go to " + ", ".join(gateway.upstreams.values()))
    say("A changed policy holds from the next request on. Ctrl-C stops the gateway.")
    say("What it did: undersign log show gateway/CLIENT")


def _ruled(policy: Policy, client: Client) -> list[str]:
    """Say what is ruled, once for all groups of drafters where it is the same."""
    groups: dict[str, list[str]] = {}
    for group, rulings in rulings_of(policy, client, now()).items():
        groups.setdefault(sentence(rulings, client), []).append(group)
    if not groups:
        return ["refuses everything: no group of drafters holds what it may call"]
    if len(groups) == 1:
        return list(groups)
    return [f"{', '.join(names)}: {told}" for told, names in groups.items()]


def _trouble(line: str) -> None:
    say(f"undersign gateway: {line}", err=True)
