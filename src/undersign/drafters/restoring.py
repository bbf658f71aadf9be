"""Hidden values back in a reply, but not where the reply would carry them to a new place.

A prompt holds text of attackers, and a drafter may do what it says: put a token into an address of
theirs. So:

1. A value comes back in a text only if every host and mail address that the text names, values
   included, stands in the prompt on a line that holds this value, too. Of several values in one
   text all come back or none.
2. A value that is an address itself may stand beside other hidden addresses: a list of senders.
3. A bare name such as `winlog.event_data.User` counts as a host only in the same word as a token:
   queries are full of such names, and no query language reaches a host without `//` or `@`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from undersign.drafters.reply import each_string

if TYPE_CHECKING:
    from undersign.policy.scope import Scope

_WORD = re.compile(r"[^\s\"'`<>()\[\]{};|]+")
_ADDRESS = ("//", "\\\\", "@")


def restored(slots: Any, scope: Scope, texts: Sequence[str]) -> tuple[Any, int]:
    """Return slots with values back in place of tokens, and how many tokens stayed.

    `texts` are those of the prompt as they were before anything was hidden.
    """
    stayed = 0

    def change(text: str) -> str:
        nonlocal stayed
        held = scope.held(text)
        if not held or _may_return(text, held, scope, texts):
            return scope.restored(text)
        stayed += len(held)
        return text

    return each_string(slots, change), stayed


def _may_return(text: str, held: Iterable[str], scope: Scope, texts: Sequence[str]) -> bool:
    named = _places(_addresses(text, scope))
    if not named:
        return True
    values = [value for value in map(scope.value, held) if value is not None]
    own = _places(values)
    for value in values:
        known = _places(_lines_with(value, texts))
        if not named <= (known | own if _places([value]) else known):
            return False
    return True


def _addresses(text: str, scope: Scope) -> Iterator[str]:
    """Yield the words of a text that may name a place, as they would be with values back in."""
    for word in _WORD.findall(text):
        whole = scope.restored(word)
        if scope.held(word) or any(mark in whole for mark in _ADDRESS):
            yield whole


def _lines_with(value: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        at = text.find(value)
        while at >= 0:
            end = text.find("\n", at + len(value))
            stop = end if end >= 0 else len(text)
            yield text[text.rfind("\n", 0, at) + 1 : stop]
            at = text.find(value, stop)


def _places(texts: Iterable[str]) -> frozenset[str]:
    from undersign.policy.restoring.places import named

    found = (place for text in texts for place in named(text))
    return frozenset(place for place in found if not place.startswith("path:"))
