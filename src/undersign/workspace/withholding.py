"""What a person says to a drafter may hold a password; the ledger and the records keep it for ever.

So secrets and credentials of a brief or question stand in neither: a note stands in their place. A
drafter is told the brief itself, under the policy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from undersign.drafters.reply import each_string
from undersign.errors import BadInput
from undersign.workspace.policing import detector_of, policy_of
from undersign.workspace.workspace import Workspace

CLASSES = ("secrets", "credentials")
_SHORTEST_PART = 4
_PARTS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Withheld:
    """What must not be kept of one text, and a note for each."""

    notes: dict[str, str]
    """Value, or a word of one -> `[credentials withheld]`; the longest first."""

    def of(self, kept: Any) -> Any:
        """Return a text, or every text of a JSON value, with notes in place of the values."""
        return each_string(kept, self._change) if self.notes else kept

    def _change(self, text: str) -> str:
        # Whole words: a password `admin` must not tear `administrator` apart.
        known = "|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in self.notes)
        return re.sub(known, lambda found: self.notes[found[0]], text)

    @property
    def told(self) -> str:
        """One sentence for the person; empty when nothing is withheld."""
        if not self.notes:
            return ""
        classes = " and ".join(dict.fromkeys(note[1:-1].split()[0] for note in self.notes.values()))
        return f"{classes} of what you wrote are not kept in the ledger and the record"


def withheld(workspace: Workspace, text: str) -> Withheld:
    """Spot what must not be kept of a text, by the workspace's rules and the built-in ones."""
    found: dict[str, str] = {}
    for one in _detector(workspace).spot(text):
        if one.data_class in CLASSES:
            value, note = text[one.start : one.end], f"[{one.data_class} withheld]"
            words = [w for w in _PARTS.split(value) if len(w) >= _SHORTEST_PART]
            found |= dict.fromkeys((value, *words), note)
    return Withheld({value: found[value] for value in sorted(found, key=len, reverse=True)})


def _detector(workspace: Workspace) -> Any:
    try:
        return detector_of(workspace, policy_of(workspace))
    except BadInput:
        # A policy that cannot be read stops every drafter that sends something, and says so there.
        # The offline drafter needs none: what is built in is spotted all the same.
        from undersign.policy.detect import detector

        return detector()
