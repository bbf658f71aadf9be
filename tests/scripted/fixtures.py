"""The pytest fixture: `from scripted.fixtures import serve_script` in a conftest or a test file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from scripted.server import Upstream, serve


@pytest.fixture
def serve_script() -> Iterator[Callable[..., Upstream]]:
    """Start servers that stop with the test: `upstream = serve_script([say("hello")])`."""
    with ExitStack() as running:
        yield lambda *args, **how: running.enter_context(serve(*args, **how))
