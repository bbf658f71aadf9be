"""What makes a candidate the same: CodeQL's line hash, ids, and who says the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undersign.records.candidate import Candidate
from undersign.records.finding import Finding, Outcome, Severity, Status
from undersign.records.review import Examined, Standing
from undersign.surfaces.review.fingerprint import ids, line_hash, told_once

TEXT = "import os\n\n\ndef run(c):\n    os.system(c)\n    os.system(c)\n"
LOREM = "Lorem ipsum dolor sit amet.\n" * 10


def _as_defined(text: str, line: int) -> str:
    """Compute a hash by its definition, a polynomial, with no window that rolls."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    rest = "\n".join(plain.split("\n")[line - 1 :]).replace(" ", "").replace("\t", "")
    raw = rest.encode("utf-16-le", "surrogatepass")
    units = [raw[n] + 256 * raw[n + 1] for n in range(0, len(raw), 2)] + [0xFFFF]
    return f"{sum(u * 37 ** (99 - n) for n, u in enumerate(units[:100])) % 2**64:x}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
        (LOREM, [*(f"a7f2ff13bc495cf2:{n}" for n in range(1, 7)), "a7f2ff1481e87703:1",
                 "a9cf91f7bbf1862b:1", "55ec222b86bcae53:1", "cc97dc7b1d7d8f7b:1",
                 "c129715d7a2bc9a3:1"]),
    ],
)  # fmt: skip
def test_a_line_hash_is_the_number_that_github_computes(text: str, expected: list[str]) -> None:
    # The numbers are those that github/codeql-action's own tests give for these texts (MIT).
    assert [line_hash(text, n) for n in range(1, len(expected) + 1)] == expected
    assert line_hash(text, len(expected) + 1) == ""
    assert line_hash(text, 0) == ""


@given(st.text(st.sampled_from("ab \t\n\r{}ü\ud800\U0001f600"), max_size=260))
def test_a_line_hash_is_the_polynomial_it_is_said_to_be(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for line in range(1, lines + 1):
        assert line_hash(text, line).partition(":")[0] == _as_defined(text, line)


def test_newlines_and_indentation_do_not_matter() -> None:
    other = TEXT.replace("\n", "\r\n").replace("    ", "\t")
    assert [line_hash(other, n) for n in range(1, 8)] == [line_hash(TEXT, n) for n in range(1, 8)]


ONE = Candidate("a.py", 5, "m", "ruff", rule="S605", category="command-injection")


def test_an_id_survives_lines_above_and_not_another_category() -> None:
    before = ids([ONE], {"a.py": TEXT})
    after = ids([replace(ONE, line=7)], {"a.py": "# a\n# b\n" + TEXT})
    other = ids([replace(ONE, category="code-injection")], {"a.py": TEXT})
    assert before == after
    assert before != other
    assert len(before[0]) == 10
    assert int(before[0], 16) >= 0


def test_an_id_does_not_depend_on_who_says_it() -> None:
    other = replace(ONE, origin="CodeQL", rule="py/command-line-injection", message="words")
    assert ids([ONE], {"a.py": TEXT}) == ids([other], {"a.py": TEXT})
    assert len({*ids([ONE, other, ONE], {"a.py": TEXT})}) == 3


def test_ids_without_a_line_or_a_file_differ_by_what_is_said() -> None:
    plain = [Candidate("gone.py", 0, "m", "x"), Candidate("gone.py", 0, "n", "x"),
             Candidate("gone.py", 9, "m", "x"), Candidate("\ud800", 1, "\udfff", "x")]  # fmt: skip
    assert len({*ids(plain, {})}) == 4


def _one(id_: str, standing: Standing, origin: str, of: str = "") -> Examined:
    fault = Finding("f", "duplicate-candidate", "REV040", Severity.NOTE, "m", evidence={"of": of})
    outcome = Outcome("duplicate-candidate", "REV040", Status.FOUND, findings=(fault,))
    candidate = replace(ONE, origin=origin)
    return Examined(id_, candidate, (outcome,) if of else (), standing, "w")


def test_a_refuted_repetition_does_not_hide_a_supported_one() -> None:
    said = [
        _one("a", Standing.REFUTED, "anthropic:MODEL"),
        _one("b", Standing.SUPPORTED, "dataflow", of="a"),
        _one("c", Standing.STANDS, "ruff", of="b"),
        _one("d", Standing.STANDS, "ruff"),
    ]
    linked = {one.id: one for one in told_once(said)}
    assert {k: one.duplicate_of for k, one in linked.items()} == {
        "a": "b", "b": "", "c": "b", "d": "",
    }  # fmt: skip
    assert linked["b"].also == ("anthropic:MODEL", "ruff")
    assert linked["d"].also == ()


def test_repetitions_that_name_each_other_end() -> None:
    said = [_one("a", Standing.STANDS, "x", of="b"), _one("b", Standing.STANDS, "y", of="a")]
    assert len(told_once(said)) == 2
