"""The one door to every drafter.

`converse` is the way to a model: classify, decide, ask for consent, hide, record, send, restore,
validate, record. Nothing is sent that the policy did not allow, and nothing before the ledger knows
of it. Drafters get no tools: all that comes back is one JSON object that fits the prompt's form.

The offline drafter sends nothing and needs no policy: `draft`, `ask` and `refine`.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import shlex
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, Any

from undersign.drafters import names, recording
from undersign.drafters.door import Door, Repair
from undersign.drafters.errand import Errand
from undersign.drafters.reply import BadReply, check_schema, json_object, validate
from undersign.drafters.restoring import restored
from undersign.errors import BadInput, DrafterFailed, PolicyRefused, UndersignError, UsageError
from undersign.policy.decide import DEFAULT
from undersign.records.corpus import CorpusRule
from undersign.records.drafting import DraftGrounds, DraftResult, HuntGrounds, QueryDraft
from undersign.records.exchange import Asking, CallEntry, Passage, Prompt, Reply, Said
from undersign.records.query import Query
from undersign.records.ruling import Cell, Ruled, Ruling

if TYPE_CHECKING:
    from undersign.drafters.message import Message
    from undersign.drafters.names import DrafterName
    from undersign.policy.guard import Looked
    from undersign.policy.scope import Scope

__all__ = ["Door", "Repair", "ask", "converse", "corpus_rule", "draft", "refine"]

DRAFTERS = (("offline", "sigma", "undersign.drafters.offline.sigma:draft"),)
"""Name of the drafter, kind it can draft, and where; imported when asked for."""
QUERY_DRAFTERS = (("offline", "undersign.drafters.offline.hunt"),)
"""Name of the drafter, and a module with its `ask` and `refine`; imported when asked for."""
Drafter = Callable[..., DraftResult]

_MOST_RETURNED = 100_000
"""Characters of a bad reply that its drafter gets back."""
_OURS = "public"
"""Class of the instructions and of the reply's form: files of this package."""


def draft(
    kind: str, brief: str, drafter: str, grounds: DraftGrounds, *, now: dt.datetime
) -> DraftResult:
    """Have a drafter write an artifact of a kind from a brief.

    Raises:
        UsageError: There is no such drafter, or it does not draft this kind.
        BadInput: The drafter cannot make anything of the brief.
    """
    names = dict.fromkeys(name for name, _, _ in DRAFTERS)
    if drafter not in names:
        raise UsageError(
            f"there is no drafter {drafter!r}", hint=f"drafters here: {', '.join(names)}"
        )
    kinds = {k: place for name, k, place in DRAFTERS if name == drafter}
    if kind not in kinds:
        raise UsageError(f"{drafter} cannot draft {kind!r}", hint=f"it drafts: {', '.join(kinds)}")
    module, _, name = kinds[kind].partition(":")
    function: Drafter = getattr(import_module(module), name)
    return function(brief, grounds, now=now)


def ask(language: str, drafter: str, grounds: HuntGrounds) -> QueryDraft:
    """Have a drafter write a query for a question.

    Raises:
        UsageError: There is no such drafter.
        BadInput: The drafter cannot make anything of the question.
    """
    module = import_module(_queries(drafter))
    drafted: QueryDraft = module.ask(
        grounds.question, grounds.links, grounds.visible, language, grounds.estate
    )
    return drafted


def refine(query: Query, drafter: str, grounds: HuntGrounds) -> QueryDraft:
    """Have a drafter edit a query by an instruction, `grounds.question`; raises as `ask` does."""
    module = import_module(_queries(drafter))
    edited: QueryDraft = module.refine(
        query.text, query, grounds.question, grounds.links, grounds.visible, grounds.estate
    )
    return edited


def _queries(drafter: str) -> str:
    places = dict(QUERY_DRAFTERS)
    if drafter not in places:
        raise UsageError(
            f"no drafter {drafter!r} writes queries", hint=f"drafters here: {', '.join(places)}"
        )
    return places[drafter]


def corpus_rule(path: str, text: str) -> CorpusRule | None:
    """Read one rule of a corpus as drafters and checks need it; None when it is no rule."""
    from undersign.drafters.offline.retrieve import corpus_rule as read

    return read(path, text)


