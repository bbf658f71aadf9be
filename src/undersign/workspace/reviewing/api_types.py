"""What an object of a declared type may be: annotations of results, values and arguments."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from undersign.workspace.reviewing.api_members import parsed
from undersign.workspace.reviewing.api_values import Cls, Context, Inst, Opaque, Value

if TYPE_CHECKING:
    from undersign.workspace.reviewing.api_resolver import Resolver

_DEEPEST_TYPE = 40
_UNTYPED = frozenset(
    {
        "Any", "AnyStr", "Callable", "Incomplete", "ModuleType", "Never", "NoReturn", "Type",
        "Unused", "object", "type",
    }
)  # fmt: skip
"""Types that say nothing of the members: a class, a module or a function of any kind."""


@dataclass(slots=True)
class Types:
    """Reads types as their module binds them."""

    resolver: Resolver
    depth: int = 0

    def of_text(self, text: str, context: Context) -> tuple[Value, ...]:
        """Return what an object of a type that is written like this may be."""
        node = parsed(text) if text else None
        return self.of(node, context) if node else (Opaque("its type is too long"),)

    def of(self, node: ast.expr, context: Context) -> tuple[Value, ...]:
        """Return what an object of a declared type may be."""
        if self.depth > _DEEPEST_TYPE:
            return (Opaque("its type leads through too many definitions"),)
        self.depth += 1
        try:
            return self._typed(node, context)
        finally:
            self.depth -= 1

    def _typed(self, node: ast.expr, context: Context) -> tuple[Value, ...]:
        match node:
            case ast.Constant(value=None):
                return ()
            case ast.Constant(value=str() as text):
                return self.of_text(text, context)
            case ast.BinOp(op=ast.BitOr()):
                return self._typed(node.left, context) + self._typed(node.right, context)
            case ast.Subscript():
                return self._typed_generic(node, context)
            case ast.Name() | ast.Attribute():
                return self._typed_name(node, context)
        return (Opaque("its type is computed"),)

    def _typed_generic(self, node: ast.Subscript, context: Context) -> tuple[Value, ...]:
        last = ast.unparse(node.value).rpartition(".")[2]
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        match last:
            case "Optional" | "Union":
                return tuple(v for part in inside for v in self.of(part, context))
            case "Annotated" | "ClassVar" | "Final" | "Required" | "NotRequired" | "ReadOnly":
                return self.of(inside[0], context)
            case "Awaitable" | "Coroutine":
                return self.of(inside[-1], context)
            case "type" | "Type":
                found = self.of(inside[0], context)
                return tuple(v.of if isinstance(v, Inst) else v for v in found)
            case "Literal":
                return tuple(v for part in inside for v in self.resolver.evaluate(part, context))
        return self._typed_name(node.value, context)

    def _typed_name(self, node: ast.expr, context: Context) -> tuple[Value, ...]:
        last = ast.unparse(node).rpartition(".")[2]
        if last in _UNTYPED:
            return (Opaque("its type is not declared (Any)"),)
        if last == "Self" and context.receiver is not None:
            return (Inst(context.receiver, declared=True),)
        if isinstance(node, ast.Name) and context.module and (alias := self._alias(node, context)):
            return alias
        values: list[Value] = []
        for value in self.resolver.evaluate(node, context):
            if isinstance(value, Cls) and value.name in _UNTYPED:
                values.append(Opaque("its type is not declared (Any)"))
            elif isinstance(value, Cls):
                protocol = any("Protocol" in base for t in value.texts for base in t.bases)
                why = f"any object with the methods of {value.name} may stand here"
                values.append(Opaque(why) if protocol else Inst(value, declared=True))
            else:
                values.append(
                    value if isinstance(value, Opaque) else Opaque("its type is computed")
                )
        return tuple(values)

    def _alias(self, node: ast.Name, context: Context) -> tuple[Value, ...]:
        """Follow `Name = Union[A, B]` in the same module as the type that it is."""
        found = self.resolver.places.module(context.module)
        for summary in found.summaries if found else ():
            for one in summary.scope.get(node.id, ()):
                if one.kind == "value" and len(one.results) == 1:
                    value = parsed(one.results[0])
                    if isinstance(value, ast.Subscript | ast.BinOp):
                        return self.of(value, Context(context.module))
        return ()
