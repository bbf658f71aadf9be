"""The gateway's forwarder: bytes to one upstream and its answer back, nothing looked at.

Whoever calls it has judged and redacted before: this file knows no policy and no wire format. No
redirect is followed, no cookie kept, no time limit set but on connecting: a model may think for
an hour, and whoever waits for it hangs up when tired.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from undersign.errors import UsageError

if TYPE_CHECKING:
    import httpx

Headers = tuple[tuple[bytes, bytes], ...]
"""As on the wire, in order, names in lower case."""

HOP_BY_HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
    b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect",
})  # fmt: skip
"""What belongs to one connection and is never forwarded: RFC 9110, section 7.6.1. `expect` has been
answered when the body was read."""
CONNECT_SECONDS = 30.0
_IDLE_SECONDS = 60.0
_TALKATIVE = (
    "httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.http2",
    "httpcore.proxy", "httpcore.socks",
)  # fmt: skip
"""Every logger of httpx and of what it stands on."""


class Unreachable(ConnectionError):
    """The upstream cannot be reached, or broke off; the message is one line without addresses."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request as it leaves."""

    method: str
    target: bytes
    """Path and query, beginning with a slash, as the client wrote them."""
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """What the upstream answers: its head, and the body as it comes."""

    status: int
    headers: Headers
    chunks: AsyncIterator[bytes]
    """As sent, compressed or not; raises Unreachable when the upstream breaks off."""


class Upstream:
    """One upstream with its pool of connections; for one event loop."""

    def __init__(self, url: str) -> None:
        """Take the address of an upstream: https, or http on this machine; UsageError if not."""
        self.url = _checked(url)
        self._client: httpx.AsyncClient | None = None

    async def open(self) -> None:
        """Make what the first request would wait for: the client, its certificates, its parts."""
        import anyio

        self._open()
        await anyio.sleep(0)  # loads what httpx runs on

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.aclose()

    @asynccontextmanager
    async def send(self, outgoing: Outgoing) -> AsyncIterator[Incoming]:
        """Send a request and yield the answer; leaving early hangs up.

        Raises Unreachable when no answer comes.
        """
        import httpx

        try:
            answer = await self._open().send(self._request(outgoing), stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"the upstream cannot be reached: {_told(error)}") from None
        try:
            headers = tuple((name.lower(), value) for name, value in answer.headers.raw)
            yield Incoming(answer.status_code, _end_to_end(headers), _chunks(answer))
        finally:
            await answer.aclose()

    def _request(self, outgoing: Outgoing) -> httpx.Request:
        import httpx

        kept = [
            header
            for header in _end_to_end(outgoing.headers)
            if header[0] not in (b"host", b"content-length")
        ]
        # The target is set as raw bytes, after the host: no path can name another host.
        base = httpx.URL(self.url)
        prefix = base.raw_path.rstrip(b"/")
        url = base.copy_with(raw_path=prefix + outgoing.target)
        return httpx.Request(outgoing.method, url, headers=kept, content=outgoing.body)

    def _open(self) -> httpx.AsyncClient:
        import httpx

        if self._client is None:
            _hush()
            limits = httpx.Limits(
                max_connections=None, max_keepalive_connections=64, keepalive_expiry=_IDLE_SECONDS
            )
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
                limits=limits,
                follow_redirects=False,
                # Proxies of the environment are for what is outside, never for this machine.
                trust_env=not is_loopback(urlsplit(self.url).hostname or ""),
            )
        return self._client


def is_loopback(host: str) -> bool:
    """Say whether a host name, or an address, can only be this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _hush() -> None:
    """Keep the client's libraries from logging, whatever a program around this one has set up.

    They log addresses with their queries, and headers with their keys. A level can be set anew for
    each of them, so they are switched off one by one.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).disabled = True


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is no address of an upstream: {error}") from error
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise UsageError(f"{url!r} is no address of an upstream", hint="https://api.example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError("an upstream's address is scheme, host, port and path, nothing else")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UsageError(
            f"{parts.hostname} is not this machine: keys and prompts go there by https only"
        )
    # SDKs write the version into the path or into the base URL; here it is always in the path.
    return url.rstrip("/").removesuffix("/v1")


def _end_to_end(headers: Headers) -> Headers:
    named = {
        name.strip().lower()
        for key, value in headers
        if key == b"connection"
        for name in value.split(b",")
    }
    return tuple(h for h in headers if h[0] not in HOP_BY_HOP and h[0] not in named)


async def _chunks(answer: httpx.Response) -> AsyncIterator[bytes]:
    import httpx

    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    except httpx.HTTPError as error:
        raise Unreachable(f"the upstream broke off: {_told(error)}") from None


def _told(error: Exception) -> str:
    # The library's own words may quote a header, and a header may be a key: the class is enough.
    words = {
        "ConnectError": "no connection",
        "ConnectTimeout": f"no connection within {CONNECT_SECONDS:.0f} seconds",
        "ReadError": "the connection was lost",
        "WriteError": "the connection was lost",
        "RemoteProtocolError": "it closed the connection in the middle, or speaks no HTTP",
        "ProxyError": "the proxy of this environment refused",
    }
    name = type(error).__name__
    return words.get(name, name)
