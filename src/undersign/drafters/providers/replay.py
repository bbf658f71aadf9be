"""replay:FILE answers from a recording: no network, no key, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

from undersign.drafters.errand import Errand
from undersign.drafters.message import Message
from undersign.drafters.names import DrafterName
from undersign.drafters.recording import find
from undersign.records.exchange import Said


def say(name: DrafterName, message: Message, _: Errand) -> Said:
    """Answer from the file; raises BadInput when it holds nothing for this message."""
    return find(Path(name.model), message)
