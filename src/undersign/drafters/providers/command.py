"""command:PROGRAM ARGS runs a program of this machine: the prompt on stdin, the reply on stdout.

No shell reads the words. The program runs as the person who calls it, with all that person may do:
what it sends where is its own affair, and the policy rules on it as on any other drafter.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from contextlib import suppress
from threading import Event, Thread
from typing import IO

from undersign.drafters.errand import Errand
from undersign.drafters.message import Message
from undersign.drafters.names import DrafterName
from undersign.drafters.reply import MOST_BYTES
from undersign.errors import DrafterFailed, UsageError
from undersign.records.exchange import Said

_CHUNK = 1 << 16
_STDERR_KEPT = 4000
_AFTERMATH = 1.0
"""Seconds that children of a program which ended may still hold its output open."""


def say(name: DrafterName, message: Message, errand: Errand) -> Said:
    """Run the command line once and return what it wrote.

    Raises:
        UsageError: It cannot be started.
        DrafterFailed: It failed, wrote too much or no text, or took longer than it may.
    """
    words = _words(name.model)
    process = _started(words)
    out, err = _Reader(process.stdout, MOST_BYTES), _Reader(process.stderr, None)
    writer = Thread(target=_feed, args=(process.stdin, message.text.encode()), daemon=True)
    try:
        for thread in (out, err, writer):
            thread.start()
        _wait(process, out, errand)
        for reader in (out, err):
            reader.join(_AFTERMATH)
    finally:
        _end(process)
    if out.too_much.is_set():
        raise DrafterFailed(f"{words[0]} wrote more than {MOST_BYTES:,} bytes")
    if process.returncode:
        raise DrafterFailed(
            f"{words[0]} failed: {_ended(process.returncode)}", hint=_last_line(err.read())
        )
    try:
        return Said(out.read().decode())
    except UnicodeDecodeError:
        raise DrafterFailed(f"{words[0]} wrote something that is not UTF-8 text") from None


class _Reader(Thread):
    """Reads a stream to its end; keeps at most `limit` bytes, or the last few without a limit."""

    def __init__(self, stream: IO[bytes] | None, limit: int | None) -> None:
        super().__init__(daemon=True)
        assert stream is not None
        self._stream, self._limit, self._kept = stream, limit, bytearray()
        self.too_much = Event()

    def run(self) -> None:
        with suppress(OSError, ValueError):  # closed under our hands when the program is killed
            while chunk := os.read(self._stream.fileno(), _CHUNK):
                self._kept += chunk
                if self._limit is None:
                    del self._kept[:-_STDERR_KEPT]
                elif len(self._kept) > self._limit:
                    self.too_much.set()
                    return

    @property
    def size(self) -> int:
        return len(self._kept)

    def read(self) -> bytes:
        return bytes(self._kept)


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as odd:
        raise UsageError(f"the command cannot be read: {odd}") from None
    if not words:
        raise UsageError("command of which program?", hint="write command:PROGRAM ARGS")
    return words


def _started(words: list[str]) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    try:
        # The person names the program; a list of words goes to no shell. Its own session, so that
        # whatever it starts can be stopped with it.
        return subprocess.Popen(  # noqa: S603
            words, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its words cannot be passed on"
        raise UsageError(f"{words[0]} cannot be started: {why}") from None


def _feed(stdin: IO[bytes] | None, prompt: bytes) -> None:
    assert stdin is not None
    # A program may answer without reading all of it, and close the pipe.
    with suppress(OSError, ValueError), stdin:
        stdin.write(prompt)


def _wait(process: subprocess.Popen[bytes], out: _Reader, errand: Errand) -> None:
    told = 0
    while process.poll() is None and not out.too_much.is_set():
        if not errand.left:
            raise DrafterFailed(
                f"no answer within {errand.timeout:g} s", hint="--drafter-timeout SECONDS"
            )
        with suppress(subprocess.TimeoutExpired):
            process.wait(min(0.1, errand.left))
        if out.size > told:
            told = out.size
            errand.progress(f"{told:,} bytes so far")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the program and everything of its session that is still there."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _last_line(stderr: bytes) -> str | None:
    # A hint is for the person's eyes only. The message is recorded, and this may quote the prompt.
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return f"it said: {lines[-1][:300]}" if lines else None


def _ended(code: int) -> str:
    return f"exit {code}" if code > 0 else f"stopped by signal {-code}"
