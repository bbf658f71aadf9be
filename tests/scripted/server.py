"""The server: listens on loopback, plays the script, keeps every byte that arrived.

It binds to a free port of 127.0.0.1 and stops with its `with` block. `Upstream.received` is what
came over the sockets as it came (request lines, headers and bodies together), so that a test can
look for a value anywhere in it; `Upstream.seen` is the same by request.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from scripted import anthropic, google, openai_chat, openai_responses
from scripted.turns import Body, Turn

Script = Sequence[Turn] | Callable[[Body, int], Turn]
"""Turns in order, or a function of the request's body and of how many were answered before."""

WIRES = {
    "anthropic": ("/messages", anthropic),
    "openai_chat": ("/chat/completions", openai_chat),
    "openai_responses": ("/responses", openai_responses),
    "google": (":generateContent", google),
    "google_stream": (":streamGenerateContent", google),
}
OVER = Turn(status=500, message="the script is over")
LONGEST_STALL = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes
    """The body, de-chunked."""
    connection: int
    """1 for the first connection of the server: requests may share one."""

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    def header(self, name: str) -> str | None:
        found = (value for key, value in self.headers if key.lower() == name.lower())
        return next(found, None)


@dataclass(slots=True)
class Upstream:
    """What a test holds of a running server."""

    url: str = ""
    """`http://127.0.0.1:PORT`, without a path."""
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    left: int = 0
    """Clients that went away while an answer was being written or was stalled."""
    overrun: int = 0
    """Requests after the last turn of the script: each was answered with status 500."""
    taps: list[bytearray] = field(default_factory=list)
    answered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def received(self) -> bytes:
        """Every byte of every connection; connections are kept apart by a line."""
        return b"\n--\n".join(bytes(tap) for tap in self.taps)

    @property
    def asked(self) -> list[Seen]:
        """The requests that took a turn of the script: no counts of tokens, no lists."""
        endings = tuple(ending for ending, _ in WIRES.values())
        return [
            s for s in self.seen if s.method == "POST" and urlsplit(s.path).path.endswith(endings)
        ]


