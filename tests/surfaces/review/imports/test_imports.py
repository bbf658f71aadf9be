"""Findings of others: each tool's shape is read; what cannot be used is named."""

# ruff: noqa: E501 - samples, one a line

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import pytest

from undersign.errors import BadInput
from undersign.surfaces.review.imports import Imported, read_any


def _sarif(tool: dict[str, Any], results: list[Any], **more: Any) -> dict[str, Any]:
    return {"version": "2.1.0", "runs": [{"tool": {"driver": tool}, "results": results, **more}]}


def _place(uri: str, line: int = 3, **region: Any) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
                                 "region": {"startLine": line, **region}}}  # fmt: skip


CODEQL = _sarif(
    {"name": "CodeQL", "semanticVersion": "2.20.1", "rules": [
        {"id": "py/sql-injection", "properties": {"security-severity": "8.8",
         "tags": ["security", "external/cwe/cwe-089"]}}]},
    [{"ruleId": "py/sql-injection", "ruleIndex": 0, "message": {"text": "This depends on [a](1)."},
      "locations": [_place("desk/tickets.py", 11, startColumn=5, endColumn=20)],
      "codeFlows": [{"threadFlows": [{"locations": [
          {"location": {**_place("desk/tickets.py", 10), "message": {"text": "args"}}},
          {"location": {**_place("desk/store.py", 10), "message": {"text": "execute"}}}]}]}],
      "partialFingerprints": {"primaryLocationLineHash": "1:1"}}],
)  # fmt: skip
SEMGREP = _sarif(
    {"name": "Semgrep OSS", "rules": [{"id": "python.lang.security.audit.subprocess-shell-true",
     "defaultConfiguration": {"level": "error"}, "properties": {
         "tags": ["CWE-78: Improper Neutralization of Special Elements used in an OS Command",
                  "OWASP-A03:2021 - Injection", "security"]}}]},
    [{"ruleId": "python.lang.security.audit.subprocess-shell-true", "message": {"text": "shell"},
      "locations": [_place("desk/export.py", 11, snippet={"text": "subprocess.run(x, shell=True)"})],
      "suppressions": [{"kind": "inSource", "justification": "nosemgrep"}]}],
    invocations=[{"executionSuccessful": True, "toolExecutionNotifications": [
        {"level": "error", "message": {"text": "syntax error"},
         "locations": [_place("desk/odd.py")]}]}],
)  # fmt: skip
SNYK = _sarif(
    {"name": "SnykCode", "rules": [{"id": "python/CommandInjection",
     "properties": {"cwe": ["CWE-78"], "categories": ["Security"]}}]},
    [{"ruleId": "python/CommandInjection", "level": "error", "message": {
        "text": "Unsanitized input from {0} flows into run", "arguments": ["a form"]},
      "locations": [_place("file:///work/desk/export.py".replace("/work", "/w"), 11)]}],
    originalUriBaseIds={"%SRCROOT%": {"uri": "file:///w/"}},
)  # fmt: skip
THEIRS = {
    "pr_number": 5,
    "findings": [{"file": "desk/tickets.py", "line": 11, "severity": "HIGH",
                  "category": "sql_injection", "description": "words reach SQL",
                  "exploit_scenario": "send a quote", "recommendation": "bind", "confidence": 0.9}],
    "analysis_summary": {"files_reviewed": 3, "high_severity": 1, "review_completed": True},
    "filtering_summary": {"excluded_findings": []},
}  # fmt: skip
OURS = {
    "drafter": "anthropic:MODEL",
    "findings": [{"file": "desk/a.py", "line": 2, "quote": "eval(x)", "category": "code-injection",
                  "message": "x is evaluated", "cwe": "CWE-95", "owasp": ["A03:2021"],
                  "apis": ["builtins.eval"]}],
    "not_looked_at": ["the login"],
}  # fmt: skip


def _read(document: object) -> Imported:
    return read_any("x.json", json.dumps(document).encode())


