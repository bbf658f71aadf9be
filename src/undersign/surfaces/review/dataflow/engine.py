"""The analysis: every function of the files in focus is run on abstract values, calls followed.

It is sound where it refutes and only there: a sink is refuted when, in every way it was met, all
that reaches it was seen and nobody else chose it. A budget bounds the work; what it cuts short is
named, and refutes nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from undersign.catalogs.code import CodeModels
from undersign.records.candidate import Step
from undersign.records.flow import NOT_SHOWN, REFUTED, SUPPORTED, Flow, Flows
from undersign.surfaces.review.dataflow.memory import Memory
from undersign.surfaces.review.dataflow.project import (
    FunctionInfo,
    ModuleInfo,
    Project,
)
from undersign.surfaces.review.dataflow.values import (
    NEVER,
    UNTRUSTED,
    Taint,
    Value,
    cells_within,
    flat,
    joined,
    merged,
    signature,
    unsure,
)

_DEEPEST = 8
_MOST_WAYS = 500
"""Into one sink; a helper that everybody calls has many."""
_STEPS_A_FILE = 60_000
_STEPS_A_FUNCTION = 8_000


class OutOfBudget(Exception):
    """A function needs more steps than it may have."""


@dataclass
class Frame:
    """One function being run: its names, and where its code stands."""

    module: ModuleInfo
    function: FunctionInfo | None = None
    env: dict[str, Value] = field(default_factory=dict)
    outer: Frame | None = None
    returns: list[Value] = field(default_factory=list)
    depth: int = 0
    html: bool = False
    """Whether what it returns is sent as a page."""
    fixed: bool = False
    """Whether one path alone leads here, so that the path of the request is nobody's choice."""
    loops: list[list[dict[str, Value]]] = field(default_factory=list)
    """Of every loop around: what was known where it was left, or its next round begun."""

    def holder(self, name: str) -> Frame | None:
        """Return the function or module whose name it is: this one, or one around it."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.env:
                return frame
            frame = frame.outer
        return None

    def forget(self, path: str) -> None:
        """A path is another object from here on: what was known of its attributes is not."""
        begin = path + "."
        for name in [n for n in self.env if n.startswith(begin)]:
            del self.env[name]

    def lookup(self, name: str) -> Value | None:
        """Return a name's value, here or in the functions around."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.env:
                return frame.env[name]
            frame = frame.outer
        return None

    def step(self, node: ast.AST, what: str) -> Step:
        """Return a step of a way at a node."""
        line = getattr(node, "lineno", 1)
        return Step(self.module.path, line, what, self.module.line(line))


@dataclass
class _Met:
    """A sink, and every verdict on the ways it was met in."""

    verdicts: dict[str, Flow]
    """The first of every verdict."""
    supported: dict[tuple[str, int], Flow]
    """Where a way begins -> the flow, for the first few that were shown."""


@dataclass(frozen=True, slots=True)
class _Ran:
    """What a function did when it was run on some arguments."""

    value: Value
    left: Mapping[str, Value]
    """What its parameters held in the end, where they are containers."""
    wrote: frozenset[str]
    """Attributes that it, or what it called, assigned."""
    passed: Mapping[str, Value]
    """What is known of its parameters once it has come back, where it never assigns them."""


