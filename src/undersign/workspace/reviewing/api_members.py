"""The names of a module and the members of a class, and whether all of them were seen."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from undersign.workspace.reviewing.api_bindings import Class, Scope, Summary
from undersign.workspace.reviewing.api_guard import Level, Words
from undersign.workspace.reviewing.api_places import STANDARD, Found, Places
from undersign.workspace.reviewing.api_values import Bound, Cls, Context, Look, Mod, Opaque

if TYPE_CHECKING:
    from pathlib import Path

    from undersign.workspace.reviewing.api_values import Value

Evaluate = Callable[[str, Context], tuple["Value", ...]]

_ENUM = {"EnumMeta", "EnumType"}
_DEEPEST_LINE = 60
"""Classes of one line of inheritance."""
_BUILT_IN = "builtins"
_NO_MEMBERS = {"Generic", "Protocol", "object"}
_HARMLESS_METACLASSES = {"ABCMeta", "EnumMeta", "EnumType", "type", "_ProtocolMeta"}
_HARMLESS_DECORATORS = frozenset(
    {
        "attributes", "attrs", "dataclass", "dataclass_transform", "deconstructible", "define",
        "deprecated", "disjoint_base", "final", "frozen", "mutable",
        "python_2_unicode_compatible", "runtime", "runtime_checkable", "s", "set_module",
        "total_ordering", "type_check_only", "unique", "verify",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A class with all it inherits from."""

    classes: tuple[tuple[Class, Context], ...]
    unknown: str
    """Why a member may be missing here; empty when all were seen."""
    soft: bool
    """Whether members may be set by names that are words somewhere in the package."""


