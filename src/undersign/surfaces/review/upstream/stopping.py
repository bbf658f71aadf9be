"""Does this code stop a request whose sender may not? It is run for him, never judged by its name.

Every way through is taken for somebody who is not logged in. When he passes on one of them, it is
no guard; when he passes on none, and others do, it is. The same for a user without any role says
whether it also asks for one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cached_property

from undersign.catalogs import guards as models
from undersign.surfaces.review.dataflow.project import (
    ClassInfo,
    FunctionInfo,
    ModuleInfo,
)
from undersign.surfaces.review.upstream.calling import opened
from undersign.surfaces.review.upstream.entering import body, depend, enter
from undersign.surfaces.review.upstream.evidence import NEVER, Stops
from undersign.surfaces.review.upstream.keeping import Keeping
from undersign.surfaces.review.upstream.machine import Machine
from undersign.surfaces.review.upstream.methods import Given
from undersign.surfaces.review.upstream.names import Frame
from undersign.surfaces.review.upstream.running import (
    Ended,
    Facts,
    Paths,
    Reached,
    Run,
    Task,
    all_ways,
    passes,
    passes_freely,
)
from undersign.surfaces.review.upstream.values import (
    NONE,
    WHO,
    Chosen,
    Gate,
    Instance,
    Library,
    Made,
    Refusal,
    Request,
    Stopped,
    Unknown,
    Value,
    View,
    World,
)

_REFUSES = re.compile(r"\babort\(|\braise\b|\b40[13]\b|\bredirect\(")
_HARMLESS = (
    "django.views.decorators.", "django.utils.", "rest_framework.decorators.", "functools.",
    "drf_spectacular.", "drf_yasg.", "django.db.transaction.", "contextlib.", "typing.",
)  # fmt: skip


class Judge(Keeping):
    """Runs guards of one project."""

    def verdict(self, task: Task, facts: Facts, *, in_view: bool = False) -> Stops:
        """Say what the ways through a task mean."""
        nobody = all_ways(World.NOBODY, facts, task, in_view=in_view, enough=passes_freely)
        if nobody.gave_up or not nobody.ways:
            return Stops(None, nobody.gave_up or "it could not be run")
        if nobody.passing:
            return self._passed(nobody, task, facts, in_view=in_view)
        anyone = all_ways(World.ANYONE, facts, task, in_view=in_view, enough=passes)
        if not anyone.passing:
            return Stops(None, "as far as can be read it stops everyone")
        user = all_ways(World.USER, facts, task, in_view=in_view, enough=passes)
        role = not user.gave_up and not user.passing
        refused = not role or any(way.crash for way in user.ways)
        if any(way.crash for way in nobody.ways) and refused:
            return Stops(None, "it breaks off for who is not logged in, rather than to refuse")
        return Stops(True, role=role)

    def _passed(self, nobody: Paths, task: Task, facts: Facts, *, in_view: bool) -> Stops:
        asked = [way for way in nobody.stopping if way.who]
        sure = [way for way in nobody.passing if way.free and not way.doubt]
        if sure:
            if asked and sure[0].text:
                return Stops(False, f"nothing is verified: what is sent decides `{sure[0].text}`")
            return self._another(nobody, task, facts) if in_view else NEVER
        doubts = [way.doubt for way in nobody.passing if way.doubt]
        if doubts:
            return Stops(None, doubts[0])
        if asked:
            return Stops(None, "whether it stops depends on what is not known here")
        return self._another(nobody, task, facts) if in_view else NEVER

    def _another(self, nobody: Paths, task: Task, facts: Facts) -> Stops:
        """A view that answers who is not logged in otherwise than others may refuse him so."""
        if not any(way.who for way in nobody.ways):
            return NEVER
        anyone = all_ways(World.ANYONE, facts, task, in_view=True)
        ends = {way.line for way in nobody.passing}
        if {way.line for way in anyone.passing} - ends:
            return Stops(
                None,
                "who is not logged in gets another answer; whether it refuses him is for a person",
            )
        return NEVER

    # Guards.

    @cached_property
    def _judged(self) -> dict[tuple[object, ...], Stops]:
        """What was judged already; most hooks and dependencies stand before many views."""
        return {}

    def hook(self, function: FunctionInfo, facts: Facts) -> Stops:
        """A function that runs before a view, and ends the request by returning something."""
        key = (function.node, function.module.path, facts)
        if key not in self._judged:
            self._judged[key] = self._of_hook(function, facts)
        return self._judged[key]

    def _of_hook(self, function: FunctionInfo, facts: Facts) -> Stops:
        said = self.verdict(self._hook(function), facts)
        if said == NEVER and facts != Facts():
            other = self.verdict(self._hook(function), Facts(person=facts.person))
            if other.sure is not False or other.why:
                return Stops(False, f"{function.name.rpartition('.')[2]} lets this view through")
        return _idle(said, function)

    def _hook(self, function: FunctionInfo) -> Task:
        def task(run: Run) -> tuple[bool, int]:
            machine = self.machine(run)
            made = Made(function)
            found, line = body(machine, made, enter(machine, made))
            return not machine.equal(found, NONE, "it returns nothing"), line

        return task

    def around(self, target: Value, handed: Sequence[Value], facts: Facts) -> Stops:
        """A function that calls the view, or does not: a middleware, a dispatch."""

        def task(run: Run) -> tuple[bool, int]:
            machine = self.machine(run)
            node = ast.Call(ast.Name("view", ast.Load()), [], [])
            frame = Frame(next(iter(self.project.modules.values())))
            found = machine.called(target, Given(tuple(handed)), node, frame)
            if isinstance(found, Made) and any(isinstance(v, View) for v in handed):
                machine.called(found, Given((Request(),)), node, frame)
            return True, 0

        return self.verdict(task, facts)

    def dependency(self, call: ast.Call, info: ModuleInfo, facts: Facts,
                   annotation: ast.expr | None = None) -> Stops:  # fmt: skip
        """A dependency of FastAPI: it stops by raising."""

        def task(run: Run) -> tuple[bool, int]:
            depend(self.machine(run), call, info, annotation)
            return False, 0

        key = (ast.dump(call), info.path, ast.dump(annotation) if annotation else "", facts)
        if key not in self._judged:
            self._judged[key] = self.verdict(task, facts)
        return self._judged[key]

    def inline(self, function: FunctionInfo, facts: Facts) -> Stops:
        """The checks of a view itself, before it does anything."""

        def task(run: Run) -> tuple[bool, int]:
            run.in_view = False
            machine = self.machine(run)
            made = Made(function)
            frame = enter(machine, made)  # dependencies are judged on their own
            run.in_view = True
            found, line = body(machine, made, frame)
            return isinstance(found, Refusal), line

        return self.verdict(task, facts, in_view=True)

    def permissions(self, items: Sequence[ast.expr], info: ModuleInfo, facts: Facts) -> Stops:
        """Permission classes of the REST framework: every one must let somebody in."""

        def task(run: Run) -> tuple[bool, int]:
            machine = self.machine(run)
            return not all(self._lets_in(machine, item, info) for item in items), 0

        return self.verdict(task, facts)

    def _lets_in(self, machine: Machine, item: ast.expr, info: ModuleInfo) -> bool:
        if isinstance(item, ast.BinOp):
            parts = (self._lets_in(machine, p, info) for p in (item.left, item.right))
            return any(parts) if isinstance(item.op, ast.BitOr) else all(parts)
        if isinstance(item, ast.UnaryOp):
            return not self._lets_in(machine, item.operand, info)
        name = str(item.value) if isinstance(item, ast.Constant) else info.dotted(item)
        name = self.project.origin(name.removesuffix("()"), info)
        asks = models.load().permissions.get(name)
        if asks is not None:
            return machine.truth(machine.permission(asks), name)
        owner = self.project.find(name, info) or self.project.find(f"{info.name}.{name}")
        if not isinstance(owner, ClassInfo):
            machine.run.suspect(f"{name} was not found, so what it allows is not known")
            return True
        return self._class_lets_in(machine, owner)

    def _class_lets_in(self, machine: Machine, owner: ClassInfo) -> bool:
        method = self.project.method(owner, "has_permission")
        if method is not None:
            given = Given((Request(), Unknown()))
            said = machine.invoke(Made(method, {}, Instance(owner)), given)
            return machine.truth(said, f"{owner.node.name}.has_permission")
        listed = models.load().permissions
        asks = next((listed[b] for b in self.project.bases(owner) if b in listed), None)
        if asks is None:
            machine.run.suspect(f"{owner.node.name} has no has_permission that was found")
            return True
        return machine.truth(machine.permission(asks), owner.node.name)

    def gives_nobody(self, method: FunctionInfo, owner: ClassInfo) -> bool:
        """Say whether an `authenticate` of the project gives no user to who is not logged in."""

        def task(run: Run) -> tuple[bool, int]:
            machine = self.machine(run)
            found = machine.invoke(Made(method, {}, Instance(owner)), Given((Request(),)))
            return found == NONE, 0

        paths = all_ways(World.NOBODY, Facts(person=True), task)
        return not paths.gave_up and not paths.passing

    def test(self, function: FunctionInfo, given: Sequence[Value], facts: Facts) -> Stops:
        """A function whose answer decides: test_func, the callback of a token scheme."""

        def task(run: Run) -> tuple[bool, int]:
            machine = self.machine(run)
            said = machine.invoke(Made(function), Given(tuple(given)))
            return not machine.truth(said, function.name.rpartition(".")[2]), 0

        return self.verdict(task, facts)

    def decorator(self, node: ast.expr, info: ModuleInfo, facts: Facts) -> Stops | None:
        """What a decorator does before it calls the view; None when it is of no concern here."""
        call = node if isinstance(node, ast.Call) else None
        written = info.dotted(call.func if call else node)
        name = self.project.canonical(written, info)
        asks = models.load().decorators.get(name.removesuffix("()"))
        head = ast.unparse(call.func if call else node).partition(".")[0]
        if self.project.ambiguous(head, info) and WHO.search(written):
            return Stops(None, f"{head} is given several meanings in {info.path}")
        if asks is not None and not isinstance(self.project.find(written, info), FunctionInfo):
            return self._library(name, asks, call, info)
        if name.startswith(_HARMLESS) or written.endswith(("not_required", "exempt")):
            return None
        if not self._followed(written, info) and "user_passes_test" not in name:
            last = written.rpartition(".")[2]
            return (
                Stops(None, f"{written} was not found, so what it does is not known")
                if WHO.search(last)
                else None
            )
        said = self.verdict(self._decorated(node, info), facts)
        if said == NEVER and WHO.search(written.rpartition(".")[2]):
            return Stops(False, f"{written} stops nobody before it calls the view")
        return None if said == NEVER else said

    def _followed(self, written: str, info: ModuleInfo) -> bool:
        run = Run(World.NOBODY, Facts(), [])
        try:
            found = self.machine(run).named(written, Frame(info))
        except Ended:
            return True
        if isinstance(found, Library):
            own = self.project.find(found.name, info) or self.project.find(
                f"{info.name}.{found.name}"
            )
            return isinstance(own, ClassInfo | FunctionInfo)
        return not isinstance(found, Unknown)

    def _decorated(self, node: ast.expr, info: ModuleInfo) -> Task:
        def task(run: Run) -> tuple[bool, int]:
            machine = self.machine(run)
            frame = Frame(info)
            call = ast.copy_location(ast.Call(node, [], []), node)
            found = machine.called(machine.value(node, frame), Given((View(),)), call, frame)
            if isinstance(found, View):
                raise Reached
            if not isinstance(found, Made | Stopped | Gate | Instance):
                run.suspect(f"what {ast.unparse(node)[:60]} makes of a view was not followed")
                raise Reached
            handed = Given(()) if not isinstance(found, Made) else Given(_request_of(found))
            inner = machine.called(found, handed, call, frame)
            if isinstance(inner, Made):
                run.suspect(
                    f"{ast.unparse(node)[:60]} makes a decorator, and is used without a call"
                )
                raise Reached
            return True, 0

        return task

    def _library(self, name: str, asks: str, call: ast.Call | None, info: ModuleInfo) -> Stops:
        if call is None and name in models.load().called:
            return Stops(None, f"{name} makes a decorator, and is used without a call")
        if opened(call):
            last = name.removesuffix("()").rpartition(".")[2]
            return Stops(False, f"{last} is optional here: it lets everyone in")
        if name.startswith("flask_login.") and self._login_disabled:
            return Stops(None, "LOGIN_DISABLED is set in this project")
        if name.startswith("flask_httpauth."):
            return self._callback(call, info)
        return Stops(True, role=asks == "role")

    @cached_property
    def _login_disabled(self) -> bool:
        return any(
            isinstance(n, ast.Assign) and "LOGIN_DISABLED" in ast.unparse(n.targets[0])
            and not (isinstance(n.value, ast.Constant) and not n.value.value)
            for info in self.project.modules.values() if not is_test(info.path)
            for n in ast.walk(info.module.tree)
        )  # fmt: skip

    def _callback(self, call: ast.Call | None, info: ModuleInfo) -> Stops:
        """Of Flask-HTTPAuth a function of the project says who may."""
        role = call is not None and any(w.arg == "role" for w in call.keywords)
        for module in self.project.modules.values():
            for function in module.functions.values():
                marks = [module.dotted(d) for d in getattr(function.node, "decorator_list", ())]
                if any(m.endswith((".verify_password", ".verify_token")) for m in marks):
                    said = self.test(function, (Chosen(secret=True), Chosen(secret=True)), Facts())
                    why = f"{function.name.rpartition('.')[2]} lets everyone in"
                    if said.sure is False:
                        return Stops(False, said.why or why)
                    return Stops(said.sure, said.why, role)
        return Stops(None, "what it asks for its answer was not found")


def _idle(said: Stops, function: FunctionInfo) -> Stops:
    """Tell a check that refuses nobody from code that is none."""
    written = ast.unparse(function.node)
    if said == NEVER and _REFUSES.search(written) and WHO.search(written):
        return Stops(False, f"{function.name.rpartition('.')[2]} refuses nobody who comes here")
    return said


def _request_of(made: Made) -> tuple[Value, ...]:
    """Hand a wrapper the request when it names it."""
    args = made.info.node.args.args
    return (Request(),) if args and args[0].arg in ("request", "req") else ()


def is_test(path: str) -> bool:
    """Say whether a file is one of tests."""
    parts = path.split("/")
    return any(p in ("tests", "test") for p in parts[:-1]) or parts[-1].startswith(
        ("test_", "conftest")
    )
