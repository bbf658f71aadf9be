"""What of a request may leave: read by its wire where that is known, word by word where not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from undersign.errors import BadInput, PolicyRefused
from undersign.records.ruling import Judgement, Ruled, Ruling
from undersign.workspace.gateway.bodies import content_encoding, unpacked, words

if TYPE_CHECKING:
    from undersign.drafters.passage import Headers
    from undersign.policy.guard import Guard, Looked
    from undersign.policy.policy import Client
    from undersign.policy.scope import Scope
    from undersign.policy.vault import Vault
    from undersign.policy.wire import Wire
    from undersign.workspace.gateway.routes import Route

OPAQUE = "opaque-binary"
KEEPS = "openai-responses"
"""The wire whose upstream keeps conversations."""
_MODEL = re.compile(r"(?!.*://)[\w.:/@+\[\]-]{1,200}", re.ASCII)
"""No address: it would be judged as if it went there, and goes where this gateway sends it."""
_HINT = "undersign policy explain"


@dataclass(frozen=True, slots=True)
class Request:
    """What is looked into: one request of a client that the policy knows."""

    client: Client
    provider: str
    route: Route | None
    """By which its body is read; None: nobody here can."""
    answer: Route | None
    """By which its answer is read."""
    kept: str
    """Id of a reply that the upstream kept and is asked for once more; mostly empty."""
    path: bytes
    """As the upstream is asked, without the client's name."""
    query: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a request, and the body that may leave."""

    drafter: str
    judgement: Judgement | None
    """None for a request without a body, which shows nothing to a drafter."""
    classes: Mapping[str, int]
    body: bytes
    unpacked: bool
    """Whether `body` leaves without the packing it came in."""
    tokens: int = 0
    """Different values that are hidden in `body`."""
    kept_there: bool = False
    """Whether the upstream may keep the conversation, and be asked to go on with it by an id."""


def kept_name(client: Client, reply: str) -> str:
    """Return under which name a scope is kept: one client never gets what another one hid."""
    return f"{client.name}/{reply}"


class Refused(PolicyRefused):
    """A request that may not leave, with what the ledger keeps of it."""

    def __init__(self, message: str, seen: Seen | None = None, *, hint: str = _HINT) -> None:
        super().__init__(message, hint=hint)
        self.seen = seen


def wire_of(module: str) -> Wire:
    """Import a wire by its module's name."""
    wire: Wire = import_module(module)
    return wire


def look(request: Request, guard: Guard, scope: Scope, vault: Vault, now: datetime) -> Seen:
    """Judge a request and hide what must not leave; what is hidden goes into the scope.

    The scope also gets what was hidden earlier in a conversation that the upstream keeps.

    Raises Refused, or BadInput for a body that cannot be read as its wire wants it.
    """
    encoding = content_encoding(request.headers)
    plain = unpacked(request.body, encoding)
    looking = _Looking(request, guard, scope, vault, now, plain, bool(encoding))
    if request.route is not None:
        return looking.known(request.route)
    seen = looking.unknown()
    if request.kept:
        looking.take_in(request.kept)
    return seen