def test_codeql() -> None:
    said = _read(CODEQL)
    one = said.candidates[0]
    assert (one.file, one.line, one.column, one.end_column) == ("desk/tickets.py", 11, 5, 20)
    assert (one.category, one.cwe, one.severity) == ("sql-injection", ("CWE-89",), "high")
    assert [(s.file, s.line) for s in one.steps] == [("desk/tickets.py", 10), ("desk/store.py", 10)]
    assert (said.lookers[0].name, said.lookers[0].version) == ("CodeQL", "2.20.1")


def test_semgrep_with_what_it_would_hide_and_what_it_could_not_read() -> None:
    said = _read(SEMGREP)
    one = said.candidates[0]
    assert one.category == "command-injection"
    assert one.quote == "subprocess.run(x, shell=True)"
    assert one.owasp
    assert "nosemgrep" in one.suppressed
    assert "desk/odd.py" in said.failed
    assert said.lookers[0].failed


def test_snyk() -> None:
    one = _read(SNYK).candidates[0]
    assert (one.file, one.category) == ("desk/export.py", "command-injection")
    assert one.message == "Unsanitized input from a form flows into run"


def test_claude_code_security_review() -> None:
    said = _read(THEIRS)
    one = said.candidates[0]
    assert (one.file, one.category, one.severity) == ("desk/tickets.py", "sql-injection", "high")
    assert one.by_drafter
    assert one.fix == "bind"
    assert said.lookers[0].name == "claude-code-security-review"


def test_our_own_form_and_its_schema() -> None:
    from pathlib import Path

    import jsonschema

    root = Path(__file__).resolve().parents[4]
    schema = json.loads((root / "docs/reference/findings.schema.json").read_text("utf-8"))
    jsonschema.validate(OURS, schema)
    said = _read(OURS)
    one = said.candidates[0]
    assert (one.category, one.cwe, one.apis) == ("code-injection", ("CWE-95",), ("builtins.eval",))
    assert one.origin == "anthropic:MODEL"
    assert any("the login" in remark for remark in said.remarks)


def test_gzip_is_read() -> None:
    assert read_any("x.gz", gzip.compress(json.dumps(CODEQL).encode())).candidates


def test_a_path_that_leads_outside_is_told() -> None:
    said = _read(
        _sarif(
            {"name": "x"}, [{"message": {"text": "a"}, "locations": [_place("../../etc/passwd")]}]
        )
    )
    assert any("outside" in remark for remark in said.remarks)
    assert said.candidates[0].file == "../../etc/passwd"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[1", b"{}", b'{"runs": 3}', b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}',
     b'{"findings": ' + b"[" * 200 + b"]" * 200 + b"}", b"\x1f\x8bdamaged"],
)  # fmt: skip
def test_what_is_no_file_of_findings_is_refused_with_its_place(raw: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        read_any("x.json", raw)
    assert "x.json" in str(caught.value)


def test_a_bad_result_is_named_and_hides_no_other() -> None:
    results = [7, None, {"locations": 3}, *CODEQL["runs"][0]["results"]]
    said = _read(_sarif(CODEQL["runs"][0]["tool"]["driver"], results))
    assert "results[0]" in " ".join(said.remarks)
    assert "results[2]" in " ".join(said.remarks)
    assert any(c.category == "sql-injection" for c in said.candidates)


@pytest.mark.parametrize("seed", range(30))
def test_no_mutation_raises_anything_else(seed: int) -> None:
    chance = random.Random(seed)
    odd = [
        None,
        True,
        -1,
        10**30,
        1.5,
        "",
        "\ud800",
        "x" * 5_000,
        [],
        {},
        [[]],
        {"text": {}},
        "../..",
    ]
    for sample in (CODEQL, SEMGREP, SNYK, THEIRS, OURS):
        for _ in range(20):
            document = json.loads(json.dumps(sample))
            _mutate(document, chance, odd)
            try:
                read_any("x.json", json.dumps(document).encode())
            except BadInput:
                continue


def _mutate(node: Any, chance: random.Random, odd: list[Any]) -> None:
    while isinstance(node, dict | list) and node:
        key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
        if chance.random() < 0.3 or not isinstance(node[key], dict | list):
            node[key] = chance.choice(odd)
            return
        node = node[key]