@dataclass(slots=True)
class Members:
    """Looks names up in modules and classes."""

    places: Places
    evaluate: Evaluate
    words: Words = field(default_factory=Words)
    _lines: dict[tuple[str, str], Line] = field(default_factory=dict)

    def of_module(self, name: str, wanted: str, seen: frozenset[str] = frozenset()) -> Look:
        """Look for a name in a module."""
        found = self.places.module(name)
        if found is None:
            return Look(unknown=self.not_there(name), parent=name)
        look = Look(parent=name, place=self.places.label(found))
        for summary in found.summaries:
            context = Context(name)
            for one in summary.scope.get(wanted, ()):
                look.bound.append(Bound(wanted, one, context, summary.stub))
                look.place = f"{self.places.label(found)}, {summary.place}:{one.line}"
        if (inside := self.places.submodule(found, wanted)) is not None:
            # A package may bind the same name to something else; which one it is, nobody can tell.
            look.values.append(Mod(inside.name))
            if not look.bound:
                look.place = f"{self.places.label(inside)}, module {inside.name}"
        if not look.found:
            self._by_star(found, wanted, look, seen | {name})
        if not look.found and not look.unknown:
            look.names = self._names(found)
            look.unknown = self._hidden_in_module(found, wanted)
        return look

    def of_class(self, cls: Cls, wanted: str, *, declared: bool) -> Look:
        """Look for a member in a class, what it inherits, and what its methods set on `self`."""
        line = self.line(cls)
        look = Look(parent=f"{cls.module}.{cls.name}")
        for text, context in line.classes:
            for one in text.members.get(wanted, ()):
                owner = Context(context.module, cls, text)
                look.bound.append(Bound(wanted, one, owner, self._is_stub(context.module, text)))
            if look.bound:
                look.place = self._place(context.module, text, look.bound[0].binding.line)
                return look
        home = self.places.module(cls.module)
        look.place = self.places.label(home) if home else ""
        look.unknown = line.unknown or self._hidden_in_class(cls, wanted, declared=declared)
        look.names = frozenset(n for text, _ in line.classes for n in text.members)
        return look

    def line(self, cls: Cls) -> Line:
        """Return a class and all it inherits from."""
        key = (cls.module, cls.name)
        if key not in self._lines:
            self._lines[key] = Line((), f"{cls.name} inherits from itself", soft=False)
            self._lines[key] = self._line(cls)
        return self._lines[key]

    def is_enum(self, bound: Bound) -> bool:
        """Say whether it is a value of an enumeration, so an object of that class itself."""
        cls, owner = bound.context.receiver, bound.context.owner
        if cls is None or owner is None or bound.name.startswith("_"):
            return False
        texts = [text for text, _ in self.line(cls).classes]
        return any(t.metaclass.rpartition(".")[2] in _ENUM for t in texts)

    def is_descriptor(self, cls: Cls) -> bool:
        """Say whether an object of a class stands for another one where it is an attribute."""
        return any("__get__" in text.members for text, _ in self.line(cls).classes)

    def hidden(self, module: str, wanted: str) -> str:
        """Say why a function of a module may have an attribute that no text shows."""
        found = self.places.module(module)
        return self._by_word((found,), wanted, Level.WRITTEN) if found else "it cannot be read"

    def not_there(self, name: str) -> str:
        """Say why a module was not found."""
        return f"{name} is not installed where Undersign could look"

    def _line(self, cls: Cls) -> Line:
        classes: list[tuple[Class, Context]] = []
        unknown, soft = "", False
        waiting = [cls]
        met = set()
        while waiting and len(classes) < _DEEPEST_LINE:
            one = waiting.pop(0)
            if (one.module, one.name) in met:
                continue
            met.add((one.module, one.name))
            for text in one.texts:
                context = Context(one.module)
                classes.append((text, context))
                unknown = unknown or self._hides(one, text)
                soft = soft or bool(text.soft) or self._written(one, text, soft=True)
                for nth, base in enumerate((*text.bases, text.metaclass or "type")):
                    above, why = self._base(base, context, metaclass=nth == len(text.bases))
                    waiting += above
                    unknown = unknown or why
        if waiting:
            unknown = unknown or f"{cls.name} inherits from too many classes"
        classes += self._object()
        return Line(tuple(classes), unknown, soft)

    def _object(self) -> Iterator[tuple[Class, Context]]:
        # Stubs leave out which classes of the standard library are abstract: `register`.
        for module, name in ((_BUILT_IN, "object"), (_BUILT_IN, "type"), ("abc", "ABCMeta")):
            for summary in self._summaries(module):
                for one in summary.scope.get(name, ()):
                    if one.body is not None:
                        yield one.body, Context(module)

    def _hides(self, cls: Cls, text: Class) -> str:
        """Say why the text of a class does not show all its members."""
        if text.dynamic and not self._is_object(cls):
            return f"{cls.module}.{cls.name}: {text.dynamic}"
        for decorator in text.decorators:
            last = decorator.partition("(")[0].rpartition(".")[2]
            if last not in _HARMLESS_DECORATORS:
                return f"{cls.module}.{cls.name} is changed by the decorator {last or '?'}"
        if self._written(cls, text, soft=False):
            return f"{cls.module} sets attributes by names that others give (setattr)"
        return ""

    def _written(self, cls: Cls, text: Class, *, soft: bool) -> bool:
        """Say whether its module sets attributes of this class by names its text hides."""
        found = self.places.module(cls.module)
        if found is None or found.owner == STANDARD:
            return False
        names = {text.name, "*"}
        return any((s.written_soft if soft else s.written) & names for s in found.summaries)

    def _is_object(self, cls: Cls) -> bool:
        return cls.module == _BUILT_IN and cls.name in ("object", "type")

    def _base(self, base: str, context: Context, *, metaclass: bool) -> tuple[list[Cls], str]:
        if not base:
            return [], "a base class is written in too many words"
        last = base.partition("[")[0].rpartition(".")[2]
        if last in (_HARMLESS_METACLASSES if metaclass else _NO_MEMBERS):
            return [], ""
        found = self.evaluate(base.partition("[")[0], context)
        classes = [v for v in found if isinstance(v, Cls)]
        opaque = [v for v in found if not isinstance(v, Cls)]
        if opaque:
            why = opaque[0].why if isinstance(opaque[0], Opaque) else "it is no plain class"
            return classes, f"its base class {last} cannot be followed: {why}"
        if metaclass and any(_makes_members(one) for one in classes):
            return classes, f"its metaclass {last} may add members"
        return classes, ""

    def _by_star(self, found: Found, wanted: str, look: Look, seen: frozenset[str]) -> None:
        for summary in found.summaries:
            for level, target in summary.stars:
                module = absolute(found.name, level, target, package=summary.package)
                if module in seen:
                    continue
                inside = self.of_module(module, wanted, seen)
                look.bound += inside.bound
                look.values += inside.values
                if inside.found:
                    look.place = inside.place
                    return
                if inside.unknown:
                    look.unknown = f"it imports * from {module}, and {inside.unknown}"

    def _names(self, found: Found) -> frozenset[str]:
        return frozenset(name for summary in found.summaries for name in summary.scope)

    def _hidden_in_module(self, found: Found, wanted: str) -> str:
        if not found.read:
            return f"{found.name} is compiled and has no stubs, so its names cannot be read"
        if found.compiled and not found.summaries:
            return f"{found.name} is compiled and has no stubs, so its names cannot be read"
        if found.owner == STANDARD and any(s.stub for s in found.summaries):
            # The stubs of the standard library are complete; its own text is looked at besides.
            file = self.words.has(self.places.roots(found, stubs=False), wanted, Level.ANYWHERE)
            return f"the word {wanted} is in {file}" if file else ""
        reason = next((s.dynamic for s in found.summaries if s.dynamic), "")
        if reason:
            return f"{found.name}: {reason}"
        soft = any(s.soft for s in found.summaries)
        return self._by_word((found,), wanted, Level.ANYWHERE if soft else Level.WRITTEN)

    def _hidden_in_class(self, cls: Cls, wanted: str, *, declared: bool) -> str:
        line = self.line(cls)
        if declared and (why := _open_to_others(cls, line)):
            return why
        level = Level.DEFINED if declared else Level.WRITTEN
        level = Level.ANYWHERE if line.soft else level
        modules = dict.fromkeys(context.module for _, context in line.classes)
        found = [f for m in modules if m != _BUILT_IN and (f := self.places.module(m))]
        return self._by_word(tuple(found), wanted, level)

    def _by_word(self, found: tuple[Found, ...], wanted: str, level: Level) -> str:
        roots: dict[Path, None] = {}
        for one in found:
            stubs = level is not Level.WRITTEN
            roots.update(dict.fromkeys(self.places.roots(one, stubs=stubs)))
        file = self.words.has(tuple(roots), wanted, level)
        return f"the word {wanted} is in {file}, where it may be bound by its text" if file else ""

    def _is_stub(self, module: str, text: Class) -> bool:
        return any(s.stub and _holds(s.scope, text) for s in self._summaries(module))

    def _summaries(self, module: str) -> tuple[Summary, ...]:
        found = self.places.module(module)
        return found.summaries if found else ()

    def _place(self, module: str, text: Class, line: int) -> str:
        found = self.places.module(module)
        if found is None:
            return module
        for summary in found.summaries:
            if _holds(summary.scope, text):
                return f"{self.places.label(found)}, {summary.place}:{line}"
        return f"{self.places.label(found)}, {module}"


