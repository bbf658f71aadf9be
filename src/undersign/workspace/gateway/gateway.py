"""The gateway without HTTP: which client asks, what may leave, what is kept of it.

`admit` does everything that comes before a byte leaves: look, decide, redact, and a ledger row that
is on the disk. `forward` sends and hands the answer back as the client may have it. `ended` writes
the second row. A refused request leaves one row and sends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

from undersign.drafters.passage import Headers, Outgoing, Unreachable, Upstream, is_loopback
from undersign.errors import BadInput, StorageError
from undersign.workspace.gateway.audit import Counters, GatewayEntry
from undersign.workspace.gateway.bodies import MAX_BYTES
from undersign.workspace.gateway.looking import Refused, Request, Seen, kept_name, look, wire_of
from undersign.workspace.gateway.policy import Policing, Standing, Unusable
from undersign.workspace.gateway.replies import Answer
from undersign.workspace.gateway.routes import (
    PROVIDERS,
    UNKNOWN,
    answered_by,
    base_urls,
    kept_reply,
    module_for,
    named_client,
    provider_of,
    route_of,
)
from undersign.workspace.gateway.warming import warm

if TYPE_CHECKING:
    from undersign.policy.policy import Client
    from undersign.policy.scope import Scope
    from undersign.workspace.workspace import Workspace

__all__ = [
    "MAX_BYTES", "PROVIDERS", "Admitted", "Asked", "Denied", "Ended", "Gateway", "Unreachable",
    "base_urls", "is_loopback", "open_gateway",
]  # fmt: skip

_LONGEST = 200
_FORBIDDEN, _BAD_REQUEST, _UNAVAILABLE = 403, 400, 503


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in."""

    method: str
    path: bytes
    """As written, without the query."""
    query: bytes
    headers: Headers
    body: bytes = b""


class Denied(Exception):
    """A request that goes nowhere: what its client is told, in the client's own shape."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass(slots=True)
class Admitted:
    """A request that may leave, and what is known of it so far."""

    asked: Asked
    request: Request
    seen: Seen
    scope: Scope
    sending: GatewayEntry
    answer: Answer | None = None
    """Set when the upstream answers."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request that was sent came to its end."""

    step: str
    """`answered`, `failed` or `cut short`."""
    error: str
    seconds: float


