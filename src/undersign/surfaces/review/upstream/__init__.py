"""Upstream: what stops a request before it reaches a view.

`stopping` runs guards for somebody who is not logged in, and says whether he passes; `flask`,
`fastapi` and `django` find what each framework runs before a view. A guard counts only when its
code stops him on every way through: a name that sounds like one proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from undersign.languages.python import Module
from undersign.records.guard import Guard, Guards


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
    return Guards(tuple(found), frozenset(wanted))
