"""Attributes of objects whose class the project defines."""

from __future__ import annotations

from undersign.surfaces.review.dataflow.engine import Engine, Frame
from undersign.surfaces.review.dataflow.project import ClassInfo, FunctionInfo
from undersign.surfaces.review.dataflow.values import Value, joined


def is_view(ref: str, frame: Frame, engine: Engine) -> bool:
    """Say whether an object is one whose methods a framework calls with a request."""
    from undersign.surfaces.review.dataflow.routes import is_view_class

    owner = engine.project.find(ref.removesuffix("()"), frame.module)
    return isinstance(owner, ClassInfo) and is_view_class(owner, engine.project)


def of_object(ref: str, name: str, frame: Frame, engine: Engine) -> Value | None:
    """Return an attribute of an object of the project; a property is run."""
    owner = engine.project.find(ref.removesuffix("()"), frame.module)
    if not isinstance(owner, ClassInfo):
        return None
    if method := engine.project.method(owner, name):
        if any(d.rpartition(".")[2] in _PROPERTIES for d in method.decorators):
            return _property(method, owner, frame, engine)
        return Value(ref=f"{ref}.{name}", known=False)
    bases = list(engine.project.bases(owner))
    value = engine.attribute(owner, name)
    if value is not None:
        return value
    return Value(ref=f"{ref}.{name}", known=False) if not bases else None


_PROPERTIES = frozenset({"property", "cached_property", "hybrid_property"})


def _property(method: FunctionInfo, owner: ClassInfo, frame: Frame, engine: Engine) -> Value:
    this = Value(ref=f"{owner.name}()", known=False)
    made = []
    for one in (method, *engine.project.overriding(owner, method.name.rpartition(".")[2])):
        names = [a.arg for a in (*one.node.args.posonlyargs, *one.node.args.args)]
        made.append(engine.invoke(one, dict.fromkeys(names[:1], this), frame))
    return joined(made)
