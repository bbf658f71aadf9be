"""Upstream: what stops a request before it reaches a view.

`stopping` runs guards for somebody who is not logged in, and says whether he passes; `flask`,
`fastapi` and `django` find what each framework runs before a view. A guard counts only when its
code stops him on every way through: a name that sounds like one proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from undersign.languages.python import Module
from undersign.records.guard import GUARDED, UNKNOWN, Guard, Guards


def guards(project: Mapping[str, Module], *, focus: Collection[str] | None = None) -> Guards:
    """Say of every view in the files of `focus` what guards it; the whole project is read."""
    from undersign.surfaces.review.upstream import django, fastapi, flask
    from undersign.surfaces.review.upstream.names import Names
    from undersign.surfaces.review.upstream.stopping import Judge

    names = Names(project)
    judge = Judge(names)
    wanted = set(project) if focus is None else set(focus) & set(project)
    found: list[Guard] = []
    for framework in (flask, fastapi, django):
        if any(framework.PACKAGES & info.packages for info in names.modules.values()):
            found += framework.views(names, judge, wanted)
    return Guards(tuple(_surely(guard, project) for guard in found), frozenset(wanted))


def _surely(guard: Guard, project: Mapping[str, Module]) -> Guard:
    """A guard in a file of which a piece could not be read may be opened in that piece."""
    files = dict.fromkeys((guard.file, *(step.file for step in guard.steps)))
    part = next((file for file in files if project[file].unread), None)
    if guard.verdict != GUARDED or part is None:
        return guard
    return replace(guard, verdict=UNKNOWN, why=f"{guard.why}, but part of {part} could not be read")