class Gateway:
    """One running gateway. Its methods are safe for threads; `forward` is for one event loop.

    `record` appends a ledger row and returns once it is on the disk; `trouble` tells the operator
    one line.
    """

    def __init__(
        self,
        standing: Standing,
        record: Callable[[GatewayEntry], None],
        trouble: Callable[[str], None],
        upstreams: Mapping[str, Upstream],
        clock: Callable[[], datetime],
    ) -> None:
        self.counters = Counters()
        self._standing = standing
        self._record = record
        self.trouble = trouble
        self._upstreams = upstreams
        self._clock = clock

    @property
    def policing(self) -> Policing:
        """The last policy that could be used."""
        return self._standing.last

    def refresh(self) -> None:
        """Take up a changed policy now, and not at the next request; blocks while it is read."""
        # What is wrong with it has been told to the operator, and each request is told again.
        with suppress(Unusable):
            self._standing.now()

    @property
    def upstreams(self) -> dict[str, str]:
        """Provider -> where its requests go."""
        return {name: upstream.url for name, upstream in self._upstreams.items()}

    def admit(self, asked: Asked) -> Admitted:
        """Let a request leave, or raise Denied; either way the ledger knows before it is told.

        Blocks: it looks at everything and waits for the disk.
        """
        entry = GatewayEntry(uuid4().hex, "refused", "gateway/unknown", "", "", UNKNOWN)
        try:
            policing = self._standing.now()
        except Unusable as broken:
            name, _ = named_client(asked.path)
            known = name if name in self.policing.policy.clients else "unknown"
            entry = replace(entry, subject=f"gateway/{known}")
            self._refuse(asked, entry, _FORBIDDEN, Refused(str(broken), hint=""))
        entry = replace(entry, policy=policing.policy.digest, lists=policing.lists)
        try:
            request = _request(asked, policing.policy.clients)
        except Refused as refused:
            self._refuse(asked, entry, _FORBIDDEN, refused)
        entry = _asked(entry, asked, request)
        scope = policing.guard.scope()
        try:
            seen = look(request, policing.guard, scope, self._standing.vault, self._clock())
        except Refused as refused:
            self._refuse(asked, _judged(entry, refused.seen), _FORBIDDEN, refused)
        except BadInput as odd:
            self._refuse(asked, entry, _BAD_REQUEST, odd)
        except Exception as broken:  # noqa: BLE001 - a hostile body may break any reader of it:
            # then nothing leaves, the ledger says so, and no text of the error is told.
            unread = BadInput(f"the request could not be read: {type(broken).__name__}")
            self._refuse(asked, entry, _BAD_REQUEST, unread)
        entry = replace(
            _judged(entry, seen),
            step="sending",
            upstream=self._upstreams[request.provider].url,
            request=f"{asked.method} {request.path.decode('latin-1')}"[:_LONGEST],
            tokens=seen.tokens,
            sent_digest=sha256(seen.body).hexdigest(),
            sent_bytes=len(seen.body),
        )
        self._keep(asked, entry)
        self._count_sent(entry)
        return Admitted(asked, request, seen, scope, entry)

    @asynccontextmanager
    async def forward(self, admitted: Admitted) -> AsyncIterator[Answer]:
        """Send an admitted request and yield its answer; raises Unreachable when there is none."""
        request = admitted.request
        restores = request.answer if len(admitted.scope) else None
        wire = wire_of(restores.module) if restores else None
        outgoing = Outgoing(
            method=admitted.asked.method,
            target=request.path + (b"?" + request.query if request.query else b""),
            headers=_headers(
                request.headers, unpacked=admitted.seen.unpacked, plain=wire is not None
            ),
            body=admitted.seen.body,
        )
        async with self._upstreams[request.provider].send(outgoing) as incoming:
            admitted.answer = Answer(incoming, wire, admitted.scope)
            yield admitted.answer

    def ended(self, admitted: Admitted, how: Ended) -> None:
        """Keep how an admitted request ended. A ledger that fails now is told to the operator."""
        answer = admitted.answer
        self._keep_scope(admitted)
        entry = replace(
            admitted.sending,
            step=how.step,
            seconds=round(how.seconds, 6),
            error=how.error,
            status=answer.status if answer else None,
            reply_digest=answer.digest if answer else "",
            reply_bytes=answer.bytes if answer else 0,
            withheld=answer.withheld if answer else {},
        )
        try:
            self._record(entry)
        except StorageError as error:
            self.counters.add("undersign_gateway_audit_failures_total")
            self.trouble(f"the end of a request is not in the ledger: {error}")
        self._count_ended(entry)

    def denied(self, asked: Asked, status: int, message: str) -> Denied:
        """Return what a client is told that goes nowhere for a reason of HTTP; no row."""
        self.counters.add("undersign_gateway_requests_total", client="", wire="", step="denied")
        return self._told(asked, status, message)

    async def open(self) -> None:
        """Do now what the first request would wait for: imports, certificates, first looks."""
        for upstream in self._upstreams.values():
            await upstream.open()
        with suppress(Unusable):
            policing = await asyncio.to_thread(self._standing.now)
            clients = tuple(policing.policy.clients.values())
            await asyncio.to_thread(
                warm, policing.guard, self._standing.vault, clients, self._clock()
            )

    async def close(self) -> None:
        """Close the connections to the upstreams."""
        for upstream in self._upstreams.values():
            await upstream.close()

    def _refuse(
        self, asked: Asked, entry: GatewayEntry, status: int, error: Refused | BadInput
    ) -> NoReturn:
        self._keep(asked, replace(entry, status=status, error=error.message))
        self._count(entry)
        raise self._told(asked, status, f"undersign: {error}") from None

    def _keep(self, asked: Asked, entry: GatewayEntry) -> None:
        try:
            self._record(entry)
        except StorageError as error:
            self.counters.add("undersign_gateway_audit_failures_total")
            self.trouble(f"nothing is sent while the ledger cannot be written: {error}")
            told = "undersign: the audit ledger cannot be written, so nothing is sent"
            raise self._told(asked, _UNAVAILABLE, told) from None

    def _told(self, asked: Asked, status: int, message: str) -> Denied:
        name, path = named_client(asked.path)
        client = self.policing.policy.clients.get(name)
        route = answered_by(asked.method, path)
        provider = provider_of(client, route, (name for name, _ in asked.headers))
        return Denied(*wire_of(module_for(route, provider)).refusal(message, status))

    def _keep_scope(self, admitted: Admitted) -> None:
        """Keep what was hidden for the request that goes on with this conversation."""
        if not admitted.seen.kept_there or admitted.answer is None or not len(admitted.scope):
            return
        for reply in admitted.answer.ids:
            name = kept_name(admitted.request.client, reply)
            try:
                self._standing.vault.keep(name, admitted.scope, self._clock().timestamp())
            except StorageError as error:
                self.trouble(f"a later answer of this conversation will hold tokens: {error}")

    def _count_sent(self, entry: GatewayEntry) -> None:
        self.counters.add("undersign_gateway_active")
        for name, amount in entry.classes.items():
            self.counters.add("undersign_gateway_pieces_total", amount, data_class=name)
        self.counters.add("undersign_gateway_tokens_total", entry.tokens)
        self.counters.add("undersign_gateway_sent_bytes_total", entry.sent_bytes)

    def _count_ended(self, entry: GatewayEntry) -> None:
        self.counters.add("undersign_gateway_active", -1)
        self._count(entry)
        self.counters.add("undersign_gateway_reply_bytes_total", entry.reply_bytes)
        self.counters.add("undersign_gateway_seconds_total", entry.seconds or 0.0)
        for reason, amount in entry.withheld.items():
            self.counters.add("undersign_gateway_withheld_total", amount, reason=reason)

    def _count(self, entry: GatewayEntry) -> None:
        client = entry.subject.removeprefix("gateway/")
        self.counters.add(
            "undersign_gateway_requests_total", client=client, wire=entry.wire, step=entry.step
        )