def converse(prompt: Prompt, drafter: str, door: Door, *, repair: Repair | None = None) -> Reply:
    """Have a model answer a prompt in the prompt's form.

    `drafter` is a name in effect, see `names.in_effect`: it is judged, recorded and sent to as it
    stands, whatever address the environment names.

    A reply that does not fit is sent back once, with what does not fit. A `repair` sends a reply
    back for what the checks found in it, and then there is no other: a draft is written twice at
    most. Both are the second attempt of the same call in the ledger.

    Raises:
        UsageError: There is no such drafter, or a key or a package is missing: nothing was sent.
        PolicyRefused: The policy forbids it, or nobody consented: nothing was sent.
        DrafterFailed: The drafter could not be reached, or did not answer in time.
        BadInput: The reply does not fit the form, twice; or a replay holds none.
        StorageError: The ledger or the recording cannot be written.
    """
    name = names.parse(drafter)
    check_schema(prompt.reply_schema)
    door = replace(door, consent=_once(door.consent))
    if repair is not None:
        if repair.reply.repaired:
            raise ValueError("a draft is repaired once")
        again = _with(prompt, json.dumps(repair.reply.slots, ensure_ascii=False), repair.found)
        return _attempt(again, name, door, _entry(again, name, repair.reply.call, 2))
    first = _entry(prompt, name, secrets.token_hex(8), 1)
    try:
        return _attempt(prompt, name, door, first)
    except _Unfit as unfit:
        door.progress("the reply does not fit its form: asked once more")
        again = _with(prompt, unfit.text, Passage("what does not fit", unfit.findings))
        return _attempt(again, name, door, _entry(again, name, first.call, 2))


def _once(consent: Callable[[Asking], str | None]) -> Callable[[Asking], str | None]:
    """Ask once for the same cells: a second attempt asks for what the first one asked."""
    answers: dict[frozenset[Cell], str | None] = {}

    def answer(asking: Asking) -> str | None:
        if asking.cells not in answers:
            answers[asking.cells] = consent(asking)
        return answers[asking.cells]

    return answer


class _Unfit(BadReply):
    """A bad reply together with its text, values restored."""

    def __init__(self, bad: BadReply, text: str) -> None:
        BadInput.__init__(self, bad.message)
        self.findings, self.text = bad.findings, text


def _entry(prompt: Prompt, name: DrafterName, call: str, attempt: int) -> CallEntry:
    return CallEntry(
        call=call,
        step="",
        drafter=str(name),
        purpose=prompt.purpose,
        kind=prompt.kind,
        prompt_digest=prompt.digest,
        attempt=attempt,
    )


def _with(prompt: Prompt, reply: str, found: Passage) -> Prompt:
    """Add a reply and what is wrong with it to its prompt.

    All that is in the reply was seen or made up by the drafter it goes back to, but it is ordinary
    work by now and nothing published; what is spotted in it is hidden again.
    """
    earlier = Passage("your earlier reply", reply, "internal")
    return replace(prompt, passages=(*prompt.passages, earlier, found))


def _attempt(prompt: Prompt, name: DrafterName, door: Door, entry: CallEntry) -> Reply:
    looked = door.guard.look(_texts(prompt), str(name), prompt.purpose, door.now)
    entry = _judged(entry, looked)
    entry = replace(entry, consent=_allowed(prompt, looked, door, entry))
    message, scope = _message(prompt, looked, door)
    entry = replace(entry, sent_digest=sha256(message.text.encode()).hexdigest())
    said = _said(message, name, door, entry)
    entry = replace(
        entry,
        reply_digest=sha256(said.text.encode("utf-8", "replace")).hexdigest(),
        answered_by=said.answered_by,
        usage=said.usage,
    )
    slots, withheld = _slots(prompt, said, scope, door, entry)
    if door.record_to is not None:
        recording.append(door.record_to, message, said, str(name))
    return Reply(
        slots=slots,
        call=entry.call,
        drafter=entry.drafter,
        answered_by=said.answered_by,
        usage=said.usage,
        redacted=looked.hides,
        withheld=withheld,
        repaired=entry.attempt > 1,
    )


def _texts(prompt: Prompt) -> list[tuple[str, str]]:
    """Everything that would be sent, each with its declared class: looked at without exception."""
    form = json.dumps(prompt.reply_schema, ensure_ascii=False)
    ours = [(prompt.instructions, _OURS), (form, _OURS)]
    return ours + [(passage.text, passage.data_class) for passage in prompt.passages]


def _labels(prompt: Prompt) -> list[str]:
    """Name the texts of `_texts`, in their order."""
    return ["instructions", "reply form", *(passage.label for passage in prompt.passages)]


def _judged(entry: CallEntry, looked: Looked) -> CallEntry:
    by = looked.judgement.decided_by
    return replace(
        entry,
        classes=looked.classes,
        ruling=looked.judgement.ruling.value,
        rule=by.rule if by else "",
    )


def _allowed(prompt: Prompt, looked: Looked, door: Door, entry: CallEntry) -> str:
    """Return who consented, or nothing where nobody needs to; record and raise a refusal."""
    judgement = looked.judgement
    if judgement.ruling in (Ruling.ALLOW, Ruling.REDACT):
        return ""
    asks = judgement.ruling is Ruling.ASK
    who = door.consent(_asking(prompt, looked, entry)) if asks else None
    if who:
        return who
    why = _refusal(prompt, looked, entry.drafter)
    door.record(replace(entry, step="refused", error=why))
    raise PolicyRefused(why, hint=_address_step(looked, entry) + _next_step(looked, entry))


def _asking(prompt: Prompt, looked: Looked, entry: CallEntry) -> Asking:
    texts = zip(_labels(prompt), _texts(prompt), strict=True)
    sizes = tuple((label, data_class, len(text)) for label, (text, data_class) in texts)
    return Asking(entry.drafter, prompt.purpose, looked.judgement, looked.classes, sizes)