def absolute(module: str, level: int, target: str, *, package: bool) -> str:
    """Return the dotted name that a relative import in a module means."""
    if not level:
        return target
    parts = module.split(".")
    keep = len(parts) - level + (1 if package else 0)
    return ".".join([*parts[: max(keep, 0)], *([target] if target else [])])


def _open_to_others(cls: Cls, line: Line) -> str:
    """Say why an object of a declared type is likely one of a subclass that others wrote."""
    if any(text.name == "BaseException" for text, _ in line.classes):
        return "an exception of a more special class may stand here"
    for text in cls.texts:
        abstract = (
            text.metaclass.rpartition(".")[2] == "ABCMeta"
            or "ABC" in text.bases
            or any(
                "abstractmethod" in d.rpartition(".")[2]
                for bindings in text.members.values()
                for one in bindings
                for d in one.decorators
            )
        )
        if abstract:
            return f"{text.name} is abstract, so an object of a subclass stands here"
    return ""


def _holds(scope: Scope, text: Class) -> bool:
    return any(one.body is text for bindings in scope.values() for one in bindings)


def _makes_members(metaclass: Cls) -> bool:
    names = {"__new__", "__init__", "__prepare__", "__getattr__", "__call__"}
    return any(names & set(text.members) for text in metaclass.texts)


def parsed(text: str) -> ast.expr | None:
    """Parse an expression; None when it is none."""
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
