"""One HTTP exchange: a client's request in, the workspace's judgement, the upstream's answer out.

In order: who may come in; read the body; `admit` looks, decides, redacts and writes the ledger row;
only then does a byte leave; the answer is restored as it passes; `ended` writes the second row
before the client sees the end. A client that hangs up stops the upstream.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from threading import Lock
from typing import Any

from undersign.faces.gateway.entrance import Entrance, is_local
from undersign.workspace.gateway.gateway import (
    MAX_BYTES,
    Admitted,
    Asked,
    Denied,
    Ended,
    Gateway,
    Unreachable,
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

OWN_PAGES = b"/_undersign/"
_JSON = b"application/json"
_TEXT = b"text/plain; charset=utf-8"


class Application:
    """The gateway as an ASGI application."""

    def __init__(self, gateway: Gateway, entrance: Entrance) -> None:
        self._gateway = gateway
        self._entrance = entrance

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await self._answer(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the server would print a traceback, and that
            # may hold what a client sent. Dropping the connection is the server's answer to this.
            self._gateway.trouble(f"internal error: {type(error).__name__}: a request was dropped")

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        asked = Asked(
            method=scope["method"],
            path=bytes(scope["raw_path"]),
            query=bytes(scope["query_string"]),
            headers=tuple(scope["headers"]),
        )
        try:
            objection = self._entrance.objection(scope)
            if objection:
                raise self._gateway.denied(asked, 403, objection)
            if asked.path.startswith(OWN_PAGES):
                await self._own_page(asked, scope, send)
                return
            body = await self._body(asked, receive)
            admitted = await asyncio.to_thread(self._gateway.admit, replace(asked, body=body))
        except Denied as denied:
            await _respond(send, denied.status, denied.body, _JSON)
            return
        except _Left:
            return
        await _Exchange(self._gateway, admitted, send).run(receive)

    async def _own_page(self, asked: Asked, scope: Message, send: Send) -> None:
        pages = {
            b"health": (b'{"status":"ok"}\n', _JSON),
            b"metrics": (self._gateway.counters.text().encode(), _TEXT),
        }
        page = pages.get(asked.path.removeprefix(OWN_PAGES))
        if not is_local(scope):
            raise self._gateway.denied(asked, 403, "this page is for this machine only")
        if page is None or asked.method not in ("GET", "HEAD"):
            raise self._gateway.denied(asked, 404, "there is no such page")
        await _respond(send, 200, *page)

    async def _body(self, asked: Asked, receive: Receive) -> bytes:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Left
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > MAX_BYTES:
                raise self._gateway.denied(
                    asked, 413, f"the request is larger than {MAX_BYTES >> 20} MB"
                )
            if not message.get("more_body"):
                return b"".join(parts)


class _Left(Exception):
    """The client went away before its request was whole."""


class _Exchange:
    """What happens between the row `sending` and the row that says how it ended."""

    def __init__(self, gateway: Gateway, admitted: Admitted, send: Send) -> None:
        self._gateway = gateway
        self._admitted = admitted
        self._send = send
        self._started = False
        self._recorded = Lock()
        self._began = time.perf_counter()

    async def run(self, receive: Receive) -> None:
        """Forward until the answer ends, the upstream fails or the client leaves."""
        forwarding = asyncio.ensure_future(self._forward())
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({forwarding, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not forwarding.done():
                await asyncio.to_thread(self._record, "cut short", "the client went away")
        finally:
            # First, and in this thread: a loop that is being stopped may not come back here.
            self._record("cut short", "the gateway was stopped")
            leaving.cancel()
            forwarding.cancel()
            await asyncio.gather(forwarding, leaving, return_exceptions=True)

    async def _forward(self) -> None:
        try:
            await self._pass_on()
        except Unreachable as error:
            await self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - a hostile answer may break any reader of it;
            # the client must not hang, and the row must say so. The error's text may hold values.
            await self._fail(f"the answer could not be read: {type(error).__name__}")

    async def _pass_on(self) -> None:
        async with self._gateway.forward(self._admitted) as answer:
            if answer.at_once:
                await self._start(answer.status, answer.headers)
            sent, last = 0, b""
            async for chunk in answer.chunks():
                await self._start(answer.status, answer.headers)
                sent += len(chunk)
                if sent == answer.length:
                    # By this piece the client knows that all is there, so the row comes first.
                    last = chunk
                    continue
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            await asyncio.to_thread(self._record, "answered", "")
            await self._start(answer.status, answer.headers)
            await self._send({"type": "http.response.body", "body": last})

    async def _start(self, status: int, headers: tuple[tuple[bytes, bytes], ...]) -> None:
        if not self._started:
            self._started = True
            await self._send(
                {"type": "http.response.start", "status": status, "headers": list(headers)}
            )

    async def _fail(self, why: str) -> None:
        await asyncio.to_thread(self._record, "failed", why)
        if not self._started:
            self._started = True
            denied = self._gateway.denied(self._admitted.asked, 502, why)
            await _respond(self._send, denied.status, denied.body, _JSON)
        # Otherwise the answer stays without its end, and the server drops the connection: what
        # broke off must not look complete.

    def _record(self, step: str, error: str) -> None:
        """Write the second row, once: the first who knows how it ended says so."""
        if not self._recorded.acquire(blocking=False):
            return
        ended = Ended(step, error, time.perf_counter() - self._began)
        self._gateway.ended(self._admitted, ended)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _respond(send: Send, status: int, body: bytes, content_type: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
