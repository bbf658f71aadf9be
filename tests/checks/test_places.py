"""Places, quotes and repetitions of candidates: counted as git counts, levelled as told."""

from __future__ import annotations

import random
import time
from hashlib import sha256

import pytest

from undersign.catalogs import weaknesses
from undersign.checks import CHECKS
from undersign.checks.code_review.weakness_not_of_sink import weakness_not_of_sink
from undersign.checks.reading.code_lines import statement_at
from undersign.checks.reading.lines import lines_of
from undersign.checks.spec import CannotRun, Grounds, run
from undersign.languages.python import parse
from undersign.records.artifact import Artifact
from undersign.records.candidate import Candidate
from undersign.records.change import Change, FileChange, FileStatus
from undersign.records.code import Code, SourceFile
from undersign.records.finding import Fault, Outcome, Severity, Status
from undersign.records.flow import Flows
from undersign.records.others import Others
from undersign.surfaces.review.dataflow import analyse

BY_CODE = {c.code: c for c in CHECKS}


def code_of(text: str, path: str = "app.py", labels: tuple[str, ...] = ()) -> Code:
    language = "python" if path.endswith(".py") else ""
    digest = sha256(text.encode(errors="replace")).hexdigest()
    return Code({path: SourceFile(path, text, digest, language, labels)}, frozenset((path,)))


def said(code: str, candidate: Candidate, *grounds: object) -> Outcome:
    by_type = {type(one): one for one in grounds}
    check = BY_CODE[code]
    return run(check, Artifact(candidate.file, "candidate", ""), candidate, Grounds(by_type, {}))


def candidate(**given: object) -> Candidate:
    return Candidate(**{"file": "app.py", "line": 1, "message": "", "origin": "a", **given})  # type: ignore[arg-type]


def messages(outcome: Outcome) -> list[str]:
    return [f.message for f in outcome.findings]


# --- lines ---


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\r\nb\rc\n\n", ["a", "b", "c", ""]),
        ("a\x0cb\u2028c\x85d\x1ee\n", ["a\x0cb\u2028c\x85d\x1ee"]),
    ],
)
def test_lines_are_counted_as_git_and_parsers_do(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines


# --- missing-place ---


def test_a_line_separator_in_a_string_makes_no_line() -> None:
    code = code_of("a = '\u2028\u2028\x0c'\n")
    assert said("REV001", candidate(line=1), code).status is Status.CLEAN
    assert said("REV001", candidate(line=2), code).status is Status.FOUND


def test_the_last_line_it_speaks_of_must_exist_too() -> None:
    code = code_of("a = 1\nb = 2\n")
    assert said("REV001", candidate(line=1, end_line=2), code).status is Status.CLEAN
    outcome = said("REV001", candidate(line=1, end_line=3), code)
    assert messages(outcome) == ["`app.py` has 2 lines, and it speaks of line 3"]


def test_a_file_without_a_line_is_unknown() -> None:
    outcome = said("REV001", candidate(line=0), code_of("a = 1\n"))
    assert (outcome.status, outcome.needs) == (Status.NOT_RUN, ("a line",))


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "/etc/passwd", "a/../../b", "c:\\x", ".git/config"]
)
def test_a_path_out_of_the_project_is_no_place(path: str) -> None:
    outcome = said("REV001", candidate(file=path), code_of("a = 1\n"))
    assert "is no file of the project" in messages(outcome)[0]


def test_a_file_that_was_not_read_is_unknown() -> None:
    code = Code({}, frozenset(("big.bin",)), {"big.bin": "it is larger than 5 MB"})
    outcome = said("REV001", candidate(file="big.bin"), code)
    assert (outcome.status, outcome.reason) == (Status.NOT_RUN, "it is larger than 5 MB")


def test_the_new_name_of_a_renamed_file_is_told() -> None:
    change = Change("a", "b", (FileChange("app.py", FileStatus.RENAMED, "old.py"),))
    outcome = said("REV001", candidate(file="old.py"), code_of("a = 1\n"), change)
    assert messages(outcome) == ["`old.py` is `app.py` since this change"]


def test_the_likeliest_file_is_offered() -> None:
    outcome = said("REV001", candidate(file="lib/app.py"), code_of("a = 1\n", "src/app.py"))
    assert outcome.findings[0].suggestion == "did you mean `src/app.py`?"


