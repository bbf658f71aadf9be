"""No log of a library tells what went through, whatever levels are set."""

from __future__ import annotations

import http.client
import json
import logging
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway_world import KEY, running
from scripted.server import serve
from scripted.turns import say

LIBRARIES = ("httpx", "httpcore", "uvicorn", "anyio", "h11", "asyncio")


def test_no_log_holds_a_query_or_a_header(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    body = json.dumps({"model": "claude-x", "max_tokens": 9, "messages": [], "system": "quiet"})
    headers = {"x-api-key": KEY, "cookie": "crumb-of-a-cookie"}
    with serve([say("hi")] * 2) as upstream, running(root, upstream.url) as gateway:
        # After it has started: what a server sets up itself is loosened too.
        for name in list(logging.root.manager.loggerDict):
            if name.startswith(LIBRARIES):
                caplog.set_level(1, name)
        address = urlsplit(gateway.url).netloc
        for path in ("/claude-code/v1/messages?q=query-of-mine", "/nobody/v1/x?q=query-of-mine"):
            # Not by httpx: its own log would be the test's.
            connection = http.client.HTTPConnection(address, timeout=10)
            connection.request("POST", path, body, headers)
            connection.getresponse().read()
            connection.close()
        logging.getLogger("undersign.tests").warning("the log is read")
    assert "query-of-mine" in str(upstream.seen)
    assert "the log is read" in caplog.text
    for word in (KEY, "crumb-of-a-cookie", "query-of-mine"):
        assert word not in caplog.text
    assert not [r for r in caplog.records if r.name.startswith(("httpx", "httpcore", "uvicorn"))]
