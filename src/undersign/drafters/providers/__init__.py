"""The model providers: one visible table, one file each, imported when asked for.

A provider's file has one function, the same for all:

    say(name: DrafterName, message: Message, errand: Errand) -> Said

It sends the message once, to `name.address` and nowhere else whatever the environment says, with
no tools, and returns what came back as text. It raises
DrafterFailed, whose message holds nothing of the prompt, the reply or a key; BadInput or UsageError
for what the person wrote; KeyboardInterrupt passes through.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Provider:
    """One line of the table: how a provider is named, what follows its name, where it lives."""

    name: str
    module: str
    syntax: str
    """How a person writes it; `@URL` in it says that an address is needed. Where there is a `home`,
    `@URL` may follow and names another."""
    needs: str = ""
    """The extra of the package to install, `undersign[...]`; empty when nothing is needed."""
    keys: tuple[str, ...] = ()
    """Environment variables that may hold its key; the first one that is set counts."""
    home: str = ""
    """Base address of the provider itself; empty for those without a server of their own."""
    variable: str = ""
    """The environment variable by which its packages are sent to another address."""

    @property
    def at_address(self) -> bool:
        """Whether a person names the server: it may want no key then."""
        return "@URL" in self.syntax


def _line(name: str, syntax: str, needs: str = "", keys: tuple[str, ...] = ()) -> Provider:
    module = f"undersign.drafters.providers.{name.replace('-', '_')}"
    return Provider(name, module, f"{name}:{syntax}", needs, keys)


def _hosted(name: str, home: str, variable: str, *keys: str) -> Provider:
    return replace(_line(name, "MODEL", "models", keys), home=home, variable=variable)


PROVIDERS = (
    _hosted("anthropic", "https://api.anthropic.com", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
    _hosted("openai", "https://api.openai.com/v1", "OPENAI_BASE_URL", "OPENAI_API_KEY"),
    _hosted("google", "https://generativelanguage.googleapis.com", "GOOGLE_GEMINI_BASE_URL",
            "GOOGLE_API_KEY", "GEMINI_API_KEY"),
    _line("openai-compatible", "MODEL@URL", "models", ("OPENAI_COMPATIBLE_API_KEY",)),
    _line("command", "PROGRAM ARGS"),
    _line("replay", "FILE"),
)  # fmt: skip
"""In the order in which they are listed to a person. `offline` is no provider: nothing is sent."""