# --- outside-the-change ---


def _changed(*runs: tuple[int, int], remark: str = "") -> Change:
    one = FileChange("app.py", FileStatus.MODIFIED, added=runs, remark=remark)
    return Change("a", "b", (one,))


def test_one_new_line_of_several_is_enough() -> None:
    assert said("REV002", candidate(line=1, end_line=4), _changed((4, 9))).status is Status.CLEAN
    outcome = said("REV002", candidate(line=1, end_line=3), _changed((5, 9), (40, 41)))
    assert messages(outcome) == ["lines 1 to 3 are not new; the nearest new one is 5"]


def test_lines_of_a_file_that_cannot_be_looked_at_are_unknown() -> None:
    outcome = said("REV002", candidate(), _changed(remark="it is binary"))
    assert (outcome.status, outcome.reason) == (Status.NOT_RUN, "it is binary")


# --- misquoted-code ---


@pytest.mark.parametrize(
    ("text", "quote", "line"),
    [
        ("a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n", 1),
        ("a = 1   \nb = 2\n", "a = 1\nb = 2", 1),
        ("def f():\n    return x + 1  # sum\n", "return x + 1", 2),
        ("def f():\n    if x:\n        y()\n", "if x:\n        y()", 2),
        ("def f():\n    if x:\n        y()\n", "    if x:\n        y(", 2),
        ("é = 'ü'\nb = 'ß'\n", "b = 'ß'", 2),
        ("a = 1\n\nb = 2\n", "\n\na = 1\n\nb = 2\n\n", 1),
    ],
)
def test_a_verbatim_quote_is_seen(text: str, quote: str, line: int) -> None:
    outcome = said("REV003", candidate(line=line, quote=quote), code_of(text))
    assert outcome.status is Status.CLEAN
    assert outcome.seen[0].message == f"the quote stands verbatim at line {line}"


@pytest.mark.parametrize(
    ("text", "quote", "severity"),
    [
        ("def f():\n    if x:\n        y()\n", "if x:\n    y()", Severity.NOTE),
        ("a  =  1\n", "a = 1", Severity.NOTE),
        ("f(a,\n  b)\n", "f(a, b)", Severity.NOTE),
        ("a = 1\n", "a = 2", Severity.ERROR),
        ("a = 1\nb = 2\n", "b = 2\na = 1", Severity.ERROR),
        ("a = 'A'\n", "a = 'a'", Severity.ERROR),
        ("a = '\u0430'\n", "a = 'a'", Severity.ERROR),
        ("", "a = 1", Severity.ERROR),
    ],
)
def test_any_other_is_told(text: str, quote: str, severity: Severity) -> None:
    outcome = said("REV003", candidate(quote=quote), code_of(text))
    assert [f.severity for f in outcome.findings] == [severity]
    assert not outcome.seen


def test_a_quote_at_another_line_is_told_by_its_distance() -> None:
    text = "x = 1\n" * 20 + "eval(y)\n" + "x = 1\n" * 20
    for line, severity in ((20, Severity.NOTE), (24, Severity.NOTE), (25, Severity.WARNING)):
        outcome = said("REV003", candidate(line=line, quote="eval(y)"), code_of(text))
        assert messages(outcome) == [f"the quote stands at line 21, not at line {line}"]
        assert outcome.findings[0].severity is severity


def test_every_slice_of_a_file_is_a_right_quote_and_no_changed_one_is() -> None:
    draw = random.Random(5)
    text = "".join(f"    value_{n} = call_{n}(x, {draw.random()})\n" for n in range(200))
    lines = lines_of(text)
    for _ in range(200):
        first = draw.randrange(195)
        rows = lines[first : first + draw.randint(1, 5)]
        quote = "\n".join(rows)
        right = said("REV003", candidate(line=first + 1, quote=quote), code_of(text))
        assert right.status is Status.CLEAN
        wrong = said("REV003", candidate(line=first + 1, quote=quote + "X"), code_of(text))
        assert wrong.findings[0].severity is Severity.ERROR


