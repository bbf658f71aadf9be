"""Follows an expression through the texts of modules: imports, classes, declared results.

Text in, values out; nothing is imported. Where text does not tell, the value is `Opaque` with the
reason, and a name looked up in it is unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from undersign.workspace.reviewing import api_services
from undersign.workspace.reviewing.api_bindings import Binding
from undersign.workspace.reviewing.api_members import Members, absolute, parsed
from undersign.workspace.reviewing.api_places import Places
from undersign.workspace.reviewing.api_types import Types
from undersign.workspace.reviewing.api_values import (
    Bound,
    Cls,
    Context,
    Fn,
    Inst,
    Look,
    Mod,
    Opaque,
    Service,
    Value,
)

DECLARED = "__declared__"
"""`__declared__(X)` is an object of X or of a subclass."""
_DEEPEST = 60
_MOST_STEPS = 20_000
"""Expressions that one question may lead through."""
_PASSING = frozenset(
    {
        "abstractclassmethod", "abstractmethod", "abstractstaticmethod", "array_function_dispatch",
        "cache", "classmethod", "doc", "final", "lru_cache", "no_type_check", "overload",
        "override", "set_module", "staticmethod", "type_check_only", "wraps",
    }
)  # fmt: skip
"""Decorators that leave what a function gives as it is."""
_LITERALS: dict[type, str] = {
    str: "str", bytes: "bytes", int: "int", float: "float", bool: "bool", complex: "complex",
}  # fmt: skip
_DISPLAYS: dict[type[ast.expr], str] = {
    ast.List: "list", ast.ListComp: "list", ast.Tuple: "tuple", ast.Dict: "dict",
    ast.DictComp: "dict", ast.Set: "set", ast.SetComp: "set", ast.JoinedStr: "str",
}  # fmt: skip


_CIRCULAR = Opaque("its definition leads back to itself")


class Missing(Exception):
    """Raised for a name that is not there, though all that may bind it was seen."""

    def __init__(self, name: str, look: Look) -> None:
        super().__init__(name)
        self.name = name
        self.look = look


@dataclass(slots=True)
class Resolver:
    """Evaluates expressions by their text."""

    places: Places
    members: Members = field(init=False)
    services: api_services.Services = field(init=False)
    types: Types = field(init=False)
    _depth: int = 0
    _known: dict[tuple[int, str], tuple[Value, ...]] = field(default_factory=dict)
    """Values of bindings that were followed; bindings live as long as their module's summary."""
    _steps: int = 0

    def begin(self) -> None:
        """Begin another question, with all its steps before it."""
        self._steps, self._depth, self.types.depth = 0, 0, 0

    def __post_init__(self) -> None:
        self.members = Members(self.places, self.evaluate_text)
        self.services = api_services.Services(self.places, self.members)
        self.types = Types(self)

    def evaluate_text(self, text: str, context: Context) -> tuple[Value, ...]:
        """Return what an expression may be; Opaque for what cannot be followed."""
        node = parsed(text) if text else None
        if node is None:
            return (Opaque("it is written in too many words"),)
        return self.evaluate(node, context)

    def evaluate(self, node: ast.expr, context: Context) -> tuple[Value, ...]:
        """Return what an expression may be, never nothing."""
        self._steps += 1
        if self._depth > _DEEPEST or self._steps > _MOST_STEPS:
            return (Opaque("it leads through too many definitions"),)
        self._depth += 1
        try:
            return tuple(dict.fromkeys(self._evaluate(node, context))) or (Opaque("it is None"),)
        finally:
            self._depth -= 1

    def look(self, values: Iterable[Value], name: str) -> Look:
        """Look for a name in every value: it is there when it is in any of them."""
        whole, parents = Look(), []
        for value in values:
            one = self._look(value, name)
            whole.bound += one.bound
            whole.values += one.values
            whole.place = whole.place or (one.place if one.found else "")
            whole.unknown = whole.unknown or one.unknown
            whole.names |= one.names
            parents.append(one.parent)
        whole.parent = " and ".join(dict.fromkeys(p for p in parents if p))
        if name.startswith("__") and not whole.found:
            whole.unknown = whole.unknown or "names with two underscores come from Python itself"
        return whole

    def follow(self, look: Look) -> tuple[Value, ...]:
        """Return the values of what was found; stubs tell more than the text they stand for."""
        stubs = [one for one in look.bound if one.stub]
        for bound in (stubs, look.bound):
            values = [v for one in bound for v in self.values_of(one)]
            if values and not all(isinstance(v, Opaque) for v in values):
                break
        together = (*look.values, *values)
        # What a name is through itself adds nothing to what else it is.
        told = tuple(v for v in together if v is not _CIRCULAR)
        return told or together or (Opaque("its value is not in the text"),)

    def values_of(self, bound: Bound) -> tuple[Value, ...]:
        """Return what a bound name may be."""
        receiver = bound.context.receiver
        key = (id(bound.binding), f"{receiver.module}.{receiver.name}" if receiver else "")
        if key in self._known:
            return self._known[key]
        if self._depth > _DEEPEST:
            return (Opaque("it leads through too many definitions"),)
        self._depth += 1
        self._known[key] = (_CIRCULAR,)
        try:
            found = self._values_of(bound)
        finally:
            self._depth -= 1
            del self._known[key]
        if self._steps <= _MOST_STEPS:  # what was cut short is not kept
            self._known[key] = found
        return found

    def _look(self, value: Value, name: str) -> Look:
        match value:
            case Mod():
                return self.members.of_module(value.name, name)
            case Cls():
                return self.members.of_class(value, name, declared=False)
            case Inst():
                look = self.members.of_class(value.of, name, declared=value.declared)
                for cls in () if look.found else value.stands_in:
                    own = self.members.of_class(cls, name, declared=False)
                    look = own if own.found else look
                return look
            case Service():
                return self.services.look(value, name)
            case Fn():
                return self._of_function(value, name)
            case Opaque():
                return Look(unknown=value.why)

    def _of_function(self, value: Fn, name: str) -> Look:
        """Look for an attribute of a function itself."""
        if value.binding.decorators:
            return Look(unknown=f"{value.name} is what its decorators make of it")
        function = self.evaluate_text("FunctionType", Context("types"))
        look = self.look(function, name)
        if not look.found and not look.unknown:
            look.unknown = self.members.hidden(value.module, name)
        look.parent = f"{value.module}.{value.name}"
        return look

    def _evaluate(self, node: ast.expr, context: Context) -> tuple[Value, ...]:
        match node:
            case ast.Name():
                return self._name(node.id, context)
            case ast.Attribute():
                values = self.evaluate(node.value, context)
                return self._step(values, node, context)
            case ast.Call():
                return self._call(node, context)
            case ast.Await() | ast.NamedExpr():
                return self.evaluate(node.value, context)
            case ast.Subscript():
                return self._subscript(node, context)
            case ast.BoolOp():
                return tuple(v for part in node.values for v in self.evaluate(part, context))
            case ast.IfExp():
                return self.evaluate(node.body, context) + self.evaluate(node.orelse, context)
        return self._literal(node)

    def _literal(self, node: ast.expr) -> tuple[Value, ...]:
        if isinstance(node, ast.Constant):
            name = _LITERALS.get(type(node.value))
            return self._built_in(name) if name else ()
        name = _DISPLAYS.get(type(node))
        return self._built_in(name) if name else (Opaque("it is computed"),)

    def _step(
        self, values: tuple[Value, ...], node: ast.Attribute, context: Context
    ) -> tuple[Value, ...]:
        look = self.look(values, node.attr)
        if look.found:
            return self.follow(look)
        if look.unknown:
            return (Opaque(look.unknown),)
        if not context.module:
            raise Missing(ast.unparse(node), look)
        # In somebody's library such a name would be their affair; it says nothing here.
        return (Opaque(f"{look.parent} has no {node.attr}"),)

    def _subscript(self, node: ast.Subscript, context: Context) -> tuple[Value, ...]:
        found = self.evaluate(node.value, context)
        generic = tuple(v for v in found if isinstance(v, Cls))  # list[int] is still list
        return generic or (Opaque("it is an item, whose type is not in the text"),)

    def _built_in(self, name: str) -> tuple[Value, ...]:
        look = self.members.of_module("builtins", name)
        return tuple(Inst(v) for v in self.follow(look) if isinstance(v, Cls))

    def _name(self, name: str, context: Context) -> tuple[Value, ...]:
        if not context.module:
            return self._alone(name)
        if context.receiver is not None and name in ("self", "cls", "Self"):
            return (Inst(context.receiver, declared=True) if name == "self" else context.receiver,)
        if context.owner is not None and name in context.owner.members:
            inside = context.owner.members[name]
            outside = Context(context.module)
            return self.follow(Look([Bound(name, one, outside) for one in inside]))
        look = self.members.of_module(context.module, name)
        look.values = []  # a submodule is no global name
        if not look.found:
            look = self.members.of_module("builtins", name)
        return self.follow(look) if look.found else (Opaque(f"nothing binds {name}"),)

    def _alone(self, name: str) -> tuple[Value, ...]:
        if self.places.module(name) is not None:
            return (Mod(name),)
        look = self.members.of_module("builtins", name)
        return self.follow(look) if look.found else (Opaque(self.members.not_there(name)),)

    def _call(self, node: ast.Call, context: Context) -> tuple[Value, ...]:
        if isinstance(node.func, ast.Name) and node.func.id == DECLARED and node.args:
            return self.types.of(node.args[0], context)
        made: list[Value] = []
        for value in self.evaluate(node.func, context):
            match value:
                case Cls(module="builtins", name="super"):
                    made.append(Opaque("what super() gives depends on its place"))
                case Cls():
                    made.append(Inst(value, declared=self._may_be_another(value)))
                case Fn():
                    made += self._result(value, node)  # `__new__` may make anything
                case Service():
                    made.append(self.services.call(value))
                case Opaque():
                    made.append(value)
                case _:
                    made.append(Opaque("what calling it gives is not in the text"))
        return tuple(made)

    def _may_be_another(self, cls: Cls) -> bool:
        """Say whether making one may give an object of another class."""
        makers = [t for t, _ in self.members.line(cls).classes if "__new__" in t.members]
        return any(text.name not in ("object", "type") for text in makers)

    def _result(self, function: Fn, node: ast.Call) -> tuple[Value, ...]:
        if function.name.rpartition(".")[2].startswith("__"):
            return (Opaque("what a special method gives depends on its caller"),)
        if service := api_services.made_by(function, node):
            return (service,)
        binding = function.binding
        context = Context(function.module, function.receiver)
        if binding.annotation:
            return self.types.of_text(binding.annotation, context)
        values = [v for text in binding.results for v in self.evaluate_text(text, context)]
        return tuple(_declared(v) for v in values)

    def _values_of(self, bound: Bound) -> tuple[Value, ...]:
        one, context = bound.binding, bound.context
        match one.kind:
            case "import":
                return self._imported(one, context)
            case "class":
                return (self._class(bound),)
            case "def":
                return self._function(bound)
        if context.receiver is not None and self.members.is_enum(bound):
            return (Inst(context.receiver),)
        return tuple(self._seen_through(v, context) for v in self._value(one, context))

    def _value(self, one: Binding, context: Context) -> tuple[Value, ...]:
        values = [v for text in one.results for v in self.evaluate_text(text, context)]
        if one.annotation:
            typed = self.types.of_text(one.annotation, context)
            if not all(isinstance(v, Opaque) for v in typed) or not one.results:
                others = tuple(v.of for v in values if isinstance(v, Inst))
                return tuple(
                    replace(v, stands_in=others) if isinstance(v, Inst) else v for v in typed
                )
        return tuple(values) or (Opaque("its value is not in the text"),)

    def _seen_through(self, value: Value, context: Context) -> Value:
        if context.owner is None or not isinstance(value, Inst | Cls):
            return value
        of = value.of if isinstance(value, Inst) else None
        if of is not None and self.members.is_descriptor(of):
            return Opaque(f"{of.name} decides what stands there (__get__)")
        return value

    def _class(self, bound: Bound) -> Cls:
        """Bring together every text of a class: of each branch, of its stub and of its file."""
        owner = bound.context.owner
        found = self.places.module(bound.context.module)
        scopes = [s.scope for s in found.summaries] if found else []
        if owner is not None:
            scopes = [owner.members]
        listed = [one for scope in scopes for one in scope.get(bound.name, ())]
        texts = tuple(one.body for one in listed if one.body is not None)
        name = f"{owner.name}.{bound.name}" if owner else bound.name
        return Cls(bound.context.module, name, texts)

    def _imported(self, one: Binding, context: Context) -> tuple[Value, ...]:
        found = self.places.module(context.module)
        package = any(s.package for s in found.summaries) if found else False
        module = absolute(context.module, one.level, one.module, package=package)
        if not one.attribute:
            known = self.places.module(module) is not None
            return (Mod(module),) if known else (Opaque(self.members.not_there(module)),)
        look = self.members.of_module(module, one.attribute)
        values = self.follow(look) if look.found else ()
        if all(isinstance(v, Opaque) for v in values):
            # `from . import name`: the package's own name may be this very import of a submodule.
            inside = self.places.module(f"{module}.{one.attribute}")
            if inside is not None:
                return (Mod(inside.name),)
        if values:
            return values
        return (Opaque(look.unknown or f"{module} has no {one.attribute}"),)

    def _function(self, bound: Bound) -> tuple[Value, ...]:
        one, context = bound.binding, bound.context
        name = f"{context.owner.name}.{bound.name}" if context.owner else bound.name
        function = Fn(context.module, name, one, context.receiver)
        for text in one.decorators:
            last = text.partition("(")[0].rpartition(".")[2]
            if last.endswith(("property", "reify", "property_readonly", "memoize", "attribute")):
                return self._result(function, ast.Call(ast.Name(""), [], []))
            if last in ("setter", "deleter", "getter"):
                return ()
            if last not in _PASSING and not last.startswith("deprecated"):
                return (Opaque(f"it is changed by the decorator {last}"),)
        return (function,)


def _declared(value: Value) -> Value:
    return Inst(value.of, declared=True) if isinstance(value, Inst) else value