def open_gateway(
    workspace: Workspace,
    upstreams: Mapping[str, str],
    trouble: Callable[[str], None],
    *,
    clock: Callable[[], datetime],
) -> Gateway:
    """Open the gateway of a workspace; `upstreams` overrides PROVIDERS by name.

    Raises NoWorkspace where there is no ledger to write to, BadInput for a policy that is none, and
    UsageError for an upstream that may not be one.
    """
    workspace.require_declared()
    places = {name: Upstream(url) for name, url in {**PROVIDERS, **upstreams}.items()}
    from undersign.policy.vault import Vault

    workspace.state.mkdir(exist_ok=True)
    standing = Standing(workspace, Vault(workspace.state), trouble)
    ledger = workspace.ledger

    def record(entry: GatewayEntry) -> None:
        ledger.append("gateway", asdict(entry), now=clock())

    return Gateway(standing, record, trouble, places, clock)


def _request(asked: Asked, clients: Mapping[str, Client]) -> Request:
    name, path = named_client(asked.path)
    client = clients.get(name)
    if client is None:
        raise Refused(
            "the policy names no such client of the gateway",
            hint="add it under `clients` in policy.yml; the base URL ends with its name",
        )
    plain = path.lower().replace(b"%2e", b".").replace(b"%2f", b"/")
    if any(part in (b".", b"..") for part in plain.split(b"/")):
        raise Refused("the path leads elsewhere", hint="no . or .. in it")
    route = route_of(asked.method, path)
    answer = answered_by(asked.method, path)
    if answer and client.wires and answer.wire not in client.wires:
        raise Refused(f"the policy does not let {client.name} speak {answer.wire}")
    provider = provider_of(client, answer, (name for name, _ in asked.headers))
    return Request(
        client=client,
        provider=provider,
        route=route,
        answer=answer,
        kept=kept_reply(asked.method, path),
        path=path,
        query=asked.query,
        headers=asked.headers,
        body=asked.body,
    )


def _asked(entry: GatewayEntry, asked: Asked, request: Request) -> GatewayEntry:
    return replace(
        entry,
        subject=f"gateway/{request.client.name}",
        purpose=request.client.purpose,
        wire=request.answer.wire if request.answer else UNKNOWN,
        request_digest=sha256(asked.body).hexdigest(),
    )


def _judged(entry: GatewayEntry, seen: Seen | None) -> GatewayEntry:
    """Add what was found and ruled; a model's name only once it is known to hold nothing."""
    if seen is None:
        return entry
    ruled = seen.judgement.decided_by if seen.judgement else None
    return replace(
        entry,
        drafter=seen.drafter,
        classes=dict(seen.classes),
        ruling=seen.judgement.ruling.value if seen.judgement else "",
        rule=ruled.rule if ruled else "",
    )


def _headers(headers: Headers, *, unpacked: bool, plain: bool) -> Headers:
    """Return a request's headers; `plain`: the answer is wanted as it can be read here."""
    dropped = {b"content-encoding"} if unpacked else set()
    if not plain:
        return tuple(h for h in headers if h[0] not in dropped)
    kept = tuple(h for h in headers if h[0] not in dropped | {b"accept-encoding"})
    return (*kept, (b"accept-encoding", b"identity"))
