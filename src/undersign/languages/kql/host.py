"""Microsoft's KQL language service, kept running in V8 inside this process.

Started once, on first use (about a second); every call has a limit on time and memory, and what
breaks a limit costs the isolate: the next call gets a fresh one. Safe to call from threads.
"""

from __future__ import annotations

import atexit
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.resources import files
from threading import Lock
from time import process_time
from typing import Any
from weakref import WeakKeyDictionary

from undersign.errors import UndersignError
from undersign.records.visible import Visible

SECONDS = 2.0
"""For one call; the slowest of two thousand real queries takes a quarter of it."""
BUSY_SECONDS = 20.0
MEMORY = 1_500_000_000
"""Bytes of JavaScript heap."""
START_SECONDS = 120.0
SERVICE = ("bridge.min.js", "Kusto.Language.Bridge.min.js")
OURS = ("tree.js", "schema.js", "values.js", "terms.js", "walk.js")
BROWSER = """
var document = {readyState: 'complete'};
var console = {log() {}, warn() {}, error() {}, info() {}, debug() {}};
"""


class GaveUp(Exception):
    """The service could not read a text within its limits; the message says which one it broke."""


class Host:
    """One isolate with the service in it, and the schemas it has been told."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._isolate: Any = None
        self._told: WeakKeyDictionary[Visible, str] = WeakKeyDictionary()
        self._keys: set[str] = set()
        self._names = 0

    def call(self, function: str, visible: Visible | None, *arguments: Any) -> Any:
        """Call one of our JavaScript functions, the visible tables as its last argument.

        Raises:
            GaveUp: The text is beyond the service's limits.
            UndersignError: The service's files are not installed.
        """
        with self._lock:
            isolate = self._isolate or self._start()
            key = None if visible is None else self._tell(isolate, visible)
            return self._run(isolate, f"undersignKql.{function}", *arguments, key)

    def _start(self) -> Any:
        from py_mini_racer import MiniRacer

        # Made in a thread of its own: in one that runs an event loop, as a notebook's does, the
        # isolate would take that loop over and could not be waited for.
        with ThreadPoolExecutor(max_workers=1) as apart:
            isolate = apart.submit(MiniRacer).result()
        isolate.set_hard_memory_limit(MEMORY)
        isolate.eval(_program(), timeout_sec=START_SECONDS)
        self._told, self._keys = WeakKeyDictionary(), set()
        self._isolate = isolate
        return isolate

    def _tell(self, isolate: Any, visible: Visible) -> str:
        key = self._told.get(visible)
        if key is None:
            self._names += 1
            key = str(self._names)
            tables = {
                name: [(column.name, column.type) for column in table.columns.values()]
                for name, table in visible.tables.items()
            }
            for dead in self._keys - set(self._told.values()):
                self._run(isolate, "undersignKql.forget", dead)
            self._run(isolate, "undersignKql.declare", key, tables)
            self._keys = {key, *self._told.values()}
            self._told[visible] = key
        return key

    def _run(self, isolate: Any, function: str, *arguments: Any) -> Any:
        from py_mini_racer import JSEvalException, JSOOMException, JSTimeoutException

        started = process_time()
        seconds = SECONDS
        while True:
            try:
                return isolate.call(function, *arguments, timeout_sec=seconds, max_memory=MEMORY)
            except JSTimeoutException:
                # The limit is meant in work, but V8 only counts the clock: on a machine that gave
                # us little of itself the same text gets one longer try.
                if process_time() - started < SECONDS / 2 and seconds == SECONDS:
                    seconds = BUSY_SECONDS
                    continue
                reason = f"it takes longer than {SECONDS:.0f} seconds to read"
            except JSOOMException:
                reason = "it takes too much memory to read"
            except JSEvalException as error:
                if "Maximum call stack" not in str(error):
                    self.stop()
                    raise
                reason = "it is nested too deeply"
            self.stop()
            raise GaveUp(reason)

    def stop(self) -> None:
        """Drop the isolate; the next call starts a fresh one."""
        isolate, self._isolate = self._isolate, None
        if isolate is None:
            return
        # A call cut short still reports back; closing before that leaves a complaint on stderr.
        with suppress(Exception):
            isolate.eval("0", timeout_sec=SECONDS)
        isolate.close()


@cache
def service() -> Host:
    """Return this process's one host; nothing is started yet."""
    made = Host()
    # An isolate left to the interpreter's own end may wait for a thread that is gone already.
    atexit.register(made.stop)
    return made


def _program() -> str:
    here = files("undersign.languages.kql")
    try:
        theirs = [here.joinpath("assets", name).read_text(encoding="utf-8-sig") for name in SERVICE]
    except FileNotFoundError:
        raise UndersignError(
            "the KQL language service is not installed",
            hint="it is fetched while the package is built: in a checkout run "
            "`uv sync --reinstall-package undersign` with a network, elsewhere install the wheel",
        ) from None
    ours = "\n".join(here.joinpath(name).read_text(encoding="utf-8") for name in OURS)
    # In a function of its own, so that no name of ours meets one of the service's.
    ours = f"{ours}\nreturn {{declare, forget, read, complete}};"
    ours = f"var undersignKql = (function () {{{ours}}})()"
    warm_up = f"undersignKql.read({json.dumps(WARM_UP)}, null)"
    return ";\n".join([BROWSER, *theirs, ours, warm_up, "0"])


WARM_UP = "T | where a == 'b' | summarize count() by c"
"""Read once while starting, so that the first real query pays for no tables of the service."""
