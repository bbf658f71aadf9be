"""Views of a threat model by their names."""

from __future__ import annotations

from undersign.catalogs import application_classes, threat_rules
from undersign.errors import UsageError
from undersign.records.table import Table
from undersign.surfaces.threatmodel import views
from undersign.workspace.threatmodelling.catalogs import references
from undersign.workspace.threatmodelling.model import Model
from undersign.workspace.workspace import Workspace


def view(workspace: Workspace, model: Model, name: str, level: int) -> tuple[Table, ...]:
    """Return the tables of a view: `pasta`, `linddun`, `checklist` or `register`."""
    if name == "pasta":
        return views.pasta(model.system, model.analysis)
    if name == "linddun":
        return (views.linddun(model.system, model.analysis),)
    if name == "register":
        return (views.register(model.analysis),)
    rules, known = threat_rules.load(), references(workspace)
    return (views.checklist(model.system, model.analysis, rules, known, level),)


def of_class(workspace: Workspace, name: str, level: int) -> Table:
    """Return the checklist of a class of application; UsageError for one that is not known."""
    known = application_classes.load()
    if name not in known:
        raise UsageError(f"no class of application is called {name!r}",
                         hint=f"one of {', '.join(known)}")  # fmt: skip
    return views.class_checklist(known[name], references(workspace), level)
