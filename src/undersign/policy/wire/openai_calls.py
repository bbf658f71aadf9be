"""One tool call of a reply, whole or in pieces: values come back where `restoring.calls` allows."""

from __future__ import annotations

import json
import re
from typing import Any

from undersign.policy.restoring.restore import restore_arguments, restore_input
from undersign.policy.scope import Scope, Withheld
from undersign.policy.tokens import PREFIX

_MAY_BEGIN = re.compile(rf"{PREFIX}|U(?:SX?)?\Z")
DEEPEST = 100
"""Levels of nesting in which the arguments of a call are read."""


def restored_text(
    tool: str, called: str, scope: Scope, *, plain: bool = False
) -> tuple[str, Withheld | None]:
    """Return the text (JSON or plain) a tool is called with: restored, or as it is and why."""
    if not plain:
        return restore_arguments(tool, called, scope)
    text, withheld = restore_input(tool, called, scope)
    return str(text), withheld


class Call:
    """A call that comes in pieces.

    They pass until something begins that may be a token; from there they are held to the end of
    the call, so that all of it is judged. What comes after the end keeps its tokens.
    """

    def __init__(self, tool: str, scope: Scope, *, plain: bool = False) -> None:
        self.tool = tool
        self.withheld: Withheld | None = None
        """After `end`: why the tokens stayed, if they did."""
        self._scope = scope
        self._plain = plain
        self._passed: list[str] = []
        self._held: list[str] = []
        self._ended = False

    @property
    def holds(self) -> bool:
        """Whether something waits for the end of the call."""
        return any(self._held)

    @property
    def whole(self) -> bool:
        """Whether what came by now is a JSON text that cannot go on."""
        return not self._plain and is_json("".join([*self._passed, *self._held]), "{[")

    def feed(self, piece: str) -> str:
        """Take the next piece and return what may pass now."""
        if self._ended:
            return piece
        if self._held and self._held[0].startswith(PREFIX):
            self._held.append(piece)
            return ""
        text = "".join(self._held) + piece
        begins = _MAY_BEGIN.search(text)
        cut = begins.start() if begins else len(text)
        self._held = [text[cut:]] if cut < len(text) else []
        self._passed.append(text[:cut])
        return text[:cut]

    def end(self) -> str:
        """Return what is left at the end of the call, judged by the whole of it."""
        passed, whole = "".join(self._passed), "".join([*self._passed, *self._held])
        self._passed, self._held, self._ended = [], [], True
        restored, withheld = restored_text(self.tool, whole, self._scope, plain=self._plain)
        self.withheld = self.withheld or withheld
        # No token stands in what has passed, so restoring has left that part alone.
        return restored[len(passed) :]

    def drop(self) -> str:
        """Return what is held as it came: who calls what is no longer certain."""
        held, self._held, self._ended = "".join(self._held), [], True
        if tokens := self._scope.held(held):
            self.withheld = Withheld(self.tool, len(tokens), "the name of the tool changed")
        return held


def parsed(text: str) -> Any:
    """Return the data of a JSON text; the text itself when it is not JSON, or nested too deeply."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if _deeper(data, DEEPEST) else data


def is_json(text: str, begins: str = "") -> bool:
    """Whether a text is JSON, and begins with one of some characters where they are given."""
    if begins and text.lstrip()[:1] not in tuple(begins):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):  # cut short, or nested beyond reason
        return False
    return True


def _deeper(data: Any, levels: int) -> bool:
    if not isinstance(data, dict | list):
        return False
    inside = data.values() if isinstance(data, dict) else data
    return levels == 0 or any(_deeper(item, levels - 1) for item in inside)
