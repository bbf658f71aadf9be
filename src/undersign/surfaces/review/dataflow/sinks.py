"""Sinks that a call is, by the models: what reaches the arguments that matter."""

from __future__ import annotations

import ast

from undersign.catalogs.code import SinkRule
from undersign.surfaces.review.dataflow.conditions import CONDITIONS, Called
from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.expressions import path_of
from undersign.surfaces.review.dataflow.values import STRANGE, Value, flat


def receiver_of(called: Called) -> list[Value]:
    """Return what a call is made on, if anything."""
    return [called.receiver] if called.receiver is not None else []


def meet_sinks(called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    """Judge a call by every rule that means it."""
    for pattern, rule in engine.models.sinks.of(called.name):
        if is_meant(pattern, rule.needs, frame):
            _meet(rule, called, node, frame, engine)


def is_meant(pattern: str, needs: tuple[str, ...], frame: Frame) -> bool:
    """A pattern that is the end of a name alone counts where its library is imported."""
    if not pattern.startswith(".") or not needs:
        return True
    return any(name in frame.module.packages for name in needs)


def _meet(rule: SinkRule, called: Called, node: ast.Call, frame: Frame, engine: Engine) -> None:
    values = _mattering(rule, called)
    name = path_of(node.func) or called.name
    holds = CONDITIONS[rule.when](called) if rule.when else True
    if holds is False:
        if rule.when != "element" and any(flat(v).taints for v in values):
            why = f"the way {name} is called makes it no sink for {rule.category}"
            engine.meet(rule.category, name, node, frame, "refuted", why)
        elif rule.when != "element":
            engine.sink(rule.category, name, values, node, frame)
        return
    if called.starred:
        values = [*values, STRANGE]
    if holds is None and any(flat(v).taints for v in values):
        why = f"whether {name} is a sink for {rule.category} here depends on what was not seen"
        engine.meet(rule.category, name, node, frame, "not shown", why)
        return
    engine.sink(rule.category, name, values, node, frame)
    kinds = {t.kind for v in values for t in flat(v).taints}
    if "model-reply" in kinds and rule.category in _ACTS:
        engine.sink("excessive-agency", name, values, node, frame)


_ACTS = frozenset(
    {"command-injection", "code-injection", "path-traversal", "server-side-request-forgery"}
)
"""Sinks by which a model acts: without a person between, they are more agency than a reply has."""


def _mattering(rule: SinkRule, called: Called) -> list[Value]:
    found = _given(rule, called)
    if rule.when == "html-response":
        # `(body, status, headers)`: the body alone is shown.
        return [v.items[0] if v.items else v for v in found]
    return found


def _given(rule: SinkRule, called: Called) -> list[Value]:
    if "*" in rule.arguments:
        return [*called.positional, *called.keywords.values()]
    if "self" in rule.arguments:
        return receiver_of(called)
    found = [called.argument(which) for which in rule.arguments]
    return [value for value in found if value is not None]
