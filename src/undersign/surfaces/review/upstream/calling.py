"""Calls of a guard: of frameworks and libraries that are known, of the project, and of the rest."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod

from undersign.catalogs import guards as models
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo
from undersign.surfaces.review.upstream.methods import DEMANDS, ENDS, METHODS, Given, Methods
from undersign.surfaces.review.upstream.names import Frame, instance
from undersign.surfaces.review.upstream.running import Raised, Reached
from undersign.surfaces.review.upstream.values import (
    FALSE,
    NONE,
    TRUE,
    WHO,
    Chosen,
    Gate,
    Instance,
    Items,
    Known,
    Library,
    Lookup,
    Low,
    Made,
    Person,
    Present,
    Refusal,
    Request,
    Stopped,
    Unknown,
    Value,
    View,
    World,
    is_who,
)

_ABORTS = re.compile(
    r"^(flask|quart|werkzeug|flask_restful|flask_restx|flask_smorest|bottle)\b.*\.abort$"
)
_REFUSALS = re.compile(
    r"(^|\.)(redirect|redirect_to_login|HttpResponseRedirect|HttpResponseForbidden|unauthorized|"
    r"HttpResponseNotAllowed|RedirectResponse|handle_no_permission|permission_denied)$"
)
_RESPONSES = re.compile(r"(^|\.)\w*(Response|make_response|HttpResponse)$")
_SAYS_NO = frozenset({401, 403, 407, "401", "403"})
_DEEDS = re.compile(
    r"(?i)(^|_)(delete|remove|drop|create|add|save|update|insert|send|write|commit|set|put|execute|"
    r"run|exec|pay|transfer|upload|import|kill|publish|move|copy|mkdir|unlink|system|apply|reset|"
    r"start|stop|approve|charge|refund|grant|revoke|purge|wipe|logout|clear)(_|$)"
)
_HARMLESS = re.compile(
    r"^(get\w*|is_\w+|has_\w+|len|str|int|float|bool|list|dict|set|tuple|sorted|reversed|enumerate|zip|"
    r"range|print|debug|info|warning|warn|error|exception|critical|log|flash|url_for|reverse|items|"
    r"keys|values|split|rsplit|strip|lower|upper|replace|join|format|encode|decode|startswith|"
    r"endswith|jsonify|dumps|loads|append|extend|now|utcnow|time|isoformat|first|first_or_404|all|"
    r"one|one_or_none|filter|filter_by|order_by|where|query|select|scalar|scalars|fetchone|fetchall|exists|count|"
    r"render|render_template|json|body|form|cast|_|gettext|super|type|id|repr|min|max|sum|any|isinstance|"
    r"getattr|hasattr|limit|offset|paginate|options|outerjoin|values_list|prefetch_related|select_related|"
    r"accept|[A-Z]\w*)$"
)
_QUERIES = frozenset(
    {"filter", "filter_by", "where", "execute", "query", "select", "scalars", "options"}
)
_PASSING = frozenset(
    {
        "wraps",
        "sync_to_async",
        "async_to_sync",
        "ensure_sync",
        "iscoroutinefunction",
        "markcoroutinefunction",
    }
)


class Calling(Methods):
    """Evaluates calls; bodies of functions are left to whoever executes statements."""

    @abstractmethod
    def invoke(self, made: Made, given: Given) -> Value:
        """Run a function of the project."""

    def call(self, node: ast.Call, frame: Frame) -> Value:
        """Evaluate a call."""
        self.run.step()
        special = self._special(node, frame)
        if special is not None:
            return special
        held: Value | None = None
        method = ""
        if isinstance(node.func, ast.Attribute):
            held = self.value(node.func.value, frame)
            method = node.func.attr
        given = self._given(node, frame)
        if held is not None and not isinstance(held, Library):
            return self.method(held, method, given, node, frame)
        target = self.value(node.func, frame)
        if self._waits(target, node):
            return Unknown()  # a coroutine that nobody awaits never runs
        return self.called(target, given, node, frame)

    def _waits(self, target: Value, node: ast.Call) -> bool:
        return (
            isinstance(target, Made)
            and isinstance(target.info.node, ast.AsyncFunctionDef)
            and node not in self.awaited
        )

    def _given(self, node: ast.Call, frame: Frame) -> Given:
        asks = isinstance(node.func, ast.Attribute) and node.func.attr in _QUERIES
        plain = tuple(
            # `filter(User.token == token)` compares nothing yet
            self.mixed(self.value(a.left, frame), self.value(a.comparators[0], frame))
            if asks and isinstance(a, ast.Compare)
            else self.value(a, frame)
            for a in node.args
            if not isinstance(a, ast.Starred)
        )
        return Given(plain, {w.arg: self.value(w.value, frame) for w in node.keywords if w.arg})

    def _special(self, node: ast.Call, frame: Frame) -> Value | None:
        """Evaluate what the language itself provides."""
        func = node.func
        if isinstance(func, ast.Attribute) and ast.unparse(func.value).startswith("super("):
            return self._super(func.attr, node, frame)
        if not isinstance(func, ast.Name) or func.id in frame.names:
            return None
        if func.id in ("any", "all") and len(node.args) == 1:
            return self._any(node, frame, every=func.id == "all")
        if func.id == "bool" and len(node.args) == 1:
            return TRUE if self.test(node.args[0], frame) else FALSE
        if func.id == "getattr" and len(node.args) >= 2:
            named = node.args[1]
            held = self.value(node.args[0], frame)
            if isinstance(named, ast.Constant) and not (held == NONE and len(node.args) > 2):
                return self.attribute_of(held, str(named.value), frame)
            return self.value(node.args[2], frame) if held == NONE else Unknown(is_who(held))
        if (
            func.id in ("str", "set", "list", "tuple", "frozenset", "sorted")
            and len(node.args) == 1
        ):
            return self.value(node.args[0], frame)
        return None

    def _any(self, node: ast.Call, frame: Frame, *, every: bool) -> Value:
        found = self.value(node.args[0], frame)
        if isinstance(found, Low):
            return TRUE if every else FALSE
        if isinstance(found, Items) and len(found.items) == 1:
            held = self.truth(found.items[0], ast.unparse(node))
            if every is held or self.run.choose(ast.unparse(node), free=False):
                return TRUE if held else FALSE
            return FALSE if held else TRUE
        return Unknown(is_who(found))

    def _super(self, name: str, node: ast.Call, frame: Frame) -> Value:
        given = self._given(node, frame)
        if (
            name in ("dispatch", "dispatch_request", "initial", "__call__")
            and self.run.facts.action == "<dispatch>"
        ):
            raise Reached
        for base in frame.owner.bases if frame.owner is not None else ():
            above = self.project.find(base, frame.info)
            method = self.project.method(above, name) if isinstance(above, ClassInfo) else None
            if method is not None:
                return self.invoke(Made(method, {}, frame.names.get("self")), given)
            asks = models.load().permissions.get(base)
            if asks and name == "has_permission":
                return self.permission(asks)
        return Unknown(who=bool(WHO.search(name)))

    def called(self, target: Value, given: Given, node: ast.Call, frame: Frame) -> Value:
        """Call a value."""
        if isinstance(target, View):
            raise Reached
        if isinstance(target, Stopped):
            return self._stopped(target.role)
        if isinstance(target, Gate):
            return self._gate(target, node, frame)
        if isinstance(target, Made):
            return self.invoke(target, given)
        if isinstance(target, Library):
            return self._library(target.name, given, node, frame)
        if isinstance(target, Instance):
            method = self.project.method(target.owner, "__call__")
            return self.invoke(Made(method, {}, target), given) if method else Unknown()
        if isinstance(target, Known | Low):
            return target  # `is_authenticated()`, as it was once written
        return self.unseen(ast.unparse(node.func), given, node)

    def _stopped(self, role: bool) -> Value:
        self.run.who = True
        if self.nobody or (role and not self.anyone):
            raise Raised("Unauthorized")
        if self.anyone and self.run.choose("may he", free=False):
            raise Raised("Unauthorized")
        raise Reached

    def _gate(self, gate: Gate, node: ast.Call, frame: Frame) -> Value:
        said = self.called(gate.test, Given((Person(),)), node, frame)
        if self.truth(said, "the test"):
            raise Reached
        raise Raised("Unauthorized")

    def method(self, held: Value, name: str, given: Given, node: ast.Call, frame: Frame) -> Value:
        """Call a method of a value."""
        if isinstance(held, View):
            raise Reached
        read = METHODS.get(type(held))
        if read is not None:
            found = read(self, held, name, given)
            if found is not None:
                return found
        if isinstance(held, Instance | Person | Request):
            target = self.attribute_of(held, name, frame)
            if not isinstance(target, Unknown):
                return self.called(target, given, node, frame)
        if held == NONE:
            raise Raised("AttributeError", crash=True)
        return self.unseen(name, given, node, who=is_who(held))

    def _library(self, name: str, given: Given, node: ast.Call, frame: Frame) -> Value:
        known = models.load()
        full = self.project.canonical(name, frame.info)
        found = self._guarding(full, given, node)
        if found is not None:
            return found
        if full in known.calls:
            return self._listed(known.calls[full], given, node)
        if known.values.get(full) == "nobody":
            return self.looked_up(Lookup(empty=self.nobody))
        if _ABORTS.search(full):
            raise Raised("HTTPException")
        if _REFUSALS.search(full):
            return Refusal()
        if _RESPONSES.search(full) or full.endswith("jsonify"):
            return Refusal() if _says_no(given) else self._response(given)
        last = full.rpartition(".")[2]
        if full == "<pass>" or last in _PASSING:
            return Library("<pass>") if last == "wraps" else (*given.plain, Unknown())[0]
        if last in ("Request", "HTTPConnection", "WebSocket") and full.startswith(
            ("starlette", "fast")
        ):
            return Request()
        owner = self.project.find(name, frame.info) or self.project.find(
            f"{frame.info.name}.{name}"
        )
        if isinstance(owner, ClassInfo):
            return self._instance(owner, given, node)
        return self.unseen(full, given, node)

    def _response(self, given: Given) -> Value:
        return Refusal() if any(isinstance(v, Refusal) for v in given.plain) else Unknown()

    def _guarding(self, full: str, given: Given, node: ast.Call) -> Value | None:
        """A decorator of a library: given a view it guards it, given words it becomes one."""
        known = models.load()
        if full == "django.contrib.auth.decorators.user_passes_test" and given.plain:
            return Gate(given.plain[0])
        asks = known.decorators.get(full.removesuffix("()"))
        if asks is None or isinstance(self.project.find(full), FunctionInfo):
            return None
        if given.plain and isinstance(given.plain[0], View | Made | Stopped):
            return Stopped(asks == "role")
        if opened(node):
            return Library("<pass>")
        return Library(full)

    def _listed(self, what: str, given: Given, node: ast.Call) -> Value:
        self.run.who = True
        if what == "stop":
            asks = not opened(node) and self.run.world is not World.USER
            if asks and (self.nobody or self.run.choose("may he", free=False)):
                raise Raised("Unauthorized")
            return NONE
        if what == "verify":
            if _unverified(node):
                return Chosen()
            if any(w.arg == "options" and not isinstance(w.value, ast.Dict) for w in node.keywords):
                return Unknown(who=True)
            return self.looked_up(Lookup(empty=self.nobody), "Invalid")
        if what == "compare" and given.plain and all(isinstance(v, Chosen) for v in given.plain):
            return TRUE if self.run.choose(ast.unparse(node), free=True) else FALSE
        if what == "compare":
            return Unknown(who=True) if self.anyone else (FALSE if self.nobody else TRUE)
        return self.looked_up(Lookup(empty=self.nobody))

    def _instance(self, owner: ClassInfo, given: Given, node: ast.Call) -> Value:
        made = instance(owner, node)
        start = self.project.method(owner, "__init__")
        if start is not None:
            self.invoke(Made(start, {}, made), given)
        return made

    def unseen(self, name: str, given: Given, node: ast.Call, *, who: bool = False) -> Value:
        """Call something of which the code is not seen."""
        last = name.rpartition(".")[2].removesuffix("()")
        self.run.may_raise = True
        query = self._query(last, name, given)
        if query is not None:
            return query
        if given.has(View):
            raise Reached
        asks = (
            bool(WHO.search(last))
            or given.has(Person)
            or any(isinstance(v, Chosen) and v.secret for v in given.all)
        )
        harmless = bool(_HARMLESS.match(last)) and not _DEEDS.search(last)
        if asks and not harmless:
            self.run.suspect(f"{name[:60]} was not found, so whether it stops is not known")
        if self.run.in_view and not harmless:
            if _DEEDS.search(last):
                raise Reached
            self.run.deed = self.run.deed or f"{name[:60]}()"
        return Unknown(who or asks or any(is_who(v) for v in given.all))

    def _query(self, last: str, name: str, given: Given) -> Value | None:
        """A look into something that is not seen, by what tells who somebody is."""
        empty = self._empty(given)
        if empty is None or (self.run.in_view and _DEEDS.search(last) and last != "execute"):
            return None
        if last in _QUERIES:
            return Lookup(empty)
        if last in ENDS:
            manager = last == "get" and (given.named or ".objects." in f"{name}.")
            return self.looked_up(Lookup(empty), "DoesNotExist" if manager else "")
        return self.looked_up(Lookup(empty), "NotFound") if last in DEMANDS else None

    def _empty(self, given: Given) -> bool | None:
        """Say whether a query by an identity finds nothing; None when it is by none."""
        values = [i for v in given.all for i in (v.items if isinstance(v, Items) else (v,))]
        if any(isinstance(v, Chosen) and v.secret for v in values):
            return self.nobody
        if values and values[0] == NONE and self.run.who:
            return True
        return False if any(isinstance(v, Present) for v in values) else None


def opened(node: ast.Call | None) -> bool:
    """Say whether a keyword of a call lets everyone in."""
    words = node.keywords if node is not None else []
    return any(
        w.arg in models.load().opens
        and not (isinstance(w.value, ast.Constant) and not w.value.value)
        for w in words
    )


def _unverified(node: ast.Call) -> bool:
    """Say whether a token is read without a look at its signature."""
    written = " ".join(ast.unparse(w) for w in node.keywords)
    if any(isinstance(a, ast.Constant) and a.value is False for a in node.args):
        return True
    return bool(
        re.search(
            r"verify_signature'?:? ?=?False|verify=False|['\"]none['\"]", written.replace(": ", ":")
        )
    ) or ("**" in written)


def _says_no(given: Given) -> bool:
    return any(
        isinstance(v, Known) and all(not isinstance(x, tuple) and x in _SAYS_NO for x in v.values)
        for v in given.all
    )
