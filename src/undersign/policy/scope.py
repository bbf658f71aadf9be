"""What one request hid: each value with its token, and the places each value was seen at.

A scope is made while one request is redacted and is used for the reply to that request alone. Only
what it holds is ever restored, so a client cannot ask for a value by sending a token it saw or
guessed. Places are strings such as `host:db.example.org` (see `restoring/places.py`); a reply's
tool call gets a value back only where that value already was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from undersign.policy.tokens import PREFIX, TOKEN, Tokens

QUOTED = "QUOTED"
"""Label of a token that stands for a token of ours which somebody wrote into the request."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text of a request stands; texts of one content block share one source."""

    author: Literal["person", "drafter", "call", "result"]
    """Who wrote it: a person or the client (system prompt too), the drafter in plain text, the
    drafter in a tool call, or a tool in its result."""
    tool: str = ""
    """Of `call` and `result`: the tool's name."""
    arguments: Any = field(default=None, repr=False)
    """Of `call` and `result`: what the tool was called with, as the client sent it."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A tool call, or a text for the person, in a reply whose tokens were left in it."""

    tool: str
    """Empty for a text."""
    tokens: int
    """How many different tokens stayed."""
    reason: str
    """One sentence without any value."""


class Scope:
    """The values of one request. Its repr and its errors never show one."""

    __slots__ = ("_places", "_tokens", "_values", "_vault")

    def __init__(self, tokens: Tokens) -> None:
        self._vault = tokens
        self._tokens: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._places: dict[str, set[str]] = {}

    def __repr__(self) -> str:
        return f"<Scope of {len(self._values)} values>"

    def __len__(self) -> int:
        return len(self._values)

    def hide(self, label: str, value: str) -> str:
        """Return the token for a value and remember both."""
        held = self._tokens.get(value)
        if held is not None:
            return held
        turn = 0
        token = self._vault.token(label, value)
        while token in self._values:
            turn += 1
            token = self._vault.token(label, value, turn)
        self._tokens[value] = token
        self._values[token] = value
        return token

    def quote(self, text: str) -> str:
        """Hide the tokens of ours that somebody wrote into a text, so that they come back as such.

        Without this, restoring could not tell them from the tokens that hide a value.
        """
        if PREFIX not in text:
            return text
        return TOKEN.sub(
            lambda m: self.hide(QUOTED, m[0]) if self._vault.ours(m[0]) else m[0], text
        )

    def value(self, token: str) -> str | None:
        """Return what a token hides; None for a token that this request did not make."""
        return self._values.get(token)

    def restored(self, text: str, escape: Callable[[str], str] | None = None) -> str:
        """Return a text with every token of this scope replaced by its value."""
        if PREFIX not in text:
            return text
        plain = escape or str
        values = self._values
        return TOKEN.sub(lambda m: plain(values[m[0]]) if m[0] in values else m[0], text)

    def restored_all(self, value: Any) -> Any:
        """Return JSON data with every string in it restored, names of fields too."""
        if isinstance(value, str):
            return self.restored(value)
        if isinstance(value, list):
            return [self.restored_all(item) for item in value]
        if isinstance(value, dict):
            return {self.restored(name): self.restored_all(item) for name, item in value.items()}
        return value

    def held(self, text: str) -> frozenset[str]:
        """Return the tokens of this scope that a text holds."""
        if PREFIX not in text:
            return frozenset()
        return frozenset(t for t in TOKEN.findall(text) if t in self._values)

    def note(self, value: str, places: Iterable[str]) -> None:
        """Remember that a hidden value was seen at these places."""
        self._places.setdefault(value, set()).update(places)

    def known(self, value: str) -> frozenset[str]:
        """Return the places a value was seen at."""
        return frozenset(self._places.get(value, ()))

    @contextmanager
    def without_places(self) -> Iterator[None]:
        """Forget meanwhile where values were seen: texts are restored, calls that act are not."""
        kept, self._places = self._places, {}
        try:
            yield
        finally:
            self._places = kept

    def quotes(self, token: str) -> bool:
        """Whether a token only stands for a token: nothing secret comes back for it."""
        return TOKEN.fullmatch(self._values.get(token, "")) is not None

    def plain(self) -> dict[str, list[Any]]:
        """Return everything as JSON data, values included: for the encrypted vault alone."""
        return {t: [v, sorted(self._places.get(v, ()))] for t, v in self._values.items()}

    def take_in(self, kept: Mapping[str, list[Any]]) -> None:
        """Add what `plain` of another scope of this workspace gave."""
        for token, (value, places) in kept.items():
            if self._values.setdefault(token, value) == value:
                self._tokens.setdefault(value, token)
                self.note(value, places)
