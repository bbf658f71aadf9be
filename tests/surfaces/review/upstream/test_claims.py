"""What `guarded-upstream` makes of a guard: a login is not a role, a role is not an owner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from undersign.checks.code_review.guarded_upstream import guarded_upstream
from undersign.checks.spec import CannotRun, DoesNotApply
from undersign.languages.python import parse
from undersign.records.candidate import Candidate
from undersign.records.finding import Fault, Seen
from undersign.records.guard import GUARDED, NOT_GUARDED, UNKNOWN, Guards
from undersign.surfaces.review.upstream import guards

LOGIN = """
from flask import Flask
from flask_login import current_user, login_required
app = Flask(__name__)
@app.post("/delete")
@login_required
def delete():
    return "gone"
"""
ROLE = """
from functools import wraps
from flask import Flask, abort
from flask_login import current_user
app = Flask(__name__)
def admin_only(view):
    @wraps(view)
    def inner(*args, **kwargs):
        if not current_user.is_admin:
            abort(403)
        return view(*args, **kwargs)
    return inner
@app.post("/delete")
@admin_only
def delete():
    return "gone"
"""
OPEN = """
from flask import Flask
app = Flask(__name__)
@app.post("/delete")
def delete():
    return "gone"
"""


def _said(code: str, category: str, message: str, cwe: tuple[str, ...] = ()) -> str:
    line = code[: code.index("gone")].count("\n") + 1
    candidate = Candidate("a.py", line, message, "x", category=category, cwe=cwe)
    try:
        said: Iterator[Fault | Seen] = guarded_upstream(candidate, guards({"a.py": parse(code)}))
        (one,) = said
    except CannotRun as answer:
        return f"not run: {answer.needs}"
    except DoesNotApply:
        return "does not apply"
    return "refuted" if isinstance(one, Fault) else "seen"


@pytest.mark.parametrize(
    ("code", "category", "message", "expected"),
    [
        (LOGIN, "missing-authentication", "anyone can delete", "refuted"),
        (LOGIN, "missing-authentication", "no admin role is required", "not run: a person"),
        (LOGIN, "missing-authorization", "any logged-in user can delete", "not run: a person"),
        (LOGIN, "missing-authorization", "the view checks nothing", "not run: a person"),
        (LOGIN, "missing-authorization", "unauthenticated callers can delete", "refuted"),
        (LOGIN, "object-authorization", "the owner is not checked", "not run: a person"),
        (ROLE, "missing-authentication", "anyone can delete", "refuted"),
        (ROLE, "missing-authorization", "no admin role is required", "refuted"),
        (ROLE, "object-authorization", "the owner is not checked", "not run: a person"),
        (OPEN, "missing-authentication", "anyone can delete", "seen"),
        (OPEN, "missing-authorization", "no admin role is required", "seen"),
        (OPEN, "object-authorization", "the owner is not checked", "seen"),
        (LOGIN, "sql-injection", "no authentication either", "does not apply"),
        (LOGIN, "", "no authentication is required here", "refuted"),
        (LOGIN, "", "the query is concatenated", "does not apply"),
    ],
)
def test_a_guard_refutes_no_more_than_it_asks(
    code: str, category: str, message: str, expected: str
) -> None:
    assert _said(code, category, message) == expected


@pytest.mark.parametrize(
    ("cwe", "expected"),
    [("CWE-306", "refuted"), ("cwe-862", "not run: a person"), ("CWE-89", "does not apply")],
)
def test_a_cwe_tells_what_is_claimed(cwe: str, expected: str) -> None:
    assert _said(LOGIN, "", "anything", (cwe,)) == expected


def _only(found: Guards, line: int) -> tuple[str, bool]:
    guard = found.of("a.py", line)
    assert guard is not None
    return guard.verdict, guard.authorizes


def test_a_role_is_told_from_a_login() -> None:
    assert _only(guards({"a.py": parse(LOGIN)}), 8) == (GUARDED, False)
    assert _only(guards({"a.py": parse(ROLE)}), 16) == (GUARDED, True)
    assert _only(guards({"a.py": parse(OPEN)}), 6) == (NOT_GUARDED, False)


def test_a_line_outside_every_view_has_no_guard_and_a_class_speaks_for_its_methods() -> None:
    text = """
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.viewsets import ModelViewSet
from rest_framework.decorators import action
def helper():
    return 1
class A(ModelViewSet):
    permission_classes = [IsAuthenticated]
    def list(self, request):
        return 1
class B(ModelViewSet):
    permission_classes = [IsAuthenticated]
    @action(detail=False, permission_classes=[AllowAny])
    def ping(self, request):
        return 1
"""
    found = guards({"a.py": parse(text)})
    assert found.of("a.py", 6) is None
    assert _only(found, 7)[0] == GUARDED
    assert _only(found, 11)[0] == UNKNOWN
    assert _only(found, 15)[0] == NOT_GUARDED


def test_only_the_files_in_focus_are_judged_and_the_whole_project_is_read() -> None:
    hooks = "from flask import Flask, abort, session\napp = Flask(__name__)\n" + (
        "@app.before_request\ndef check():\n    if 'user' not in session:\n        abort(401)\n"
    )
    views = "from flask import g\nfrom hooks import app\n@app.get('/x')\ndef v():\n    return 'x'\n"
    found = guards({"hooks.py": parse(hooks), "a.py": parse(views)}, focus={"a.py"})
    assert [(g.file, g.verdict) for g in found.guards] == [("a.py", GUARDED)]
    assert found.guards[0].steps[0].file == "hooks.py"


def test_a_guard_of_which_a_piece_could_not_be_read_is_not_believed() -> None:
    whole = ROLE.replace("        return view", "        pass\n        return view")
    broken = ROLE.replace("        return view", "        if (((\n        return view")
    assert _only(guards({"a.py": parse(whole)}), 17) == (GUARDED, True)
    found = parse(broken)
    assert found.unread
    assert all(g.verdict != GUARDED for g in guards({"a.py": found}).guards)
