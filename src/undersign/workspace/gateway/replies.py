"""An upstream's answer on its way to the client: as it is, or restored as it passes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Protocol

from undersign.drafters.passage import Headers, Incoming, Unreachable
from undersign.errors import BadInput
from undersign.policy.scope import Scope, Withheld
from undersign.policy.wire import Wire
from undersign.workspace.gateway.bodies import content_encoding, decoder, packing_errors

_REWRITTEN = frozenset({b"content-length", b"content-encoding"})
"""Headers that speak of bytes which a restored answer no longer has."""
_LARGEST_WHOLE = 256 * 1024 * 1024
_NOT_MODIFIED = 304
_DAMAGED = "the upstream's answer is packed and damaged"


class _Rewriter(Protocol):
    """What an answer's bytes pass through."""

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """The tool calls whose tokens were left in them."""

    def feed(self, chunk: bytes, /) -> bytes:
        """Take the next bytes, return what may pass."""

    def flush(self) -> bytes:
        """Return what is left at the end."""


class Answer:
    """One answer: its head for the client, its body as the client may have it, and its tally."""

    def __init__(self, incoming: Incoming, wire: Wire | None, scope: Scope) -> None:
        """Take an answer; `wire` is None for one that passes as it is. Raises Unreachable."""
        self.status = incoming.status
        if 300 <= incoming.status < 400 and incoming.status != _NOT_MODIFIED:
            # A client that follows it would carry what it wrote, unjudged, to another place.
            raise Unreachable(f"the upstream sent a redirect ({incoming.status}): not followed")
        self._incoming = incoming
        self._digest = hashlib.sha256()
        self._scope = scope
        self._rewriter = _rewriter(incoming, wire, scope)
        encoding = content_encoding(incoming.headers) if self._rewriter else ""
        try:
            self._decoder = decoder(encoding) if encoding else None
        except BadInput as odd:
            raise Unreachable(f"the upstream's answer cannot be restored: {odd.message}") from None
        self.bytes = 0
        """Of the body, as the upstream sent it."""

    @property
    def headers(self) -> Headers:
        """The answer's headers, less what no longer fits its body."""
        dropped = _REWRITTEN if self._rewriter else frozenset()
        return tuple(h for h in self._incoming.headers if h[0] not in dropped)

    @property
    def length(self) -> int | None:
        """Bytes of the body for the client, where the answer's head says so."""
        found = [v for k, v in self.headers if k == b"content-length"]
        return int(found[0]) if found and found[0].isdigit() else None

    @property
    def at_once(self) -> bool:
        """Whether the head may go before any of the body is here."""
        return not isinstance(self._rewriter, _Whole)

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the body as far as it came."""
        return self._digest.hexdigest()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids under which the upstream keeps the conversation, as far as it said them."""
        return tuple(getattr(self._rewriter, "ids", ()))

    @property
    def withheld(self) -> dict[str, int]:
        """Reason -> tokens that stayed tokens."""
        counted: Counter[str] = Counter()
        for one in self._rewriter.withheld if self._rewriter else ():
            counted[one.reason] += one.tokens
        return dict(counted)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body for the client; raises Unreachable when it breaks off or is damaged."""
        try:
            async for chunk in self._plain():
                passed = self._rewriter.feed(chunk) if self._rewriter else chunk
                if passed:
                    yield passed
        except Unreachable:
            # What had come belongs to the client: the last characters of a text, and a call that
            # nobody can judge by its half, so with its tokens.
            if left := self._held():
                yield left
            raise
        left = self._rewriter.flush() if self._rewriter else b""
        if left:
            yield left

    def _held(self) -> bytes:
        """Return what is held of an answer that broke off; nothing of one that goes as a whole."""
        if self._rewriter is None or not self.at_once:
            return b""
        with self._scope.without_places():
            return self._rewriter.flush()

    async def _plain(self) -> AsyncIterator[bytes]:
        async for chunk in self._incoming.chunks:
            self.bytes += len(chunk)
            self._digest.update(chunk)
            try:
                yield self._decoder.decompress(chunk) if self._decoder else chunk
            except packing_errors():
                raise Unreachable(_DAMAGED) from None
        if self._decoder and (self._decoder.unused_data or not self._decoder.eof):
            raise Unreachable(_DAMAGED)


def _rewriter(incoming: Incoming, wire: Wire | None, scope: Scope) -> _Rewriter | None:
    # Errors pass verbatim: a client reads them, and nothing in them was asked to be restored.
    if wire is None or not len(scope) or incoming.status >= 400:
        return None
    kinds = [v for k, v in incoming.headers if k == b"content-type"]
    kind = kinds[0].partition(b";")[0].strip().lower() if kinds else b""
    if kind == b"text/event-stream":
        return wire.stream(scope)
    if kind == b"application/json":
        return _Whole(wire, scope)
    return None


class _Whole:
    """A JSON answer: restored when all of it is here."""

    def __init__(self, wire: Wire, scope: Scope) -> None:
        self._wire = wire
        self._scope = scope
        self._parts: list[bytes] = []
        self._size = 0
        self.withheld: tuple[Withheld, ...] = ()
        self.ids: tuple[str, ...] = ()

    def feed(self, chunk: bytes) -> bytes:
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > _LARGEST_WHOLE:
            raise Unreachable("the upstream's answer is larger than 256 MB")
        return b""

    def flush(self) -> bytes:
        from undersign.policy.wire import json_body
        from undersign.policy.wire.openai_responses import answers

        raw, self._parts = b"".join(self._parts), []
        try:
            body = json_body.parse(raw)
        except BadInput:
            return raw  # nothing to restore in what is no answer of this wire
        self.ids = answers(body)
        restored, self.withheld = self._wire.restored(body, self._scope)
        return json_body.written(raw, body, restored)