class Engine(Memory):
    """One analysis of one project."""

    def __init__(self, project: Project, models: CodeModels) -> None:
        super().__init__(project)
        self.models = models
        self.closures: dict[str, tuple[FunctionInfo, Frame]] = {}
        self.globals: dict[str, Frame] = {}
        self.unread: dict[str, str] = {}
        self._met: dict[tuple[str, str, int], _Met] = {}
        self._memo: dict[tuple[object, ...], _Ran] = {}
        self._state: dict[str, dict[str, Value]] = {}
        self.last_passed: Mapping[str, Value] = {}
        """Of the function that was run last: what a call that came back tells of its arguments."""
        self._running: set[tuple[object, ...]] = set()
        self._left = 0
        self._pending: list[tuple[FunctionInfo, Frame]] = []
        self.replies = False
        """Whether a model's reply was met at all."""
        self.texts: Mapping[str, str] = {}
        """Templates and the like, by path."""
        self.dead = 0
        """How many branches that never run are around the code being read."""

    # --- rounds ---

    def begin_round(self) -> None:
        """Forget what was met, and keep what objects and modules were seen to hold."""
        self.changed = False
        self._met, self._memo, self.unread, self._inside = {}, {}, {}, {}
        self.globals, self.closures = {}, {}
        self.read, self._pending = set(), []

    # --- running ---

    def _cut(self, info: ModuleInfo, why: str) -> None:
        """Name what was cut short: what it would have left in objects is not known."""
        self.unread.setdefault(info.path, why)
        self.cut = True

    def spend(self, steps: int = 1) -> None:
        """Take steps from the budget; OutOfBudget when none are left."""
        self._left -= steps
        if self._left < 0:
            raise OutOfBudget

    def run_file(self, info: ModuleInfo) -> None:
        """Analyse a file: its own statements, then every function as if called by its framework."""
        left_of_file = _STEPS_A_FILE
        self._left = _STEPS_A_FUNCTION
        try:
            self.module_frame(info)
        except (OutOfBudget, RecursionError):
            self._cut(info, "its top level takes too many steps to follow")
        functions = [*info.functions.values()]
        functions += [m for c in info.classes.values() for m in c.methods.values()]
        todo = [(f, self.globals[info.name]) for f in functions]
        while todo:
            function, outer = todo.pop(0)
            self._left = min(_STEPS_A_FUNCTION, left_of_file)
            before = self._left
            self._entry(function, outer)
            left_of_file -= before - max(self._left, 0)
            if left_of_file <= 0:
                self._cut(info, "it takes too many steps to follow to its end")
                return
            todo += self._pending
            self._pending = []

    def _entry(self, function: FunctionInfo, outer: Frame) -> None:
        from undersign.surfaces.review.dataflow.routes import entry, fixed_path

        arguments, html = entry(function, self.project)
        fixed = html and fixed_path(function)
        frame = Frame(function.module, function, dict(arguments), outer, html=html, fixed=fixed)
        try:
            self._body(function, frame)
        except (OutOfBudget, RecursionError):
            line = getattr(function.node, "lineno", 0)
            why = f"{function.name} (line {line}) takes too many steps to follow"
            self._cut(function.module, why)

    def _body(self, function: FunctionInfo, frame: Frame) -> bool:
        """Run it; True when it does not get to its end."""
        from undersign.surfaces.review.dataflow.expressions import evaluate
        from undersign.surfaces.review.dataflow.statements import run_block

        if isinstance(function.node, ast.Lambda):
            frame.returns.append(evaluate(function.node.body, frame, self))
            return True
        return run_block(function.node.body, frame, self)

    def module_frame(self, info: ModuleInfo) -> Frame:
        """Return the names of a module, after its own statements have run."""
        from undersign.surfaces.review.dataflow.statements import run_block

        if info.name not in self.globals:
            frame = self.globals[info.name] = Frame(info)
            run_block(info.module.tree.body, frame, self)
            for name, value in self._state.get(info.name, {}).items():
                old = frame.env.get(name)
                new = value if old is None else joined([old, value])
                frame.env[name] = new if self.settled else unsure(new)
        return self.globals[info.name]

    def later(self, function: FunctionInfo, frame: Frame) -> str:
        """Keep a function that is defined within another; return the name of its value."""
        name = f"closure:{frame.module.path}:{function.node.lineno}:{function.node.col_offset}"
        if name not in self.closures:
            self._pending.append((function, frame))
        self.closures[name] = (function, frame)
        return name

    def lambda_later(self, function: FunctionInfo, frame: Frame, name: str) -> None:
        """Keep a lambda; it is run on its own, too."""
        if name not in self.closures:
            self._pending.append((function, frame))
        self.closures[name] = (function, frame)

    def invoke(self, function: FunctionInfo, bound: dict[str, Value], frame: Frame,
               outer: Frame | None = None) -> Value:  # fmt: skip
        """Run a function of the project on these arguments and return what it returns."""
        from undersign.surfaces.review.dataflow.keeping import after_call

        marks = tuple((name, signature(value)) for name, value in sorted(bound.items()))
        key = (function.name, id(function.node), marks, bool(self.dead), frame.fixed)
        ran = self._memo.get(key) if outer is None else None
        if ran is None:
            if key in self._running or frame.depth >= _DEEPEST:
                return Value(merged(bound.values()), known=False)
            ran = self._ran(key, function, bound, frame, outer)
        self.wrote |= ran.wrote
        for path in [p for p in frame.env if "." in p and p.rpartition(".")[2] in ran.wrote]:
            del frame.env[path]  # what the object holds now is known by its class
        after_call(bound, ran.left, frame, self)
        self.last_passed = ran.passed
        return ran.value

    def _ran(self, key: tuple[object, ...], function: FunctionInfo, bound: dict[str, Value],
             frame: Frame, outer: Frame | None) -> _Ran:  # fmt: skip
        around = outer or self.module_frame(function.module)
        inner = Frame(function.module, function, dict(bound), around, depth=frame.depth + 1,
                      fixed=frame.fixed)  # fmt: skip
        wrote, self.wrote = self.wrote, set()
        self._running.add(key)
        try:
            ended = self._body(function, inner)
        finally:
            self._running.discard(key)
            mine, self.wrote = self.wrote, wrote | self.wrote
        ends = ended and not inner.returns
        made = joined(inner.returns) if inner.returns else NEVER if ends else Value(const=None)
        left = {n: inner.env[n] for n, v in bound.items() if n in inner.env and cells_within(v)}
        ran = _Ran(made, left, frozenset(mine), self._passed(function, inner))
        if outer is None:
            self._memo[key] = ran
        return ran

    def _passed(self, function: FunctionInfo, inner: Frame) -> Mapping[str, Value]:
        if isinstance(function.node, ast.Lambda) or function.returns_early:
            return {}
        return {name: value for name, value in inner.env.items() if name in function.untouched}

    # --- what was met ---

    def taint(self, kind: str, node: ast.AST, frame: Frame, what: str) -> Taint:
        """Return a fresh way that begins here."""
        self.replies = self.replies or kind == "model-reply"
        return Taint(kind, (frame.step(node, f"source: {what}"),))

    def sink(
        self, category: str, name: str, values: Iterable[Value], node: ast.AST, frame: Frame
    ) -> None:
        """Judge what reaches a sink, and remember it."""
        whole = [flat(value) for value in values]
        bad = [t for value in whole for t in value.taints if t.dangerous(category)]
        real = [t for t in bad if t.kind in UNTRUSTED and category not in t.weak]
        if self.dead:
            self.meet(category, name, node, frame, REFUTED, "it stands in a branch that never runs")
        elif real:
            way = real[0].then(frame.step(node, "sink"))
            kind = "a model's reply" if way.kind == "model-reply" else "the request"
            why = f"{kind} reaches {name} with nothing on the way that makes it harmless"
            self.meet(category, name, node, frame, SUPPORTED, why, way)
        elif bad:
            weak = any(category in t.weak for t in bad)
            why = (
                "what arrives was tested on its way; whether that is enough was not decided"
                if weak
                else f"what arrives is chosen by {bad[0].kind} data, not by a request"
            )
            self.meet(category, name, node, frame, NOT_SHOWN, why)
        elif whole and all(value.known for value in whole):
            safe = any(value.taints for value in whole)
            why = (
                f"what arrives was made harmless for {category}"
                if safe
                else "what arrives is made of constants and checked values alone"
            )
            self.meet(category, name, node, frame, REFUTED, why)
        else:
            self.meet(
                category, name, node, frame, NOT_SHOWN, "where its value comes from was not seen"
            )

    def meet(  # noqa: PLR0913 - the parts of a flow
        self, category: str, name: str, node: ast.AST, frame: Frame, verdict: str, why: str,
        way: Taint | None = None,
    ) -> None:  # fmt: skip
        """Remember one meeting of a sink."""
        line = getattr(node, "lineno", 1)
        flow = Flow(
            category=category,
            file=frame.module.path,
            line=line,
            end_line=getattr(node, "end_lineno", None) or line,
            sink=name,
            verdict=verdict,
            why=why,
            source_kind=way.kind if way else ("misuse" if verdict == SUPPORTED else ""),
            steps=way.steps if way else (),
        )
        key = (category, flow.file, line)
        met = self._met.setdefault(key, _Met({}, {}))
        met.verdicts.setdefault(verdict, flow)
        if verdict == SUPPORTED and len(met.supported) < _MOST_WAYS:
            begin = (flow.steps[0].file, flow.steps[0].line) if flow.steps else ("", 0)
            met.supported.setdefault(begin, flow)

    def flows(self, analysed: Collection[str]) -> Flows:
        """Return the worst that was met of every sink."""
        made: list[Flow] = []
        for met in self._met.values():
            if met.supported:
                made += met.supported.values()
                continue
            flow = met.verdicts.get(NOT_SHOWN) or met.verdicts[REFUTED]
            if flow.verdict == REFUTED and flow.file in self.unread:
                why = f"nothing speaks for it in what was followed, but {self.unread[flow.file]}"
                flow = Flow(
                    flow.category, flow.file, flow.line, flow.end_line, flow.sink, NOT_SHOWN, why
                )
            made.append(flow)
        made.sort(key=lambda f: (f.file, f.line, f.category))
        return Flows(tuple(made), frozenset(analysed), dict(self.unread))

    def assign_global(self, info: ModuleInfo, name: str, value: Value) -> None:
        """Add what a variable of a module may hold."""
        frame = self.module_frame(info)
        old = frame.env.get(name)
        new = joined([old, value]) if old is not None else value
        if old is None or signature(old) != signature(new):
            frame.env[name] = new
            self._state.setdefault(info.name, {})[name] = new
            self.changed = True
