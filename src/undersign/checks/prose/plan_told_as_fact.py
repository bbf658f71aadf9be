"""plan-told-as-fact: what a message plans, asks or denies, told as done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.prose.reading.cited import Reader
from undersign.checks.prose.reading.stated import stated
from undersign.records.document import Document
from undersign.records.evidence import CaseFile, Evidence
from undersign.records.finding import Fault
from undersign.records.timeline import Timeline

_I = re.IGNORECASE
_DONE = re.compile(r"\b([a-z]{3,})(?:ed|d)\b|\b(sent|wrote|shut|cut|took|built|made|put|set|"
                   r"began|ran|"
                   r"reset|told|lost|stolen|gone|read|found|left|brought|kept|taken|"
                   r"written)\b", _I)  # fmt: skip
_IRREGULAR = {
    "sent": "send", "wrote": "write", "written": "write", "shut": "shut", "cut": "cut",
    "took": "take", "taken": "take", "built": "build", "made": "make", "put": "put", "set": "set",
    "began": "begin", "ran": "run", "reset": "reset", "told": "tell", "lost": "lose",
    "stolen": "steal", "gone": "go", "read": "read", "found": "find", "left": "leave",
    "brought": "bring", "kept": "keep",
}  # fmt: skip
_SOFT = re.compile(
    r"\b(?:will|would|should|may|might|could|plan(?:s|ned|ning)?|intend(?:s|ed)?|going to|next|"
    r"later|"
    r"propos(?:es|ed|ing)|suggest(?:s|ed)?|ask(?:s|ed)?|wonder(?:s|ed)?|want(?:s|ed)?|not|never|n't|"
    r"to be|whether|if|wrote|said|says|report(?:s|ed)|expect(?:s|ed)?|was due|pending|"
    r"unclear)\b", _I
)  # fmt: skip
"""A sentence with one of these does not tell a plan as a fact."""
_NOT_A_FACT = (
    r"(?:will|shall|should|would|could|might|may|going to|plan(?:ning|s)? to|about to|need(?:s)? "
    r"to|"
    r"want(?:s)? to|have to|try(?:ing)? to|let's|please|must|can (?:we|you|i)|"
    r"(?:did|has|have|is|was|are|were)?\s?(?:not|n't|never)(?: yet| been)?|yet to|to be|before we|"
    r"after we|once we|when we|if we)"
)


def plan_told_as_fact(
    document: Document, case: CaseFile, timeline: Timeline | None
) -> Iterator[Fault]:
    """Compare what a sentence tells as done with messages that only plan, ask or deny it."""
    reader = Reader(case, timeline)
    for sentence in document.sentences:
        if not sentence.cited:
            continue
        cited = reader.cited(sentence)
        if not cited.messages or cited.logs:
            continue
        said = stated(sentence.text)
        if _SOFT.search(said.bare) or said.hedged or said.bare.rstrip().endswith("?"):
            continue
        for stem, word, at in _stems(said.bare):
            if all(_is_no_fact(stem, one) for one in cited.messages):
                yield Fault(
                    f"tells {word!r} as done; {cited.messages[0].id} plans, asks or denies it",
                    document.span(sentence.start + at, sentence.start + at + len(word)),
                    evidence={"evidence": list(sentence.cited)},
                )
                break


def _stems(text: str) -> Iterator[tuple[str, str, int]]:
    for match in _DONE.finditer(text):
        word = match[0].lower()
        yield _IRREGULAR.get(word) or match[1].lower().rstrip("i"), word, match.start()


def _is_no_fact(stem: str, message: Evidence) -> bool:
    """Tell whether a message has the verb, and each time as a plan, a question or a denial."""
    text = " ".join(message.text.split())
    verbs = list(re.finditer(rf"\b{re.escape(stem)}\w*", text, _I))
    if not verbs:
        return False
    for verb in verbs:
        before = text[max(0, verb.start() - 40) : verb.start()]
        rest = re.split(r"[.!]", text[verb.end() :], maxsplit=1)[0]
        planned = re.search(rf"\b{_NOT_A_FACT}\b(?:\s+\w+){{0,4}}\s*$", before, _I)
        if not (planned or "?" in rest):
            return False
    return True