@contextmanager
def serve(
    script: Script = (),
    *,
    wires: Collection[str] = tuple(WIRES),
    json_schema: bool = True,
    port: int = 0,
) -> Iterator[Upstream]:
    """Run a server until the block ends.

    `wires` it does not speak are answered 404; without `json_schema` a chat completion that asks
    for `response_format: json_schema` is answered 400, as small local servers do.
    """
    upstream = Upstream()
    spoken = {ending: wire for name in wires for ending, wire in [WIRES[name]]}
    handler = type("Handler", (_Handler,), {
        "upstream": upstream, "script": staticmethod(script) if callable(script) else script,
        "spoken": spoken, "json_schema": json_schema,
    })  # fmt: skip
    server = _Server(("127.0.0.1", port), handler)
    upstream.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self.over = threading.Event()
        super().__init__(address, handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is counted in `Upstream.left`; a fault of the script is shown."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Tap(io.RawIOBase):
    """Reads a socket and keeps what it read."""

    def __init__(self, sock: socket.socket, kept: bytearray) -> None:
        self.sock, self.kept = sock, kept

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self.sock.recv_into(buffer)
        self.kept += bytes(memoryview(buffer)[:count])
        return count


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    upstream: Upstream
    script: Script
    spoken: dict[str, Any]
    json_schema: bool

    def setup(self) -> None:
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.upstream.lock:
            self.upstream.connections += 1
            self.number = self.upstream.connections
            tap = bytearray()
            self.upstream.taps.append(tap)
        self.rfile = io.BufferedReader(_Tap(self.request, tap))

    def log_message(self, *_: Any) -> None:
        """Say nothing: what happened is in `Upstream`."""

    def do_GET(self) -> None:
        self._note(b"")
        self._json(200, {"object": "list", "data": [], "models": [], "has_more": False})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        raw = self._body()
        self._note(raw)
        path = urlsplit(self.path).path
        if path.endswith("/count_tokens"):
            return self._json(200, {"input_tokens": len(raw) // 4})
        wire = next((w for ending, w in self.spoken.items() if path.endswith(ending)), None)
        if wire is None:
            return self._json(404, openai_chat.error(404, "no such path"))
        try:
            body = json.loads(raw)
        except ValueError:
            return self._json(400, wire.error(400, "the body is not JSON"))
        if wire is google:
            body["model"] = path.rsplit("/", 1)[-1].split(":")[0]
            body["stream"] = "stream" in path
        if not self.json_schema and "json_schema" in json.dumps(body.get("response_format")):
            return self._json(400, wire.error(400, "response_format json_schema is not known"))
        turn, number = self._turn(body)
        if turn.delay and self._gone(turn.delay):
            return None
        self._answer(turn, body, number, wire)
        return None

    def _turn(self, body: Body) -> tuple[Turn, int]:
        upstream = self.upstream
        with upstream.lock:
            number = upstream.answered
            upstream.answered += 1
            if callable(self.script):
                return self.script(body, number), number
            if number < len(self.script):
                return self.script[number], number
            upstream.overrun += 1
            return OVER, number

    def _answer(self, turn: Turn, body: Body, number: int, wire: Any) -> None:
        if turn.raw is not None:
            self._send(turn.status, turn.raw, dict(turn.headers))
        elif turn.status != 200:
            said = json.dumps(wire.error(turn.status, turn.message)).encode()
            self._send(turn.status, said, dict(turn.headers))
        elif body.get("stream"):
            self._stream(turn, wire.events(turn, body, number), wire)
        else:
            self._whole(turn, json.dumps(wire.whole(turn, body, number)).encode())

    def _whole(self, turn: Turn, answer: bytes) -> None:
        headers = dict(turn.headers)
        if turn.gzip:
            answer, headers["content-encoding"] = gzip.compress(answer), "gzip"
        if turn.trouble is None or turn.trouble == "error":
            return self._send(200, answer, headers)
        self._head(200, {**headers, "content-length": str(len(answer))}, "application/json")
        self.wfile.write(answer[: len(answer) // 2])
        if turn.trouble == "stall":
            self._gone(LONGEST_STALL)
        return self._drop()

    def _stream(self, turn: Turn, events: Iterator[bytes], wire: Any) -> None:
        headers = {"transfer-encoding": "chunked", "cache-control": "no-cache", **turn.headers}
        if turn.gzip:
            headers["content-encoding"] = "gzip"
        self._head(200, headers, "text/event-stream; charset=utf-8")
        packed = _Gzip() if turn.gzip else None
        try:
            for piece in _written(turn, events, wire.error_event):
                if turn.pace and self._gone(turn.pace):
                    return None
                self._chunk(packed.pack(piece) if packed else piece)
            if turn.trouble == "stall":
                self._gone(LONGEST_STALL)
            if turn.trouble in ("drop", "stall"):
                return self._drop()
            if packed:
                self._chunk(packed.end())
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self._left()
        return None

    def _chunk(self, piece: bytes) -> None:
        if piece:
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    def _gone(self, seconds: float) -> bool:
        """Wait; whether the client left meanwhile (or the server is being stopped)."""
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0 and not self.server.over.is_set():
            ready, _, _ = select.select([self.request], [], [], min(rest, 0.05))
            if ready and not self.request.recv(1, socket.MSG_PEEK):
                self._left()
                return True
        return self.server.over.is_set()

    def _left(self) -> None:
        with self.upstream.lock:
            self.upstream.left += 1
        self.close_connection = True

    def _drop(self) -> None:
        self.close_connection = True
        # Both directions at once: the client sees the end of the stream without its last chunk.
        self.request.shutdown(socket.SHUT_RDWR)

    def _note(self, raw: bytes) -> None:
        headers = tuple(self.headers.items())
        with self.upstream.lock:
            self.upstream.seen.append(Seen(self.command, self.path, headers, raw, self.number))

    def _body(self) -> bytes:
        if "chunked" not in (self.headers.get("transfer-encoding") or ""):
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _json(self, status: int, answer: Body) -> None:
        self._send(status, json.dumps(answer).encode(), {})

    def _send(self, status: int, answer: bytes, headers: dict[str, str]) -> None:
        self._head(status, {**headers, "content-length": str(len(answer))}, "application/json")
        if self.command != "HEAD":
            self.wfile.write(answer)

    def _head(self, status: int, headers: dict[str, str], kind: str) -> None:
        self.send_response(status)
        self.send_header("request-id", "req_scripted")
        for name, value in {"content-type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()


def _written(turn: Turn, events: Iterator[bytes], error: Callable[[str], bytes]) -> Iterator[bytes]:
    """The stream as it is written: cut short by the turn's trouble, shredded where it asks so."""
    kept: list[bytes] = []
    for place, event in enumerate(events):
        if turn.trouble and place == turn.after:
            kept += [error(turn.message)] if turn.trouble == "error" else []
            break
        kept.append(event)
    if turn.shred is None:
        yield from kept
        return
    everything, dice = b"".join(kept), random.Random(turn.shred)
    place = 0
    while place < len(everything):
        size = dice.choice((1, 2, 3, 17, 64, 300))
        yield everything[place : place + size]
        place += size


class _Gzip:
    """Packs a stream so that every piece can be unpacked as soon as it has arrived."""

    def __init__(self) -> None:
        import zlib

        self.packer = zlib.compressobj(wbits=31)
        self.sync = zlib.Z_SYNC_FLUSH

    def pack(self, piece: bytes) -> bytes:
        return self.packer.compress(piece) + self.packer.flush(self.sync)

    def end(self) -> bytes:
        return self.packer.flush()