@dataclass(frozen=True, slots=True)
class _Looking:
    request: Request
    guard: Guard
    scope: Scope
    vault: Vault
    now: datetime
    plain: bytes
    was_packed: bool

    def known(self, route: Route) -> Seen:
        from undersign.policy.wire import json_body

        wire = wire_of(route.module)
        body = json_body.parse(self.plain)
        drafter = self._drafter(body)
        self._address(drafter)
        texts = wire.texts(body)
        own = self.request.client.data_class
        passages = [(t.text, OPAQUE if t.data_class == OPAQUE else own) for t in texts]
        looked = self.guard.look(passages, drafter, self.request.client.purpose, self.now)
        seen = self._seen(drafter, looked, self.plain)
        self._allowed(seen, Ruling.REDACT)
        hidden = self.guard.hide(
            [t.text for t in texts], looked, self.scope, [t.source for t in texts]
        )
        sent = json_body.written(self.plain, body, wire.with_texts(body, hidden))
        seen = self._seen(drafter, looked, sent)
        tokens = len(self.scope)  # what earlier requests hid comes into the scope after this
        return replace(seen, tokens=tokens, kept_there=self._continued(route, body))

    def _continued(self, route: Route, body: Mapping[str, Any]) -> bool:
        """Take in what earlier requests of the conversation hid; say whether it may go on."""
        if route.wire != KEEPS:
            return False
        from undersign.policy.wire.openai_responses import continues

        for earlier in continues(body):
            self.take_in(earlier)
        return body.get("store") is not False

    def take_in(self, reply: str) -> None:
        """Add what was hidden from a reply that the upstream kept to what may be restored."""
        name = kept_name(self.request.client, reply)
        self.vault.take_in(name, self.scope, self.now.timestamp())

    def unknown(self) -> Seen:
        """Judge a request that nobody here can read: nothing in it can be hidden."""
        from undersign.policy.wire import json_body

        if not self.plain:
            drafter = self._drafter({})
            self._address(drafter)
            return Seen(drafter, None, {}, b"", self.was_packed)
        own = self.request.client.data_class
        try:
            body = json_body.parse(self.plain)
            passages = [(word, own) for word in words(body)]
        except BadInput:
            body, passages = {}, [("", OPAQUE)]
        drafter = self._drafter(body)
        self._address(drafter)
        looked = self.guard.look(
            passages or [("", own)], drafter, self.request.client.purpose, self.now
        )
        seen = self._seen(drafter, looked, self.plain)
        self._allowed(seen, Ruling.ALLOW)
        return seen

    def _drafter(self, body: Mapping[str, Any]) -> str:
        model = body.get("model", "")
        client, provider = self.request.client, self.request.provider
        if not isinstance(model, str) or (model and not _MODEL.fullmatch(model)):
            raise BadInput("the request names no model that could be one")
        named = client.drafter or f"{provider}:{{model}}"
        return named.replace("{model}", model)

    def _address(self, drafter: str) -> None:
        """Refuse what may not leave in clear where nothing can be hidden: in path, query, model."""
        places = [self.request.path, self.request.query]
        written = [unquote_plus(p.decode("latin-1")) for p in places] + [drafter]
        purpose, own = self.request.client.purpose, self.request.client.data_class
        looked = self.guard.look([(text, own) for text in written], drafter, purpose, self.now)
        for spotted in looked.spotted:
            for spot in spotted:
                if looked.judgement.of(spot.data_class) is not Ruling.ALLOW:
                    raise Refused(f"{spot.data_class} data ({spot.rule}) in the request's address")

    def _seen(self, drafter: str, looked: Looked, body: bytes) -> Seen:
        counted = Counter(s.data_class for spotted in looked.spotted for s in spotted)
        declared = {r.cell.data_class: 0 for r in looked.judgement.ruled}
        return Seen(drafter, looked.judgement, {**declared, **counted}, body, self.was_packed)

    def _allowed(self, seen: Seen, mildest_wrong: Ruling) -> None:
        """Raise Refused for a ruling that cannot be kept; up to `mildest_wrong` it can."""
        ruled = seen.judgement.decided_by if seen.judgement else None
        if ruled is not None and ruled.ruling.strictness > mildest_wrong.strictness:
            raise Refused(_told(ruled), seen)


def _told(ruled: Ruled) -> str:
    what = f"{ruled.cell.data_class} data for {ruled.cell.purpose} ({ruled.rule}: {ruled.why})"
    if ruled.ruling is Ruling.ASK:
        return (
            f"the policy wants a person's yes for {what}; nobody can be asked behind a gateway: "
            "an exception in policy.yml, with an owner and a date, says it in advance"
        )
    if ruled.ruling is Ruling.REDACT:
        return f"the policy hides {what}, and nothing can be hidden in a request of this form"
    return f"the policy refuses {what}"
