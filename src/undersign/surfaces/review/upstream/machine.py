"""Statements of a guard, executed in one run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence

from undersign.surfaces.review.dataflow.project import Function, FunctionInfo
from undersign.surfaces.review.upstream.calling import Calling
from undersign.surfaces.review.upstream.methods import Given
from undersign.surfaces.review.upstream.names import Frame, Names
from undersign.surfaces.review.upstream.running import GaveUp, Left, Raised, Returned, Run
from undersign.surfaces.review.upstream.values import (
    NONE,
    WHO,
    Chosen,
    Context,
    Instance,
    Items,
    Made,
    Present,
    Refusal,
    Request,
    Session,
    Stopped,
    Unknown,
    Value,
    World,
    turn,
)

_DEEPEST = 8
_PLAIN = frozenset(
    {
        "staticmethod", "classmethod", "property", "wraps", "lru_cache", "cache", "override",
        "before_request", "before_app_request", "verify_password", "verify_token", "user_loader",
        "cached_property", "final", "overload", "middleware", "get_user_roles",
    }
)  # fmt: skip
_CLOSING = frozenset(
    {
        "open", "begin", "session", "Session", "connect", "atomic", "lock", "Lock", "cursor",
        "app_context", "test_request_context", "transaction", "closing", "timeout",
    }
)  # fmt: skip
"""Context managers that let every exception through."""
_ANY_INVALID = frozenset(
    {"PyJWTError", "InvalidTokenError", "JWTError", "JOSEError", "BadSignature", "BadData"}
)
"""What stands above everything that the verification of a token raises."""
_CATCH_ALL = ("", "Exception", "BaseException")


class Machine(Calling):
    """Executes functions of the project."""

    def __init__(
        self, run: Run, project: Names, kept: Callable[[str, World], list[Value] | None]
    ) -> None:
        super().__init__(run, project)
        self._kept = kept
        self._stack: list[ast.AST] = []

    def kept(self, name: str) -> Value | None:
        """Return what the project keeps for the rest of a request."""
        if name in self.run.shared:
            return self.run.shared[name]
        found = self._kept(name, self.run.world)
        if found is None:
            return None
        if not found:
            # Nobody keeps anything there: to ask for it breaks off, for everyone.
            return None if self.anyone or not WHO.search(name) else self.missing()
        for value in found[:-1]:
            if self.run.choose(name, free=False):
                return value
        return found[-1]

    def missing(self) -> Value:
        """Return what a name stands for that the project keeps nowhere in sight."""
        self.run.who = True
        return NONE if self.nobody else Present()

    def invoke(self, made: Made, given: Given) -> Value:
        """Run a function of the project."""
        node, info = made.info.node, made.info.module
        whole(made.info)
        if node in self._stack:
            return Unknown(who=True)
        if len(self._stack) >= _DEEPEST:
            raise GaveUp(made.info.name)
        frame = Frame(info, dict(made.names), made.info.owner)
        self.bind(made, given, frame)
        if isinstance(node, ast.Lambda):
            return self.value(node.body, frame)
        strange = [d for d in node.decorator_list if _last(d) not in _PLAIN]
        if strange:
            self.run.suspect(f"@{ast.unparse(strange[0])[:60]} around {node.name} was not followed")
            self.run.deed = self.run.deed or (f"{node.name}()" if self.run.in_view else "")
            return Unknown(who=True)
        if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own(node)):
            return Unknown(bool(WHO.search(node.name)))
        self._stack.append(node)
        try:
            self.block(node.body, frame)
        except Returned as returned:
            return returned.value
        finally:
            self._stack.pop()
        return NONE

    def bind(self, made: Made, given: Given, frame: Frame) -> None:
        """Give the parameters of a function their values."""
        args = made.info.node.args
        names = [a.arg for a in (*args.posonlyargs, *args.args)]
        values = list(given.plain)
        if made.bound is not None and names and not made.info.is_static:
            values.insert(0, made.bound)
        elif made.info.owner is not None and names[:1] in (["self"], ["cls"]):
            values.insert(0, Instance(made.info.owner))
        defaults = dict(zip(reversed(names), reversed(args.defaults), strict=False))
        defaults |= {
            a.arg: d
            for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)
            if d is not None
        }
        bound = dict(zip(names, values, strict=False)) | dict(given.named)
        for name in (*names, *(a.arg for a in args.kwonlyargs)):
            if name in bound:
                frame.names[name] = bound[name]
            elif name in defaults:
                frame.names[name] = self.value(defaults[name], Frame(frame.info))
            else:
                frame.names[name] = Unknown(bool(WHO.search(name)))
        for extra in (args.vararg, args.kwarg):
            if extra is not None:
                frame.names[extra.arg] = Unknown()

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Execute statements."""
        for node in body:
            self.run.step()
            execute = _STATEMENTS.get(type(node))
            if execute is not None:
                execute(self, node, frame)

    def expression(self, node: ast.stmt, frame: Frame) -> None:
        """Execute an expression."""
        assert isinstance(node, ast.Expr)
        self.value(node.value, frame)

    def assign(self, node: ast.stmt, frame: Frame) -> None:
        """Execute an assignment."""
        assert isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
        if node.value is None:
            return
        found = self.value(node.value, frame)
        if isinstance(node, ast.AugAssign):
            found = Unknown()
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            self.store(target, found, frame)

    def store(self, target: ast.expr, found: Value, frame: Frame) -> None:
        """Give a target a value."""
        if isinstance(target, ast.Name):
            frame.names[target.id] = found
        elif isinstance(target, ast.Tuple | ast.List):
            for at, one in enumerate(target.elts):
                inner = (
                    found.items[at] if isinstance(found, Items) and at < len(found.items) else None
                )
                part = found if isinstance(found, Chosen) else Unknown(getattr(found, "who", False))
                self.store(one, inner or part, frame)
        elif isinstance(target, ast.Attribute):
            held = self.value(target.value, frame)
            if isinstance(held, Instance):
                held.names[target.attr] = found
            elif isinstance(held, Context):
                self.run.shared[f"{held.name}.{target.attr}"] = found
            elif isinstance(held, Request):
                self.run.shared[f"request.{target.attr}"] = found
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            held = self.value(target.value, frame)
            if isinstance(held, Session):
                self.run.shared[f"session.{target.slice.value!s}"] = found

    def condition(self, node: ast.stmt, frame: Frame) -> None:
        """Execute `if`."""
        assert isinstance(node, ast.If)
        self.block(node.body if self.test(node.test, frame) else node.orelse, frame)

    def loop(self, node: ast.stmt, frame: Frame) -> None:
        """Execute a loop, once or not at all."""
        assert isinstance(node, ast.For | ast.AsyncFor | ast.While)
        if isinstance(node, ast.While):
            always = isinstance(node.test, ast.Constant) and bool(node.test.value)
            turns = always or self.test(node.test, frame)
        else:
            over = self.value(node.iter, frame)
            turns = self.run.choose(ast.unparse(node.iter), free=False)
            self.store(node.target, turn(over), frame)
        if turns:
            try:
                self.block(node.body, frame)
            except Left:
                return
        self.block(node.orelse, frame)

    def leave(self, node: ast.stmt, frame: Frame) -> None:
        """Execute `break` or `continue`."""
        raise Left

    def give(self, node: ast.stmt, frame: Frame) -> None:
        """Execute `return`."""
        assert isinstance(node, ast.Return)
        found = self.value(node.value, frame)
        if _says_no(node.value, found):
            found = Refusal()
        raise Returned(found, node.lineno)

    def throw(self, node: ast.stmt, frame: Frame) -> None:
        """Execute `raise`."""
        assert isinstance(node, ast.Raise)
        if node.exc is None:
            raise Raised(frame.caught or "Exception")
        target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = frame.caught if isinstance(target, ast.Name) and target.id in frame.names else ""
        raise Raised(name or frame.info.dotted(target) or "Exception")

    def attempt(self, node: ast.stmt, frame: Frame) -> None:
        """Execute `try`."""
        assert isinstance(node, ast.Try)
        try:
            self._attempt(node, frame)
        finally:
            # A `return` of the last part takes the place of whatever was on its way.
            self.block(node.finalbody, frame)

    def _attempt(self, node: ast.Try, frame: Frame) -> None:
        before, self.run.may_raise = self.run.may_raise, False
        try:
            self.block(node.body, frame)
            if self.run.may_raise and node.handlers and self.run.choose("it fails", free=False):
                raise Raised("?")
        except Raised as raised:
            self._handle(raised, node, frame)
            return
        except Returned:
            if self.run.may_raise and node.handlers and self.run.choose("it fails", free=False):
                self._handle(Raised("?"), node, frame)
                return
            raise
        finally:
            self.run.may_raise = before or self.run.may_raise
        self.block(node.orelse, frame)

    def _handle(self, raised: Raised, node: ast.Try, frame: Frame) -> None:
        for handler in node.handlers:
            caught = self._catches(handler, raised, frame)
            if caught is None:
                caught = self.run.choose(
                    f"except {ast.unparse(handler.type or ast.Name(''))}", free=False
                )
            if caught:
                inner = Frame(frame.info, frame.names, frame.owner, raised.name)
                if handler.name:
                    frame.names[handler.name] = Unknown()
                self.block(handler.body, inner)
                return
        raise raised

    def _catches(self, handler: ast.ExceptHandler, raised: Raised, frame: Frame) -> bool | None:
        if handler.type is None:
            return True
        parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        names = [frame.info.dotted(part).rpartition(".")[2] for part in parts]
        last = raised.name.rpartition(".")[2]
        if last in names or any(name in _CATCH_ALL for name in names):
            return True
        if last == "Invalid" and _ANY_INVALID & set(names):
            return True
        return None if self._may_catch(raised, names, frame) else False

    def _may_catch(self, raised: Raised, names: Sequence[str], frame: Frame) -> bool:
        """Say whether one of these classes may stand above the exception."""
        last = raised.name.rpartition(".")[2]
        if last in ("?", "Invalid") or not all(hasattr(builtins, name) for name in names):
            return True
        if raised.crash and hasattr(builtins, last):
            above = tuple(getattr(builtins, name) for name in names)
            return issubclass(getattr(builtins, last), above)
        own_class = self.project.find(raised.name, frame.info) or raised.name in frame.info.classes
        return bool(own_class) or hasattr(builtins, last)

    def within(self, node: ast.stmt, frame: Frame) -> None:
        """Execute `with`."""
        assert isinstance(node, ast.With | ast.AsyncWith)
        swallows = unseen = False
        for item in node.items:
            found = self.value(item.context_expr, frame)
            unseen = unseen or _last(item.context_expr) not in _CLOSING
            if isinstance(found, Stopped):
                raise Raised("Unauthorized")
            swallows = swallows or _last(item.context_expr) == "suppress"
            if item.optional_vars is not None:
                self.store(item.optional_vars, Unknown(getattr(found, "who", False)), frame)
        try:
            self.block(node.body, frame)
        except Raised:
            if not swallows and not (unseen and self.run.choose("with swallows it", free=False)):
                raise

    def define(self, node: ast.stmt, frame: Frame) -> None:
        """Define a function within a function."""
        assert isinstance(node, Function)
        made: Value = Made(FunctionInfo(node.name, node, frame.info, None), frame.names)
        for one in reversed(node.decorator_list):
            if _last(one) not in _PLAIN:
                call = ast.copy_location(ast.Call(one, [], []), one)
                made = self.called(self.value(one, frame), Given((made,)), call, frame)
        frame.names[node.name] = made

    def match(self, node: ast.stmt, frame: Frame) -> None:
        """Execute `match`: any of its cases, or none."""
        assert isinstance(node, ast.Match)
        self.value(node.subject, frame)
        for case in node.cases:
            if self.run.choose("case", free=False):
                self.block(case.body, frame)
                return

    def assertion(self, node: ast.stmt, frame: Frame) -> None:
        """Execute `assert`; Python may be told to leave it out."""
        assert isinstance(node, ast.Assert)
        if not self.test(node.test, frame):
            raise Raised("AssertionError", crash=True)