def test_a_large_file_and_a_hostile_quote_take_no_time() -> None:
    code = code_of("x = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 50_000)
    started = time.process_time()
    for quote in ("x = a" + "a" * 40_000, "a\n" * 20_000, "(" * 10_000, "y"):
        assert said("REV003", candidate(quote=quote), code).status is Status.FOUND
    assert time.process_time() - started < 3


# --- duplicate-candidate ---


def _twice(text: str, one: Candidate, other: Candidate) -> Status:
    return said("REV040", one, Others((("0123456789", other),)), code_of(text)).status


def test_akin_categories_at_one_statement_are_one() -> None:
    text = "db.execute(\n    q,\n)\n\nif a(\n    b\n):\n    eval(c)\n"
    sql = {"category": "sql-injection"}
    assert _twice(text, candidate(**sql), candidate(line=3, **sql)) is Status.FOUND
    assert _twice(text, candidate(**sql), candidate(line=5, **sql)) is Status.CLEAN
    assert _twice(text, candidate(line=5, **sql), candidate(line=7, **sql)) is Status.FOUND
    assert _twice(text, candidate(line=5, **sql), candidate(line=8, **sql)) is Status.CLEAN
    assert _twice(text, candidate(**sql), candidate(category="weak-hash")) is Status.CLEAN
    assert _twice(text, candidate(**sql), candidate(file="b.py", **sql)) is Status.CLEAN


def test_without_categories_the_same_weakness_or_rule_is_one() -> None:
    assert _twice("", candidate(cwe=("CWE-787",)), candidate(cwe=("cwe-787",))) is Status.FOUND
    assert _twice("", candidate(rule="X1"), candidate(rule="X1")) is Status.FOUND
    assert _twice("", candidate(rule="X1"), candidate(rule="X1", origin="b")) is Status.CLEAN
    assert _twice("", candidate(), candidate()) is Status.CLEAN


def test_statements_are_found_in_any_code() -> None:
    text = (
        "@app.get(\n    '/x'\n)\ndef f(\n    a,\n):\n    return g(\n        a)\n"
        "match a:\n    case 1:\n        b\n"
    )
    assert statement_at(text, 1) == (1, 6)
    assert statement_at(text, 8) == (7, 8)
    assert statement_at(text, 9) == (9, 9)
    assert statement_at(text, 99) is None


# --- weakness-not-of-sink ---


SINK = (
    "import os, subprocess, sqlite3, requests\nfrom lib import shown, page\n"
    "\n\ndef f(db, name):\n    {}\n"
)


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("subprocess.run('tar ' + name, shell=True)", "sql-injection"),
        ("os.system('tar ' + name)", "cross-site-scripting"),
        ("db.execute('SELECT ' + name).fetchall()", "command-injection"),
        ("x = eval(name)", "sql-injection"),
        ("with open(name) as file: pass", "server-side-request-forgery"),
        ("requests.get(name.strip())", "open-redirect"),
    ],
)
def test_a_kind_of_fault_that_the_only_calls_cannot_have_is_told(line: str, category: str) -> None:
    assert [type(one) for one in _of_sink(line, category)] == [Fault]


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("db.execute(shown(name))", "server-side-request-forgery"),
        ("return db.execute('SELECT ' + name).fetchall()", "cross-site-scripting"),
        ("return page(db.execute(name))", "cross-site-scripting"),
        ("shown(name)", "sql-injection"),
        ("x = name + 'a'", "sql-injection"),
    ],
)
def test_where_another_call_may_have_it_nothing_is_said(line: str, category: str) -> None:
    with pytest.raises(CannotRun):
        _of_sink(line, category)


def _of_sink(line: str, category: str) -> list[object]:
    text = SINK.format(line)
    flows: Flows = analyse({"app.py": parse(text)})
    one = candidate(line=6, category=category)
    return list(weakness_not_of_sink(one, flows, weaknesses.load(), code_of(text)))


# --- severity-out-of-line ---


def test_a_secret_in_a_test_may_be_critical() -> None:
    code = code_of("a = 1\n", labels=("test",))
    known = weaknesses.load()
    secret = candidate(category="hardcoded-secret", severity="critical")
    assert said("REV042", secret, known, code).status is Status.CLEAN
    other = candidate(category="sql-injection", severity="critical")
    assert said("REV042", other, known, code).findings[0].severity is Severity.NOTE
