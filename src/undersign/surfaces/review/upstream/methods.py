"""Methods of values that a guard asks: the session, a header, a user, a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from undersign.surfaces.review.upstream.reading import Reading
from undersign.surfaces.review.upstream.values import (
    FALSE,
    NONE,
    ROLE,
    TRUE,
    WHO,
    Bag,
    Chosen,
    Context,
    Items,
    Known,
    Lookup,
    Low,
    Person,
    Prefix,
    Present,
    Request,
    Session,
    Unknown,
    Value,
    secret_place,
)

ENDS = frozenset(
    {
        "get", "first", "one_or_none", "fetchone", "scalar", "scalar_one_or_none", "find_one",
        "get_or_none", "hget",
    }
)  # fmt: skip
DEMANDS = frozenset(
    {"one", "scalar_one", "get_or_404", "first_or_404", "get_object_or_404", "one_or_404"}
)


@dataclass(frozen=True)
class Given:
    """What a call hands over."""

    plain: tuple[Value, ...]
    named: Mapping[str, Value] = field(default_factory=dict)

    @property
    def all(self) -> tuple[Value, ...]:
        """Every value."""
        return (*self.plain, *self.named.values())

    def has(self, kind: type) -> bool:
        """Say whether a value of this kind is handed over, alone or in a tuple."""
        return any(
            isinstance(v, kind)
            or (isinstance(v, Items) and any(isinstance(i, kind) for i in v.items))
            for v in self.all
        )


class Methods(Reading):
    """Evaluates methods of values whose kind is known."""

    def permission(self, asks: str) -> Value:
        """Return what a permission class of the REST framework says."""
        self.run.who = True
        if asks in ("open", "silent"):
            return TRUE
        if asks.endswith("_to_write"):
            safe = {"GET", "HEAD", "OPTIONS"}
            methods = set(self.run.facts.methods)
            if methods and methods <= safe:
                return TRUE
            if not methods or methods & safe:
                return Unknown(who=True)
        if self.anyone:
            return Unknown(who=True)
        return FALSE if self.nobody or asks.startswith("role") else TRUE

    def of_session_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`session.get`, `session.pop`."""
        if name not in ("get", "pop", "setdefault") or not given.plain:
            return None
        default = given.plain[1] if len(given.plain) > 1 else NONE
        return self.from_session(given.plain[0], default)

    def of_context_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`g.get("user")`."""
        assert isinstance(held, Context)
        key = given.plain[0] if given.plain and name == "get" else None
        if not isinstance(key, Known):
            return None
        word = str(key.values[0])
        return self.kept(f"{held.name}.{word}") or Unknown(bool(WHO.search(word)))

    def of_bag_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`headers.get`."""
        key = given.plain[0] if given.plain else None
        return Chosen(isinstance(key, Known) and secret_place(str(key.values[0])))

    def of_request_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`request.get_json`; a signed cookie is one that he cannot make."""
        if name == "get_signed_cookie":
            return self.looked_up(Lookup(empty=self.nobody), "BadSignature")
        if name in ("get_json", "get_data", "json", "body", "form", "stream"):
            return Chosen()
        return None

    def of_person_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`user.has_perm`."""
        self.run.who = True
        if self.anyone:
            return Unknown(who=True)
        if name.startswith("has_") or (ROLE.search(name) and not name.startswith("get_")):
            return Low()
        return NONE if name == "get_id" and self.nobody else None

    def of_present_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`claims.get("role")`, `user.has_role`."""
        if self.anyone:
            return Unknown(who=True)
        words = [str(k.values[0]) for k in given.plain[:1] if isinstance(k, Known)]
        if name == "get" and words:
            return Low() if ROLE.search(words[0]) else Unknown(who=True)
        return Low() if ROLE.search(name) else Unknown(who=True)

    def of_low_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`user.roles.filter(...)`: there are none."""
        return Unknown(who=True) if self.anyone or name == "isdisjoint" else held

    def of_chosen_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`header.split()`, `body.get("token")`."""
        assert isinstance(held, Chosen)
        key = given.plain[0] if given.plain and name == "get" else None
        named = isinstance(key, Known) and secret_place(str(key.values[0]))
        return Chosen(held.secret or named)

    def of_text_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`path.startswith("/api")`, computed."""
        first = given.plain[0] if given.plain else None
        if isinstance(held, Known) and isinstance(held.values[0], dict):
            return None
        if name in ("startswith", "endswith") and isinstance(first, Known):
            ends = [e for v in first.values for e in (v if isinstance(v, tuple) else (v,))]
            return self._begins(held, name, [e for e in ends if isinstance(e, str)])
        if name in ("lower", "upper", "strip", "rstrip", "lstrip", "casefold") and not given.plain:
            if isinstance(held, Known):
                made = [getattr(v, name)() for v in held.values if isinstance(v, str)]
                return Known(tuple(made)) if len(made) == len(held.values) else None
            return held if name in ("strip", "rstrip") else Unknown()
        return None

    def _begins(self, held: Value, name: str, ends: Sequence[str]) -> Value:
        if isinstance(held, Known):
            said = {getattr(v, name)(tuple(ends)) for v in held.values if isinstance(v, str)}
            return Known(tuple(said)) if said else Unknown()
        if isinstance(held, Prefix) and name == "startswith":
            if any(held.text.startswith(e) for e in ends):
                return TRUE
            return Unknown() if any(e.startswith(held.text) for e in ends) else FALSE
        return Unknown()

    def of_lookup_call(self, held: Value, name: str, given: Given) -> Value | None:
        """`query.first()`."""
        assert isinstance(held, Lookup)
        if name in ENDS:
            return self.looked_up(held)
        if name in DEMANDS:
            return self.looked_up(held, "NotFound")
        if name in ("exists", "count", "all", "fetchall"):
            found = self.looked_up(held)
            return FALSE if found == NONE else found
        return held


METHODS: dict[type, Callable[[Methods, Value, str, Given], Value | None]] = {
    Session: Methods.of_session_call,
    Bag: Methods.of_bag_call,
    Context: Methods.of_context_call,
    Request: Methods.of_request_call,
    Person: Methods.of_person_call,
    Present: Methods.of_present_call,
    Low: Methods.of_low_call,
    Chosen: Methods.of_chosen_call,
    Known: Methods.of_text_call,
    Prefix: Methods.of_text_call,
    Lookup: Methods.of_lookup_call,
}