def whole(info: FunctionInfo) -> None:
    """Give up on a function of which a piece could not be read."""
    node = info.node
    last = node.end_lineno or node.lineno
    for span in info.module.module.unread:
        if span.line <= last and node.lineno <= span.end_line:
            raise GaveUp(f"part of {info.name.rpartition('.')[2]}")


def own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions within."""
    left: list[ast.AST] = list(ast.iter_child_nodes(node))
    while left:
        one = left.pop()
        yield one
        if not isinstance(one, Function | ast.Lambda):
            left += ast.iter_child_nodes(one)


def _last(node: ast.expr) -> str:
    target = node.func if isinstance(node, ast.Call) else node
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _says_no(node: ast.expr | None, found: Value) -> bool:
    """Say whether what is returned is a refusal: `("no", 401)`."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        code = node.elts[1]
        if isinstance(code, ast.Constant):
            return code.value in (401, 403, 407)
        return ast.unparse(code).endswith(("UNAUTHORIZED", "FORBIDDEN"))
    return isinstance(found, Refusal)


_STATEMENTS: dict[type[ast.stmt], Callable[[Machine, ast.stmt, Frame], None]] = {
    ast.Expr: Machine.expression,
    ast.Assign: Machine.assign,
    ast.AnnAssign: Machine.assign,
    ast.AugAssign: Machine.assign,
    ast.If: Machine.condition,
    ast.For: Machine.loop,
    ast.AsyncFor: Machine.loop,
    ast.While: Machine.loop,
    ast.Break: Machine.leave,
    ast.Continue: Machine.leave,
    ast.Return: Machine.give,
    ast.Raise: Machine.throw,
    ast.Try: Machine.attempt,
    ast.With: Machine.within,
    ast.AsyncWith: Machine.within,
    ast.FunctionDef: Machine.define,
    ast.AsyncFunctionDef: Machine.define,
    ast.Match: Machine.match,
    ast.Assert: Machine.assertion,
}
