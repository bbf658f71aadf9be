"""Starting and stopping the gateway's server."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from undersign.errors import UsageError
from undersign.faces.gateway.app import Application
from undersign.faces.gateway.entrance import Entrance
from undersign.workspace.gateway.gateway import Gateway

if TYPE_CHECKING:
    import uvicorn

_KEEP_ALIVE = 75
"""Seconds: longer than the pause of a person who reads an answer and types on."""
_LEAVE_TIME = 3
"""Seconds that running answers get when the gateway is stopped."""
_TCP, _NO_DELAY = 6, 1
"""Small events go at once. asyncio sees to that for sockets it makes itself, not for this one."""
_HEADERS = 256 * 1024
_TALKATIVE = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
"""The server's loggers. They hold paths, queries and tracebacks, and so what clients send."""
_HINTS = {
    errno.EADDRINUSE: "is a gateway running already? --port 0 takes any free port",
    errno.EADDRNOTAVAIL: "--host takes an address of this machine",
    errno.EACCES: "--port takes one from 1024 on without further rights",
}
_LOOK_AGAIN = 1.0
"""Seconds between looks at the policy's files while nobody asks for anything."""


def serve(gateway: Gateway, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until the process is interrupted or terminated; blocks.

    `announce` is handed the base URL once connections are accepted. Port 0: any free one. Raises
    UsageError when the address cannot be had, and KeyboardInterrupt when interrupted, after running
    requests were told, or cut short, and recorded.
    """
    asyncio.run(_serve(gateway, host, port, announce))


async def _serve(gateway: Gateway, host: str, port: int, announce: Callable[[str], None]) -> None:
    import uvicorn

    config = settings(gateway, host, port)
    listening = listen(config)
    await gateway.open()
    watching = asyncio.ensure_future(_watch(gateway))
    announce(_url(host, listening.getsockname()[1]))
    try:
        await uvicorn.Server(config).serve(sockets=[listening])
    finally:
        watching.cancel()
        await gateway.close()


async def _watch(gateway: Gateway) -> None:
    """Take up a changed policy, and tell of a broken one, before the next request does."""
    while True:
        await asyncio.sleep(_LOOK_AGAIN)
        await asyncio.to_thread(gateway.refresh)


def settings(gateway: Gateway, host: str, port: int) -> uvicorn.Config:
    """Return how the server runs."""
    import uvicorn

    for name in _TALKATIVE:
        # Off, and not by a level: a program around this one can set levels as it likes.
        logging.getLogger(name).disabled = True
    return uvicorn.Config(
        Application(gateway, Entrance(host)),
        host=host,
        port=port,
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        http="h11",
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_LEAVE_TIME,
        h11_max_incomplete_event_size=_HEADERS,
    )


def listen(config: uvicorn.Config) -> Any:
    """Bind now and listen now, so that what is announced is true."""
    try:
        listening = config.bind_socket()
        listening.setsockopt(_TCP, _NO_DELAY, 1)
        listening.listen(128)
    except (SystemExit, OSError) as stopped:  # uvicorn ends the process when it cannot bind
        error = stopped if isinstance(stopped, OSError) else stopped.__context__
        why = getattr(error, "strerror", None) or "it cannot be had"
        raise UsageError(
            f"cannot listen on {config.host}, port {config.port}: {why}",
            hint=_HINTS.get(getattr(error, "errno", None) or 0),
        ) from None
    return listening


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