def _address_step(looked: Looked, entry: CallEntry) -> str:
    """Say which variable sends a drafter elsewhere, and what a policy calls that address."""
    name = names.parse(entry.drafter)
    if not (name.url and name.line.home):
        return ""
    variable = names.named_by(name)
    steps = [f"{variable} names the address: unset it"] if variable else []
    by = looked.judgement.decided_by
    if by is not None and by.rule == DEFAULT:
        steps.append(f'list "{name.provider}:*@{name.url}" under `drafters` in policy.yml')
    return f"{', or '.join(steps)}; " if steps else ""


def _next_step(looked: Looked, entry: CallEntry) -> str:
    by = looked.judgement.decided_by
    data = f" --class {by.cell.data_class}" if by else ""
    who, what = shlex.quote(entry.drafter), entry.purpose
    explain = f"undersign policy explain --drafter {who} --purpose {what}{data}"
    if looked.judgement.ruling is Ruling.ASK:
        return f"nothing was sent; say yes at a terminal, or see {explain}"
    return f"nothing was sent; {explain}"


def _refusal(prompt: Prompt, looked: Looked, drafter: str) -> str:
    """Say what is refused, where it stands and by which rule, without a word of the text."""
    by = looked.judgement.decided_by
    if by is None:
        return f"the policy refuses {drafter} for {prompt.purpose}"
    data = f"{by.cell.data_class} data{_place(prompt, looked, by)}"
    if by.ruling is Ruling.REFUSE:
        what = f"the policy refuses to show {data} to {drafter} for {prompt.purpose}"
    else:
        what = f"nobody consented that {drafter} sees {data} for {prompt.purpose}"
    return f"{what}: {by.why} [{by.rule}]"


def _place(prompt: Prompt, looked: Looked, by: Ruled) -> str:
    labels = _labels(prompt)
    declared = [data_class for _, data_class in _texts(prompt)]
    for (text, _), label, spots in zip(_texts(prompt), labels, looked.spotted, strict=True):
        for spot in spots:
            if spot.data_class == by.cell.data_class:
                line = text.count("\n", 0, spot.start) + 1
                return f" ({label}, line {line}: {spot.rule})"
    if by.cell.data_class in declared:
        return f" ({labels[declared.index(by.cell.data_class)]})"
    return ""


def _message(prompt: Prompt, looked: Looked, door: Door) -> tuple[Message, Scope]:
    """Write the message with everything hidden that the policy hides."""
    from undersign.drafters.message import Message

    scope = door.guard.scope()
    texts = [text.encode("utf-8", "replace").decode() for text, _ in _texts(prompt)]
    instructions, form, *shown = door.guard.hide(texts, looked, scope)
    try:
        schema = json.loads(form)
    except ValueError:
        raise BadInput("the reply's form holds what the policy hides") from None
    passages = tuple(
        replace(passage, text=text) for passage, text in zip(prompt.passages, shown, strict=True)
    )
    return Message(instructions, passages, schema, next(door.turns)), scope


def _said(message: Message, name: DrafterName, door: Door, entry: CallEntry) -> Said:
    """Send it, with the ledger told before and, when nothing comes back, after."""
    say = _provider(name)
    if door.record_to is not None:
        recording.require_writable(door.record_to)
    door.record(replace(entry, step="sending"))
    errand = Errand(door.timeout, door.progress)
    try:
        said = say(name, message, errand)
    except KeyboardInterrupt:
        door.record(replace(entry, step="failed", error="interrupted"))
        raise
    except UndersignError as error:
        door.record(replace(entry, step="failed", error=error.message))
        raise
    except Exception as odd:  # noqa: BLE001 - a provider's package may raise anything, key and all
        why = f"{name.provider} failed: {type(odd).__name__}"
        door.record(replace(entry, step="failed", error=why))
        raise DrafterFailed(why) from None
    return replace(said, usage=replace(said.usage, seconds=round(errand.taken, 3)))


def _provider(name: DrafterName) -> Callable[[DrafterName, Message, Errand], Said]:
    from undersign.drafters.keys import require

    require(name.line)
    say: Callable[[DrafterName, Message, Errand], Said] = import_module(name.line.module).say
    return say


def _slots(
    prompt: Prompt, said: Said, scope: Scope, door: Door, entry: CallEntry
) -> tuple[dict[str, Any], int]:
    """Restore and validate a reply, record what came of it, and count what was not restored."""
    texts = [text for text, _ in _texts(prompt)]
    try:
        slots, withheld = restored(json_object(said.text), scope, texts)
        validate(slots, prompt.reply_schema)
    except BadReply as bad:
        door.record(replace(entry, step="failed", error=bad.message))
        raise _Unfit(bad, scope.restored(said.text[:_MOST_RETURNED])) from None
    door.record(replace(entry, step="answered"))
    if withheld:
        door.progress(f"{withheld} hidden values stay hidden: the reply names a place beside them")
    return slots, withheld
