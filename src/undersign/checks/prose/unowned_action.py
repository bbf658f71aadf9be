"""unowned-action: an action item without an owner, a due date or a type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.languages.when import times
from undersign.records.document import Block, Document
from undersign.records.finding import Fault, Severity

_I = re.IGNORECASE
_SECTION = re.compile(
    r"\b(?:action items?|actions?|follow[- ]?ups?|next steps?|remediation(?: items?)?|review "
    r"actions)\b",
    _I,
)
_DONE = re.compile(r"\bactions? taken\b|\bimmediate actions?\b", _I)
_OWNER = re.compile(
    r"\b(?:(?i:owner|owned by|assign(?:ed|ee)(?: to)?|responsible|DRI))\b\W{1,4}"
    r"(?!(?i:tbd|tba|todo|none|nobody|unassigned)\b)\w|"
    r"(?<![\w.])@\w[\w.-]+|\((?:[A-Z][\w.-]+)(?: [A-Z][\w.-]+)?(?: team)?\)\s*\W?\s*$|"
    r"[\w.+-]+@[\w-]+\.\w+"
)
_KIND = (
    r"prevent(?:ion|ive|ative)?|detect(?:ion|ive)?|mitigat(?:e|ion|ive)|process|repair|fix|"
    r"investigat(?:e|ion)|corrective|improve(?:ment)?|documentation|training"
)
_TYPE = re.compile(rf"(?:[(\[*_`]|^\W*)(?:{_KIND})(?:[)\]*_`:]|:)|\btype\W{{1,3}}\w", _I)
"""In brackets, set off or before a colon: `Detect slow disks` has a verb, and no type."""
_DUE = re.compile(
    r"\b(?:due|by|deadline|until|target)\b\W{0,3}(?:\d|Q[1-4]\b|end of|next|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|(?:january|february|march|april|may|june|july|"
    r"august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b)",
    _I,
)
_TRACKED = re.compile(
    r"https?://|\]\(|(?<![\w&])#\d{1,7}\b|\b[A-Z][A-Z0-9]{1,9}-\d{1,6}\b|\w+/\w+#\d+"
)
_COLUMNS = {"owner": r"owner|assignee|who|responsible", "due date": r"due|date|deadline|when|"
                                                                    r"target",
            "type": r"type|kind|category"}  # fmt: skip
_BY_NAME = re.compile(
    r"\W*(?!(?:We|I|This|That|These|Those|It|There|They|Which|Someone|Somebody|Nobody)\b)"
    r"[A-Z][\w-]+(?: [Tt]eam)? (?:will (?!be\b)|has |have |is going to )"
)
"""`Platform will replace the disks` names who."""
_DONE_ALREADY = re.compile(
    r"\W*(?:we(?:'ve|’ve| have)? (?:already )?(?!need\b|feed\b)\w+ed\b|(?:done|completed)\b)", _I
)
_TICKED = re.compile(r"\[[xX]\][ \t]*$")
_EMPTY = re.compile(r"[\s\-–—?.]*|tbd|todo|none|n/a|unassigned", _I)


def unowned_action(document: Document) -> Iterator[Fault]:
    """Report what each item under a heading of actions does not say; tracked ones are noted."""
    for block in document.blocks:
        if block.kind not in ("item", "row") or (block.kind == "item" and block.level > 1):
            continue
        heading = block.section[-1] if block.section else ""
        if not _SECTION.search(heading) or _DONE.search(heading) or _is_header(block):
            continue
        if _is_done(document, block):
            continue
        missing = _missing(block)
        if missing:
            tracked = _TRACKED.search(block.text) is not None
            also = "; it is tracked elsewhere" if tracked else ""
            yield Fault(
                f"no {', no '.join(missing)}{also}",
                document.span(block.start, block.start + len(block.text)),
                severity=Severity.NOTE if tracked or missing == ["type"] else None,
            )


def _is_header(block: Block) -> bool:
    return block.kind == "row" and bool(block.level)


def _is_done(document: Document, block: Block) -> bool:
    """Tell an item that is ticked off, or told as done: nobody has to do it any more."""
    before = document.text[max(0, block.start - 8) : block.start]
    return bool(_TICKED.search(before) or _DONE_ALREADY.match(block.text))


def _missing(block: Block) -> list[str]:
    if block.kind == "row" and block.header:
        return [name for name, words in _COLUMNS.items() if not _cell(block, words)]
    text = block.text
    found = {
        "owner": bool(_OWNER.search(text) or _BY_NAME.match(text)),
        "due date": _DUE.search(text) is not None or any(w.date for w in times(text)),
        "type": _TYPE.search(text) is not None,
    }
    return [name for name, there in found.items() if not there]


def _cell(block: Block, words: str) -> bool:
    for n, head in enumerate(block.header):
        if re.search(rf"\b(?:{words})\b", head, _I) and n < len(block.cells):
            return _EMPTY.fullmatch(block.cells[n][0]) is None
    return False
