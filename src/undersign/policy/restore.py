"""Values back in place of tokens, in whole replies and in streams cut anywhere.

Text for the person is restored as it comes: at most 26 characters, the beginning of what may
become a token, wait for the next piece. The arguments of a tool call pass until the first token of
the scope; from there they are held to the end of the call, judged as a whole (`calls.py`) and let
go, restored or with the tokens still in them. Letter case matters: a token that a drafter rewrote
in small letters is not restored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from undersign.policy.calls import may_restore
from undersign.policy.scope import Scope, Withheld
from undersign.policy.tokens import LONGEST, TOKEN

_BEGINNING = re.compile(
    r"U(?:S(?:X(?:_(?:[A-Z]{0,8}|[A-Z]{2,8}_[a-z2-7]{0,13}))?)?)?\Z",
)

_TOO_DEEP = "the arguments are nested too deeply to be judged"


def restore(text: str, scope: Scope, escape: Callable[[str], str] | None = None) -> str:
    """Return a text for the person with the scope's values back in it."""
    return scope.restored(text, escape)


def json_escape(value: str) -> str:
    """Return a value as it stands between the quotes of a JSON string."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def restore_input(tool: str, arguments: Any, scope: Scope) -> tuple[Any, Withheld | None]:
    """Return a tool call's arguments with values back in them, or unchanged with the reason."""
    try:
        held = scope.held(json.dumps(arguments, ensure_ascii=False))
        if not held:
            return arguments, None
        reason = may_restore(scope, tool, arguments)
        if reason:
            return arguments, Withheld(tool, len(held), reason)
        return scope.restored_all(arguments), None
    except RecursionError:
        return arguments, Withheld(tool, 0, _TOO_DEEP)


def restore_arguments(tool: str, arguments: str, scope: Scope) -> tuple[str, Withheld | None]:
    """Do the same for arguments that are a JSON text; every other character stays as it is."""
    held = scope.held(arguments)
    if not held:
        return arguments, None
    try:
        reason = may_restore(scope, tool, json.loads(arguments, object_pairs_hook=_once))
    except RecursionError:
        reason = _TOO_DEEP
    except json.JSONDecodeError:
        reason = "the arguments are not whole JSON"
    except ValueError as error:
        reason = str(error)
    if reason:
        return arguments, Withheld(tool, len(held), reason)
    return scope.restored(arguments, json_escape), None


class Restorer:
    """Restores a text that comes in pieces: what comes out joined is `restore` of the whole."""

    __slots__ = ("_escape", "_scope", "_tail")

    def __init__(self, scope: Scope, escape: Callable[[str], str] | None = None) -> None:
        self._scope = scope
        self._escape = escape
        self._tail = ""

    @property
    def holds(self) -> bool:
        """Whether something waits for the next piece."""
        return bool(self._tail)

    def feed(self, piece: str) -> str:
        """Take the next piece and return what is certain by now."""
        text = self._tail + piece
        cut = _certain(text)
        self._tail = text[cut:]
        return self._scope.restored(text[:cut], self._escape)

    def flush(self) -> str:
        """Return what is left at the end of the text."""
        text, self._tail = self._tail, ""
        return self._scope.restored(text, self._escape)


class CallRestorer:
    """Restores the JSON arguments of one tool call that come in pieces."""

    __slots__ = ("_passed", "_scope", "_tool", "_waiting", "_waits", "withheld")

    def __init__(self, tool: str, scope: Scope) -> None:
        self.withheld: Withheld | None = None
        """After `flush`: why the tokens stayed, if they did."""
        self._tool = tool
        self._scope = scope
        self._passed: list[str] = []
        self._waiting: list[str] = []
        self._waits = False

    @property
    def holds(self) -> bool:
        """Whether something waits for the next piece or the end of the call."""
        return any(self._waiting)

    def feed(self, piece: str) -> str:
        """Take the next piece and return what may pass now."""
        if self._waits:
            self._waiting.append(piece)
            return ""
        text = "".join(self._waiting) + piece
        first = next((m for m in TOKEN.finditer(text) if self._scope.value(m[0]) is not None), None)
        self._waits = first is not None
        cut = first.start() if first else _certain(text)
        self._waiting = [text[cut:]]
        self._passed.append(text[:cut])
        return text[:cut]

    def flush(self) -> str:
        """Return what is left at the end of the call, judged by the whole of it."""
        passed, waiting = "".join(self._passed), "".join(self._waiting)
        self._passed, self._waiting, self._waits = [], [], False
        whole, self.withheld = restore_arguments(self._tool, passed + waiting, self._scope)
        # No token of the scope stands in what has passed, so restoring has left that part alone.
        return whole[len(passed) :]


def _certain(text: str) -> int:
    """Return how much of a text cannot be the beginning of a token that goes on."""
    begins = _BEGINNING.search(text, max(0, len(text) - LONGEST + 1))
    return begins.start() if begins else len(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse two fields of one name: of them a client may take the one that was not judged."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("the arguments name a field twice")
    return fields
