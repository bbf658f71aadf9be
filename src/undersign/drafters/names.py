"""What a person writes after `--with`, taken apart: `anthropic:MODEL`, `replay:FILE`, ...

A name says where everything goes that its drafter is sent: `anthropic:MODEL` to Anthropic itself,
`anthropic:MODEL@URL` elsewhere. The packages of the providers also obey variables like
ANTHROPIC_BASE_URL; `in_effect` writes what such a variable says into the name, so that policy,
ledger and person see it, and from then on the name alone counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from undersign.drafters.providers import PROVIDERS, Provider
from undersign.errors import UsageError

_CHARACTERS = re.compile(r"[!-\[\]-~]+")
"""Printable ASCII but the backslash."""


@dataclass(frozen=True, slots=True)
class DrafterName:
    """A drafter behind the door. `str` of it is what the policy rules on and the ledger keeps."""

    provider: str
    model: str
    """Name of a model; of `command` the command line, of `replay` the file."""
    url: str = ""
    """Address of the server; empty: the provider's own, or there is none."""

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}" + (f"@{self.url}" if self.url else "")

    @property
    def server(self) -> str:
        """Scheme, host and port of the address; its path or query may hold what is not to show."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}" if self.address else ""

    @property
    def address(self) -> str:
        """Base address of the server that it is sent to; empty where there is none."""
        return self.url or self.line.home

    @property
    def line(self) -> Provider:
        """The provider's line in the table."""
        return next(p for p in PROVIDERS if p.name == self.provider)


def parse(text: str) -> DrafterName:
    """Take a drafter's name apart.

    Raises:
        UsageError: No provider is called so, or what must follow its name is missing or wrong.
    """
    provider, _, rest = text.strip().partition(":")
    line = next((p for p in PROVIDERS if p.name == provider), None)
    if line is None:
        known = ", ".join(("offline", *(p.syntax for p in PROVIDERS)))
        raise UsageError(f"there is no drafter {text!r}", hint=f"drafters: {known}")
    rest = rest.strip()
    if not (line.at_address or line.home):
        return DrafterName(provider, _given(rest, line))
    model, at, url = rest.partition("@")
    _given(model, line)
    if at or line.at_address:
        _check_url(url, line)
    return DrafterName(provider, model, url)


def in_effect(text: str, environ: Mapping[str, str] = os.environ) -> DrafterName:
    """Take a drafter's name apart and add the address that the environment sends it to.

    An address in the name goes before the variable; the provider's own address is left out. To be
    done once, where a person's word comes in: of `anthropic:MODEL` nothing tells any more that its
    address was left out.

    Raises:
        UsageError: As `parse` does, also for what a variable holds.
    """
    name = parse(text)
    if not name.line.home:
        return name
    if not name.url:
        name = replace(name, url=_of_variable(name.line, environ))
    return replace(name, url=_plain(name.url, name.line.home))


def named_by(name: DrafterName, environ: Mapping[str, str] = os.environ) -> str:
    """Return the variable that names the drafter's address; empty when none does."""
    line = name.line
    if not (name.url and line.home):
        return ""
    try:
        found = _plain(_of_variable(line, environ), line.home)
    except UsageError:  # what it holds is no address, so it is not this one
        return ""
    return line.variable if found == name.url else ""


def _of_variable(line: Provider, environ: Mapping[str, str]) -> str:
    url = environ.get(line.variable, "").strip()
    if url:
        try:
            _check_url(url, line)
        except UsageError as wrong:
            hint = f"correct or unset {line.variable}"
            raise UsageError(f"{line.variable}: {wrong.message}", hint=hint) from None
    return url


def _plain(url: str, home: str) -> str:
    """Write an address in the one way that policies are held against; nothing for the own one."""
    if not url:
        return ""
    parts = urlsplit(url)
    if (parts.scheme, parts.hostname, parts.port or 443) == ("https", urlsplit(home).hostname, 443):
        return ""
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _given(model: str, line: Provider) -> str:
    if not model:
        what = line.syntax.partition(":")[2].partition("@")[0].split(maxsplit=1)[0].lower()
        raise UsageError(f"{line.name} of which {what}?", hint=f"write {line.syntax}")
    return model


def _check_url(url: str, line: Provider) -> None:
    example = (
        f"write {line.name}:MODEL@https://proxy.example.org"
        if line.home
        else f"write {line.syntax}, such as {line.name}:llama3@http://127.0.0.1:11434/v1"
    )
    if not url:
        raise UsageError(f"{line.name} at which address?", hint=example)
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        # Readers of addresses differ on other characters: this one even drops some.
        whole = whole and _CHARACTERS.fullmatch(url) is not None
        named = parts.username is not None or parts.password is not None
        whole = whole and parts.port != 0
    except ValueError:  # no address at all, or a port that is no number or too large
        whole = named = False
    if named:
        # The name is recorded and shown: a password in it would be too.
        raise UsageError("an address must hold no user name or password", hint=example)
    if line.home and re.search(r"[?#]", url):
        raise UsageError("an address must hold no ? and no #", hint=example)
    if not whole:
        raise UsageError(
            "the address must be http:// or https://, a host, and a port if any", hint=example
        )
