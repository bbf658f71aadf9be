"""Questions of code about values: is it true, are they equal, is it among them?"""

from __future__ import annotations

from abc import abstractmethod
from itertools import product

from undersign.surfaces.review.upstream.names import Names
from undersign.surfaces.review.upstream.running import Run
from undersign.surfaces.review.upstream.values import (
    ROLE,
    SCHEMES,
    Bag,
    Chosen,
    Items,
    Known,
    Library,
    Lookup,
    Low,
    Person,
    Prefix,
    Session,
    Unknown,
    Value,
    World,
    is_who,
    login_key,
    secret_place,
)

_ORDINARY = frozenset(
    {
        "user", "member", "customer", "guest", "viewer", "reader", "basic", "anonymous", "public",
        "default",
    }
)  # fmt: skip


class Asking:
    """Answers in one run; what is not known is chosen."""

    def __init__(self, run: Run, project: Names) -> None:
        self.run = run
        self.project = project

    @abstractmethod
    def kept(self, name: str) -> Value | None:
        """Return what the project keeps for the rest of a request under `flask.g.user`."""

    @property
    def nobody(self) -> bool:
        """Whether the sender is not logged in."""
        return self.run.world is World.NOBODY

    @property
    def anyone(self) -> bool:
        """Whether it is left open who that is."""
        return self.run.world is World.ANYONE

    def note(self, *values: Value) -> None:
        """Remember that who somebody is was asked for."""
        if any(is_who(value) for value in values):
            self.run.who = True

    def truth(self, value: Value, text: str) -> bool:
        """Say whether a value is true."""
        self.note(value)
        if isinstance(value, Known):
            said = {bool(one) for one in value.values}
            return said.pop() if len(said) == 1 else self.run.choose(text, free=False)
        if isinstance(value, Items):
            return bool(value.items)
        if isinstance(value, Chosen):
            sure = value.secret and self.run.world is World.USER
            return sure or self.run.choose(text, free=True)
        if isinstance(value, Person) and self.anyone:
            return self.run.choose(text, free=False)
        if isinstance(value, Low):
            return self.run.choose(text, free=False) if self.anyone else False
        if isinstance(value, Unknown | Session | Lookup | Library):
            return self.run.choose(text, free=False)
        return True

    def equal(self, left: Value, right: Value, text: str) -> bool:
        """Say whether two values are equal."""
        self.note(left, right)
        if isinstance(left, Known) and isinstance(right, Known):
            said = {a == b for a, b in product(left.values, right.values)}
            return said.pop() if len(said) == 1 else self.run.choose(text, free=False)
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Chosen):
                return self._chosen(one, other, text)
        for one, other in ((left, right), (right, left)):
            answer = self._equal(one, other)
            if answer is not None:
                return answer
        return self.run.choose(text, free=False)

    def _chosen(self, one: Chosen, other: Value, text: str) -> bool:
        if isinstance(other, Chosen):
            return self.run.choose(text, free=True)
        if isinstance(other, Known):
            plain = all(
                not isinstance(v, str) or v.strip(" :").casefold() in SCHEMES for v in other.values
            )
            if plain or not one.secret:
                return self.run.choose(text, free=True)
        if not one.secret:
            return self.run.choose(text, free=False)
        if self.anyone:
            return self.run.choose(text, free=False)
        return not self.nobody

    def _equal(self, one: Value, other: Value) -> bool | None:
        if isinstance(one, Prefix) and isinstance(other, Known):
            may = any(isinstance(v, str) and v.startswith(one.text) for v in other.values)
            return None if may else False
        if self.anyone or isinstance(one, Unknown | Lookup | Session | Bag | Library):
            return None
        if isinstance(one, Low):
            return self._low(other)
        if other == Known((None,)):
            return False
        if isinstance(one, Person) and self.nobody and not isinstance(other, Person):
            return False
        return None

    def _low(self, other: Value) -> bool | None:
        if isinstance(other, Known):
            plain = any(
                not v or (isinstance(v, str) and v.casefold() in _ORDINARY) for v in other.values
            )
            return None if plain else False
        return False if isinstance(other, Unknown) else None

    def contains(self, item: Value, holder: Value, text: str) -> bool:
        """Say whether a value is among others."""
        self.note(item, holder)
        answer: bool | None = None
        if isinstance(holder, Session):
            answer = self.in_session(item)
        elif isinstance(holder, Bag):
            named = isinstance(item, Known) and secret_place(str(item.values[0]))
            self.run.who = self.run.who or named
            return self.run.choose(text, free=True)
        elif isinstance(holder, Known):
            return self._among(item, holder, text)
        elif self.anyone:
            answer = None
        elif isinstance(holder, Low) or isinstance(item, Low):
            answer = False
        elif (isinstance(item, Chosen) and isinstance(holder, Chosen)) or isinstance(
            holder, Chosen
        ):
            return self.run.choose(text, free=True)
        elif isinstance(item, Chosen) and item.secret:
            answer = not self.nobody
        return self.run.choose(text, free=False) if answer is None else answer

    def in_session(self, key: Value) -> bool | None:
        """Say whether a session holds something under a key."""
        if not isinstance(key, Known) or not all(isinstance(k, str) for k in key.values):
            return None
        names = [str(k) for k in key.values]
        if self.anyone or not all(login_key(name) for name in names):
            return None
        if any(self.kept(f"session.{name}") is not None for name in names):
            return None  # a hook puts something there for everyone
        if self.nobody:
            return False
        return not any(ROLE.search(name) for name in names)

    def _among(self, item: Value, holder: Known, text: str) -> bool:
        if isinstance(item, Known):
            said = {_in(a, b) for a, b in product(item.values, holder.values)}
            return said.pop() if len(said) == 1 else self.run.choose(text, free=False)
        held = [v for h in holder.values if isinstance(h, tuple) for v in h]
        if isinstance(item, Chosen):
            return self._chosen(item, Known(tuple(held) or (None,)), text)
        if isinstance(item, Prefix | Low) and held:
            answer = self._equal(item, Known(tuple(held)))
            if answer is not None:
                return answer
        return self.run.choose(text, free=False)


def _in(item: object, holder: object) -> bool:
    if isinstance(holder, str):
        return isinstance(item, str) and item in holder
    return isinstance(holder, tuple) and item in holder
