"""What a person writes after `--with`, taken apart: `anthropic:MODEL`, `replay:FILE`, ..."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from undersign.drafters.providers import PROVIDERS, Provider
from undersign.errors import UsageError


@dataclass(frozen=True, slots=True)
class DrafterName:
    """A drafter behind the door. `str` of it is what was written, and what the policy rules on."""

    provider: str
    model: str
    """Name of a model; of `command` the command line, of `replay` the file."""
    url: str = ""
    """Address of the server, of the providers that need one."""

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}" + (f"@{self.url}" if self.url else "")

    @property
    def server(self) -> str:
        """Scheme, host and port of the address; its path or query may hold what is not to show."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if self.url else ""

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
    if not line.at_address:
        return DrafterName(provider, _given(rest, line))
    model, _, url = rest.partition("@")
    _given(model, line)
    _check_url(url, line)
    return DrafterName(provider, model, url)


def _given(model: str, line: Provider) -> str:
    if not model:
        what = line.syntax.partition(":")[2].partition("@")[0].split(maxsplit=1)[0].lower()
        raise UsageError(f"{line.name} of which {what}?", hint=f"write {line.syntax}")
    return model


def _check_url(url: str, line: Provider) -> None:
    example = f"write {line.syntax}, such as {line.name}:llama3@http://127.0.0.1:11434/v1"
    if not url:
        raise UsageError(f"{line.name} at which address?", hint=example)
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        named = parts.username is not None or parts.password is not None
        whole = whole and parts.port != 0
    except ValueError:  # no address at all, or a port that is no number or too large
        whole = named = False
    if named:
        # The name is recorded and shown: a password in it would be too.
        raise UsageError("an address must hold no user name or password", hint=example)
    if not whole:
        raise UsageError(
            "the address must be http:// or https://, a host, and a port if any", hint=example
        )
