"""Values back in place of tokens, in whole replies and in streams cut anywhere.

Text for the person is restored as it comes: at most 26 characters, the beginning of what may
become a token, wait for the next piece. A token in the host or user name of an address waits for
the end of those, and stays if the value must not get there (`addresses.py`). The arguments of a
tool call pass until the first token of the scope; from there they are held to the end of the call,
judged as a whole (`calls.py`) and let go, restored or with the tokens still in them. Letter case
matters: a token that a drafter rewrote in small letters is not restored.
"""

from __future__ import annotations

import json
import re
from typing import Any

from undersign.policy.restoring.addresses import FARTHEST, Addresses
from undersign.policy.restoring.calls import may_restore
from undersign.policy.scope import Scope, Withheld
from undersign.policy.tokens import LONGEST, PREFIX, TOKEN

_BEGINNING = re.compile(
    r"U(?:S(?:X(?:_(?:[A-Z]{0,8}|[A-Z]{2,8}_[a-z2-7]{0,13}))?)?)?\Z",
)

_TOO_DEEP = "the arguments are nested too deeply to be judged"


def restore(text: str, scope: Scope) -> str:
    """Return a text for the person with the scope's values back in it."""
    return restore_text(text, scope)[0]


def restore_text(text: str, scope: Scope) -> tuple[str, Withheld | None]:
    """Return a text for the person with values back in it, and the tokens that stayed, if any."""
    restorer = Restorer(scope)
    return restorer.feed(text) + restorer.flush(), restorer.withheld


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
    """Restores a text that comes in pieces: what comes out joined is `restore` of the whole.

    Parts of one reply that a client may join share their `addresses`.
    """

    __slots__ = ("_addresses", "_held", "_reason", "_scope", "_stayed")

    def __init__(self, scope: Scope, addresses: Addresses | None = None) -> None:
        self._scope = scope
        self._addresses = addresses or Addresses(scope)
        self._held = ""
        self._stayed: set[str] = set()
        self._reason = ""

    @property
    def holds(self) -> bool:
        """Whether something waits for the next piece."""
        return bool(self._held)

    @property
    def withheld(self) -> Withheld | None:
        """The tokens that stayed so far, with the first reason; None when all came back."""
        return Withheld("", len(self._stayed), self._reason) if self._stayed else None

    def feed(self, piece: str) -> str:
        """Take the next piece and return what is certain by now."""
        text = self._held + piece
        return self._passed(text, _certain(text), last=False)

    def flush(self) -> str:
        """Return what is left at the end of the text."""
        return self._passed(self._held, len(self._held), last=True)

    def _passed(self, text: str, certain: int, *, last: bool) -> str:
        out: list[str] = []
        position = 0
        for found in TOKEN.finditer(text, 0, certain) if PREFIX in text else ():
            value = self._scope.value(found[0])
            if value is None:
                continue
            out.append(self._read(text[position : found.start()]))
            after = text[found.end() : min(certain, found.end() + FARTHEST)]
            reason = self._judged(found[0], after, last=last)
            position = found.start()
            if reason is None:
                certain = position
                break
            out.append(self._read(found[0] if reason else value))
            position = found.end()
        out.append(self._read(text[position:certain]))
        self._held = text[certain:]
        return "".join(out)

    def _read(self, text: str) -> str:
        self._addresses.read(text)
        return text

    def _judged(self, token: str, after: str, *, last: bool) -> str | None:
        if self._scope.quotes(token):
            return ""
        reason = self._addresses.reason(token, after, last=last)
        if reason:
            self._stayed.add(token)
            self._reason = self._reason or reason
        return reason


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
