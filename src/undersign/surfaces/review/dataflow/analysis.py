"""An analysis from its beginning to its end: which files, in how many rounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from undersign.catalogs.code import CodeModels
from undersign.languages.python import Module
from undersign.records.flow import Flows
from undersign.surfaces.review.dataflow.engine import Engine
from undersign.surfaces.review.dataflow.project import ModuleInfo, Project

_MOST_ROUNDS = 4


def analyse_project(
    files: Mapping[str, Module], models: CodeModels, focus: Collection[str] | None,
    texts: Mapping[str, str],
) -> Flows:  # fmt: skip
    """Analyse the files in focus, and those that import them, since they may call into them."""
    project = Project(files)
    engine = Engine(project, models)
    engine.texts = texts
    wanted = set(files) if focus is None else set(focus) & set(files)
    entries = wanted | (_importers(project, wanted) if focus is not None else set())
    for number in range(1, _MOST_ROUNDS + 1):
        # Again while what a method leaves in an object was read before it was left there.
        engine.begin_round()
        engine.settled = number < _MOST_ROUNDS and not engine.cut
        for path in sorted(entries):
            info = project.modules[path]
            _note_unread(engine, info)
            engine.run_file(info)
        if not engine.changed and not (engine.cut and engine.settled):
            break
    return engine.flows(entries)


def _importers(project: Project, wanted: Collection[str]) -> set[str]:
    names = {project.modules[path].name for path in wanted}
    found = set()
    for path, info in project.modules.items():
        for target in (*info.imports.values(), *info.stars):
            holder = project.module(target, info) or project.module(target.rpartition(".")[0], info)
            if holder is not None and holder.name in names:
                found.add(path)
                break
    return found


def _note_unread(engine: Engine, info: ModuleInfo) -> None:
    if info.module.unread:
        first = info.module.unread[0]
        engine.unread[info.path] = f"a piece of it cannot be read (line {first.line})"
