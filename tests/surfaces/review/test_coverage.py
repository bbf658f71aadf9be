"""The coverage statement: silence is told apart from having looked."""

from __future__ import annotations

from undersign.catalogs import owasp, weaknesses
from undersign.records.candidate import Candidate
from undersign.records.review import (
    CategoryCoverage,
    Coverage,
    Examined,
    FileCoverage,
    FileState,
    Looker,
    Standing,
)
from undersign.surfaces.review.coverage import coverage

LISTS = (weaknesses.load(), owasp.load())
READ = FileCoverage("a.py", FileState.ASSESSED, 9, looked=("dataflow", "anthropic:M"))
LOOKERS = (Looker("dataflow"), Looker("ruff", failed="not installed"))
FOUR = ["design", "multi-step-authorization", "business-logic", "novel-sinks"]


def _rows(made: Coverage) -> dict[str, CategoryCoverage]:
    return {one.id: one for one in made.categories}


def test_every_category_of_the_lists_and_of_ours_has_a_row() -> None:
    rows = _rows(coverage((), (), (), LISTS))
    for number in range(1, 11):
        for edition in ("2021", "2025"):
            assert f"A{number:02}:{edition}" in rows
        assert f"LLM{number:02}:2025" in rows
    assert {one.cwe[0] for one in LISTS[0].categories.values()} <= set(rows)


def test_where_nothing_ran_nothing_looked() -> None:
    made = coverage((), (), (), LISTS)
    assert not any(one.looked for one in made.categories)
    idle = coverage((FileCoverage("a.py", FileState.ASSESSED),), LOOKERS, (), LISTS)
    assert not any(one.looked for one in idle.categories), "it ran, and read no file"


def test_only_what_read_a_file_has_looked() -> None:
    rows = _rows(coverage((READ,), LOOKERS, (), LISTS))
    assert rows["CWE-89"].looked == ("dataflow",)
    assert rows["A03:2021"].looked == ("dataflow",)
    assert "ruff" not in {name for one in rows.values() for name in one.looked}
    assert rows["CWE-798"].looked == (), "nobody looked for secrets"
    assert rows["CWE-306"].looked == (), "claims are verified, none is searched for"
    assert "upstream" in rows["CWE-306"].note


def test_design_is_nobodys_even_when_everything_ran() -> None:
    every = ("dataflow", "ruff", "secrets", "dependencies")
    read = FileCoverage("a.py", FileState.ASSESSED, 9, looked=every)
    rows = _rows(coverage((read,), tuple(Looker(name) for name in every), (), LISTS))
    for id_ in ("A04:2021", "A06:2025"):
        assert rows[id_].looked == ()
        assert "people" in rows[id_].note


def test_a_model_that_was_asked_has_not_looked() -> None:
    lookers = (*LOOKERS, Looker("anthropic:M", by_drafter=True))
    rows = _rows(coverage((READ,), lookers, (), LISTS))
    assert "anthropic:M" not in {name for one in rows.values() for name in one.looked}
    assert rows["CWE-798"].asked == ("anthropic:M",)
    assert rows["CWE-89"].asked == ()
    failed = (*LOOKERS, Looker("anthropic:M", by_drafter=True, failed="no answer"))
    assert _rows(coverage((READ,), failed, (), LISTS))["CWE-798"].asked == ()


def test_candidates_are_counted_where_they_belong_and_where_they_say() -> None:
    ours = Candidate("a.py", 1, "m", "ruff", category="sql-injection")
    theirs = Candidate("a.py", 2, "m", "x", owasp=("A04:2021",))
    found = tuple(Examined(c.origin, c, (), Standing.STANDS, "w") for c in (ours, theirs))
    rows = _rows(coverage((READ,), LOOKERS, found, LISTS))
    assert rows["CWE-89"].candidates == 1
    assert rows["A03:2021"].candidates == 1
    assert rows["A04:2021"].candidates == 1
    assert rows["A10:2021"].candidates == 0


def test_every_file_not_wholly_looked_at_is_an_area() -> None:
    files = tuple(FileCoverage(state.value, state, why="w") for state in FileState)
    made = coverage(files, (), (), LISTS)
    assert [one.key for one in made.areas[:4]] == FOUR
    named = {one.key.removeprefix("file:") for one in made.areas[4:]}
    assert named == {s.value for s in FileState} - {FileState.ASSESSED, FileState.DELETED}
    assert not any(one.statement for one in made.areas)
