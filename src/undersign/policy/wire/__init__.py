"""The wire formats the gateway speaks, one module each: pure functions over bodies and streams.

A module such as `wire.anthropic` is a `Wire`. What happens to one request:

    body = json_body.parse(raw)
    texts = wire.texts(body)
    looked = guard.look([(t.text, t.data_class) for t in texts], drafter, purpose, now)
    hidden = guard.hide([t.text for t in texts], looked, scope, [t.source for t in texts])
    sent = json_body.written(raw, body, wire.with_texts(body, hidden))

`sent` is `raw` itself when nothing was hidden. The reply goes through `restored` or `stream`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from undersign.policy.scope import Scope, Source, Withheld

Body: TypeAlias = Mapping[str, Any]
"""A request or a reply, parsed. Never changed in place."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a request that a drafter reads, or something in it that nobody can look into."""

    text: str
    """Empty for what cannot be looked into: an image, a PDF, a stored file."""
    source: Source
    data_class: str = "internal"
    """`opaque-binary` for what cannot be looked into."""


class Stream(Protocol):
    """The reply of one request as a stream of server-sent events."""

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes as they come, cut anywhere, and return what the client may have by now."""

    def flush(self) -> bytes:
        """Return what is left when the upstream has ended, in good order or not."""

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """The tool calls and texts so far whose tokens were left in them."""


class Wire(Protocol):
    """One wire format; the modules of this package are its implementations."""

    def texts(self, body: Body) -> list[Text]:
        """Return every text of a request that a drafter reads, in the order of the body.

        A body of an unknown shape raises BadInput.
        """

    def with_texts(self, body: Body, replaced: Sequence[str]) -> Body:
        """Return the body with other texts, one for each that `texts` gave, in its order."""

    def restored(self, body: Body, scope: Scope) -> tuple[Body, tuple[Withheld, ...]]:
        """Return a whole reply with the values back in it, and the calls and texts without."""

    def stream(self, scope: Scope) -> Stream:
        """Return what restores the reply of one request as it comes."""

    def refusal(self, message: str, status: int = 403) -> tuple[int, bytes]:
        """Return the status and the body of a refusal, in the shape this wire's clients read."""
