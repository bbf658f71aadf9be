"""Expressions of a guard, evaluated."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property

from undersign.surfaces.review.dataflow.project import FunctionInfo
from undersign.surfaces.review.upstream.asking import Asking
from undersign.surfaces.review.upstream.names import Frame, value_of, variable
from undersign.surfaces.review.upstream.running import Raised, Returned
from undersign.surfaces.review.upstream.values import (
    FALSE,
    NONE,
    ROLE,
    TRUE,
    WHO,
    Bag,
    Chosen,
    Context,
    Instance,
    Items,
    Known,
    Library,
    Lookup,
    Low,
    Made,
    Person,
    Present,
    Request,
    Session,
    Unknown,
    Value,
    constant,
    is_who,
    login_key,
    secret_place,
    turn,
)

_BAGS = frozenset(
    {
        "headers", "META", "cookies", "COOKIES", "args", "form", "GET", "POST", "values", "data",
        "query_params", "files", "FILES", "json", "path_params", "view_args", "query",
    }
)  # fmt: skip


class Reading(Asking):
    """Evaluates expressions; calls are left to whoever follows them."""

    @cached_property
    def awaited(self) -> list[ast.expr]:
        """Calls that are waited for."""
        return []

    @abstractmethod
    def call(self, node: ast.Call, frame: Frame) -> Value:
        """Evaluate a call."""

    def value(self, node: ast.expr | None, frame: Frame) -> Value:
        """Evaluate an expression."""
        if node is None:
            return NONE
        read = _READERS.get(type(node))
        if read is not None:
            return read(self, node, frame)
        return constant(node) or Unknown()

    def name(self, node: ast.expr, frame: Frame) -> Value:
        """Return what a name stands for: here, in the module, or where it was imported from."""
        assert isinstance(node, ast.Name)
        if node.id in frame.names:
            return frame.names[node.id]
        if self.project.ambiguous(node.id, frame.info):
            return Unknown(bool(WHO.search(node.id)))
        return self.named(frame.info.imports.get(node.id, node.id), frame)

    def named(self, name: str, frame: Frame) -> Value:
        """Return what a dotted name stands for."""
        if name == "rest_framework.permissions.SAFE_METHODS":
            return Known((("GET", "HEAD", "OPTIONS"),))
        made = variable(name, frame.info, self.project)
        if made is not None and isinstance(made.value, ast.Call):
            maker = made.module.dotted(made.value.func)
            near = made.module
            found = self.project.find(maker, near) or self.project.find(f"{near.name}.{maker}")
            if isinstance(found, FunctionInfo):
                return self.value(made.value, Frame(near))
        return value_of(name, frame.info, self.project)

    def attribute(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate `a.b`."""
        assert isinstance(node, ast.Attribute)
        if (
            node.attr == "path"
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "url"
        ):
            return self.run.facts.path or Unknown()
        held = self.value(node.value, frame)
        return self.attribute_of(held, node.attr, frame)

    def attribute_of(self, held: Value, attr: str, frame: Frame) -> Value:
        """Return an attribute of a value."""
        if isinstance(held, Library):
            return self.named(f"{held.name}.{attr}", frame)
        if isinstance(held, Known) and held.values == (None,):
            raise Raised("AttributeError", crash=True)
        read = _ATTRIBUTES.get(type(held))
        return read(self, held, attr) if read else Unknown(is_who(held) or bool(WHO.search(attr)))

    def of_person(self, held: Value, attr: str) -> Value:
        """Return an attribute of the framework's user object."""
        self.run.who = True
        if self.anyone:
            return Unknown(who=True)
        if attr in ("is_authenticated", "is_active"):
            return FALSE if self.nobody else TRUE
        if attr == "is_anonymous":
            return TRUE if self.nobody else FALSE
        return Low() if ROLE.search(attr) else Unknown(who=True)

    def of_request(self, held: Value, attr: str) -> Value:
        """Return an attribute of the request."""
        facts = self.run.facts
        if attr in _BAGS:
            return Bag()
        if attr == "method":
            return Known(facts.methods) if facts.methods else Unknown()
        if attr in ("path", "path_info"):
            return facts.path or Unknown()
        if attr in ("endpoint", "blueprint"):
            return (facts.endpoint if attr == "endpoint" else facts.blueprint) or Unknown()
        plain: Mapping[str, Value] = {
            "session": Session(), "state": Context("state"), "authorization": Chosen(secret=True),
        }  # fmt: skip
        if attr in plain:
            return plain[attr]
        if attr == "user" and facts.person:
            return self.kept("request.user") or Person()
        if attr == "auth" and facts.person and not self.anyone:
            return NONE if self.nobody else Present()
        return self.kept(f"request.{attr}") or Unknown(bool(WHO.search(attr)))

    def of_context(self, held: Value, attr: str) -> Value:
        """Return what the project keeps for the rest of a request."""
        assert isinstance(held, Context)
        return self.kept(f"{held.name}.{attr}") or Unknown(bool(WHO.search(attr)))

    def of_chosen(self, held: Value, attr: str) -> Value:
        """Return a part of what the sender chose."""
        assert isinstance(held, Chosen)
        part = held.secret and attr not in ("username", "scheme", "type", "login")
        return Chosen(part or secret_place(attr))

    def of_session(self, held: Value, attr: str) -> Value:
        """Return what a session holds under a name."""
        return self.from_session(Known((attr,)), NONE)

    def of_present(self, held: Value, attr: str) -> Value:
        """Return an attribute of a user that is there, or a claim of a token."""
        return Low() if ROLE.search(attr) and not self.anyone else Unknown(who=True)

    def of_instance(self, held: Value, attr: str) -> Value:
        """Return an attribute or a method of an object of the project."""
        assert isinstance(held, Instance)
        if attr in held.names:
            return held.names[attr]
        method = self.project.method(held.owner, attr)
        if method is not None:
            return Made(method, {}, held)
        if attr == "request":
            return Request()
        if attr == "action" and self.run.facts.action:
            return Known((self.run.facts.action,))
        return Unknown(bool(WHO.search(attr)))

    def from_session(self, key: Value, default: Value) -> Value:
        """Return what a session holds under a key."""
        self.run.who = self.run.who or (isinstance(key, Known) and login_key(str(key.values[0])))
        if isinstance(key, Known) and (kept := self.run.shared.get(f"session.{key.values[0]}")):
            return kept
        held = self.in_session(key)
        if self.anyone:
            return Unknown(who=True)
        if held is None and isinstance(key, Known) and self.kept(f"session.{key.values[0]}"):
            return Unknown(who=True)
        if held is None:
            return Chosen()  # whoever comes may have something there
        if held:
            return Present()
        return default if self.nobody else Low()

    def subscript(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate `a[b]`."""
        assert isinstance(node, ast.Subscript)
        held = self.value(node.value, frame)
        key = self.value(node.slice, frame) if not isinstance(node.slice, ast.Slice) else NONE
        if isinstance(held, Session):
            found = self.from_session(key, NONE)
            if found == NONE:
                raise Raised("KeyError", crash=True)
            return found
        if isinstance(held, Known) and held.values == (None,):
            raise Raised("TypeError", crash=True)
        if isinstance(held, Low):
            return held
        return self._item(held, key)

    def _item(self, held: Value, key: Value) -> Value:
        name = str(key.values[0]) if isinstance(key, Known) else ""
        if isinstance(held, Items) and name.isdigit() and int(name) < len(held.items):
            return held.items[int(name)]
        if isinstance(held, Bag | Chosen):
            inner = isinstance(held, Chosen) and held.secret
            return Chosen(inner or secret_place(name))
        if isinstance(held, Present):
            return self.of_present(held, name)
        if isinstance(key, Chosen) and key.secret:
            return self.looked_up(Lookup(empty=self.nobody), raises="KeyError")
        return Unknown(is_who(held) or is_who(key))

    def looked_up(self, query: Lookup, raises: str = "") -> Value:
        """Return the row that was asked for by something that tells who somebody is."""
        self.run.who = True
        if self.anyone:
            if raises and self.run.choose("is it there", free=False):
                raise Raised(raises)
            return Unknown(who=True)
        if not query.empty:
            return Present()
        if raises:
            raise Raised(raises)
        return NONE

    def either(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate `and` and `or`."""
        assert isinstance(node, ast.BoolOp)
        stop_at = isinstance(node.op, ast.Or)
        found: Value = NONE
        for part in node.values:
            found = self.value(part, frame)
            if part is not node.values[-1] and self.truth(found, ast.unparse(part)) is stop_at:
                return found
        return found

    def test(self, node: ast.expr, frame: Frame) -> bool:
        """Say whether a condition holds; every part of it is asked once."""
        if isinstance(node, ast.BoolOp):
            stop_at = isinstance(node.op, ast.Or)
            held = (self.test(part, frame) for part in node.values)
            return any(held) if stop_at else all(held)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not self.test(node.operand, frame)
        return self.truth(self.value(node, frame), ast.unparse(node))

    def unary(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate `not a`."""
        assert isinstance(node, ast.UnaryOp)
        if isinstance(node.op, ast.Not):
            return FALSE if self.test(node.operand, frame) else TRUE
        found = self.value(node.operand, frame)
        return found if isinstance(found, Low) else Unknown()

    def compare(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate comparisons."""
        assert isinstance(node, ast.Compare)
        left = self.value(node.left, frame)
        for operator, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part, frame)
            if not self._holds(operator, left, right, ast.unparse(node)):
                return FALSE
            left = right
        return TRUE

    def _holds(self, operator: ast.cmpop, left: Value, right: Value, text: str) -> bool:
        if isinstance(operator, ast.Eq | ast.Is):
            return self.equal(left, right, text)
        if isinstance(operator, ast.NotEq | ast.IsNot):
            return not self.equal(left, right, text)
        if isinstance(operator, ast.In):
            return self.contains(left, right, text)
        if isinstance(operator, ast.NotIn):
            return not self.contains(left, right, text)
        self.note(left, right)
        free = isinstance(left, Chosen) or isinstance(right, Chosen)
        return self.run.choose(text, free=free)

    def conditional(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate `a if b else c`."""
        assert isinstance(node, ast.IfExp)
        held = self.test(node.test, frame)
        return self.value(node.body if held else node.orelse, frame)

    def walrus(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate `a := b`."""
        assert isinstance(node, ast.NamedExpr)
        found = self.value(node.value, frame)
        frame.names[node.target.id] = found
        return found

    def inner(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate `await a`, `*a`."""
        if isinstance(node, ast.Await):
            self.awaited.append(node.value)
        return self.value(node.value, frame)  # type: ignore[attr-defined]

    def yielded(self, node: ast.expr, frame: Frame) -> Value:
        """A dependency that yields: what it yields is what it gives."""
        assert isinstance(node, ast.Yield)
        raise Returned(self.value(node.value, frame), node.lineno)

    def function(self, node: ast.expr, frame: Frame) -> Value:
        """Return a lambda with the names around it."""
        assert isinstance(node, ast.Lambda)
        info = FunctionInfo(f"{frame.info.name}.<lambda>", node, frame.info, frame.owner)
        return Made(info, frame.names)

    def several(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate the parts of a tuple, list, set, dictionary or text."""
        if (known := constant(node)) is not None:
            return known
        parts = [
            self.value(n, frame) for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)
        ]
        if isinstance(node, ast.Tuple | ast.List):
            return Items(tuple(parts))
        return self.mixed(*parts)

    def mixed(self, *parts: Value) -> Value:
        """Return what comes of values that are put together."""
        chosen = [p for p in parts if isinstance(p, Chosen)]
        if chosen:
            return Chosen(any(p.secret for p in chosen))
        return Unknown(any(is_who(p) for p in parts))

    def joined(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate `a + b`, `a & b`."""
        assert isinstance(node, ast.BinOp)
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if isinstance(node.op, ast.BitAnd) and Low() in (left, right):
            return Low()
        return self.mixed(left, right)

    def comprehension(self, node: ast.expr, frame: Frame) -> Value:
        """Evaluate one turn of a comprehension."""
        assert isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp)
        for part in node.generators:
            over = self.value(part.iter, frame)
            if isinstance(over, Low):
                return over
            one = turn(over)
            for name in (n for n in ast.walk(part.target) if isinstance(n, ast.Name)):
                frame.names[name.id] = one
        return Items((self.value(node.elt, frame),))


_Reader = Callable[[Reading, ast.expr, Frame], Value]
_READERS: dict[type[ast.expr], _Reader] = {
    ast.Name: Reading.name,
    ast.Attribute: Reading.attribute,
    ast.Subscript: Reading.subscript,
    ast.BoolOp: Reading.either,
    ast.UnaryOp: Reading.unary,
    ast.Compare: Reading.compare,
    ast.IfExp: Reading.conditional,
    ast.NamedExpr: Reading.walrus,
    ast.Await: Reading.inner,
    ast.Yield: Reading.yielded,
    ast.Starred: Reading.inner,
    ast.FormattedValue: Reading.inner,
    ast.Lambda: Reading.function,
    ast.BinOp: Reading.joined,
    ast.GeneratorExp: Reading.comprehension,
    ast.ListComp: Reading.comprehension,
    ast.SetComp: Reading.comprehension,
    **dict.fromkeys((ast.Tuple, ast.List, ast.Set, ast.Dict, ast.JoinedStr), Reading.several),
    ast.Call: lambda self, node, frame: self.call(node, frame),  # type: ignore[arg-type]
}
_ATTRIBUTES: dict[type, Callable[[Reading, Value, str], Value]] = {
    Person: Reading.of_person,
    Request: Reading.of_request,
    Context: Reading.of_context,
    Chosen: Reading.of_chosen,
    Bag: lambda self, held, attr: Chosen(secret_place(attr)),
    Session: Reading.of_session,
    Present: Reading.of_present,
    Low: lambda self, held, attr: held,
    Instance: Reading.of_instance,
}
