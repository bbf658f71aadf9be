"""A publisher's file, fetched because somebody asked for it: the one download there is.

Nothing of a workspace is sent: one GET without cookies, keys or a body.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from undersign.drafters.passage import CONNECT_SECONDS, is_loopback
from undersign.errors import BadInput

if TYPE_CHECKING:
    import httpx

_READ_SECONDS = 60.0
_MOST_REDIRECTS = 3


def fetch(url: str, most: int, report: Callable[[int], object]) -> bytes:
    """Return the file at an address, https or on this machine, of at most `most` bytes.

    `report` is told how many bytes came each time. Raises BadInput when it cannot be had whole.
    """
    import httpx

    def must_be_safe(request: httpx.Request) -> None:
        _must_be_safe(str(request.url))

    got = bytearray()
    try:
        with (
            httpx.Client(
                timeout=httpx.Timeout(_READ_SECONDS, connect=CONNECT_SECONDS),
                follow_redirects=True,
                max_redirects=_MOST_REDIRECTS,
                event_hooks={"request": [must_be_safe]},
                trust_env=not is_loopback(urlsplit(url).hostname or ""),
            ) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise BadInput(f"answers with {answer.status_code}", path=url, hint=_BY_HAND)
            for chunk in answer.iter_bytes():
                got += chunk
                if len(got) > most:
                    raise BadInput(f"larger than {most // 2**20} MiB", path=url)
                report(len(chunk))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadInput(
            f"cannot be fetched: {type(error).__name__}", path=url, hint=_BY_HAND
        ) from error
    return bytes(got)


_BY_HAND = "or download it yourself: undersign catalog update FILE"


def _must_be_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise BadInput("is not fetched: what is not https can be changed on its way", path=url)
