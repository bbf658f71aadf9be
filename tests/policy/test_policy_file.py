"""`policy.yml`: what is read, and where each fault stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from undersign.errors import BadInput
from undersign.policy.policy_file import default_text, parse, read, schema_text
from undersign.policy.policy_parts import CLASS_SENTENCES
from undersign.records.ruling import DATA_CLASSES, Ruling

SMALL = """\
format: undersign/policy/v1
drafters:
  far: ["anthropic:*"]
purposes:
  hunt: Ask the logs.
rules:
  - {id: r, drafters: [far], classes: all, purposes: all, ruling: redact, why: Because.}
"""
EXCEPTION = """\
exceptions:
  - id: e
    drafters: [far]
    classes: [secrets]
    purposes: [hunt]
    ruling: allow
    owner: owner@example.org
    reason: A test.
    expires: 2026-04-01
"""
EXTRAS = """\
classes: {board-papers: Of the board.}
clients:
  tool: {purpose: hunt, class: source-code, wires: [anthropic], drafter: "anthropic:{model}"}
words:
  customer: {list: [Example Corp, "on"], files: [lists/names.txt]}
internal: {hosts: [.corp.example.org], ranges: [192.0.2.0/24, "2001:db8::/32"]}
secrets:
  rules: [{id: our-key, regex: "ok_[0-9a-f]{32}", class: credentials, label: OURKEY}]
  gitleaks: gitleaks.toml
"""
WRONG = [
    ("not: [closed", 2, "expected"),
    ("- a list", 1, "key: value"),
    (SMALL.replace("v1", "v9"), 1, "reads `format"),
    (SMALL.replace("format: undersign/policy/v1\n", ""), 1, "not a policy"),
    (SMALL + "colour: red\n", 8, "unknown key 'colour'"),
    (SMALL + "rules: []\n", 8, "twice"),
    (SMALL.replace("rules:", "exceptions: []\nrulez:"), 7, "unknown key 'rulez'"),
    (SMALL.replace("[far]", "[near]"), 7, "no group of drafters 'near'"),
    (SMALL.replace("drafters: [far]", "drafters: far"), 7, "expected `all` or a list"),
    (SMALL.replace("classes: all", "classes: [secret]"), 7, "no data class 'secret'"),
    (SMALL.replace("purposes: all", "purposes: [coding]"), 7, "no purpose 'coding'"),
    (SMALL.replace("purposes: all", "purposes: []"), 7, "names nothing"),
    (SMALL.replace("redact", "hide"), 7, "no ruling 'hide'"),
    (SMALL.replace(", why: Because.", ""), 7, "lacks `why`"),
    (SMALL.replace("why: Because.", "why: ''"), 7, "expected words"),
    (SMALL.replace("id: r,", "id: default,"), 7, "cannot be an id"),
    (SMALL + SMALL.splitlines()[-1] + "\n", 8, "is taken"),
    (SMALL.replace("  far:", "  all:"), 3, "cannot be a name"),
    (SMALL.replace('["anthropic:*"]', "[]"), 3, "a group without a drafter"),
    (SMALL.replace('["anthropic:*"]', "['']"), 3, "an empty pattern"),
    (SMALL + "classes: {secrets: Ours.}\n", 8, "is built in"),
    (SMALL + EXCEPTION.replace("    expires: 2026-04-01\n", ""), 9, "lacks `expires`"),
    (SMALL + EXCEPTION.replace("    owner: owner@example.org\n", ""), 9, "lacks `owner`"),
    (SMALL + EXCEPTION.replace("    reason: A test.\n", ""), 9, "lacks `reason`"),
    (SMALL + EXCEPTION.replace("2026-04-01", "next week"), 16, "YYYY-MM-DD"),
    (SMALL + EXCEPTION.replace("2026-04-01", "2026-02-30"), 16, "YYYY-MM-DD"),
    (SMALL + EXCEPTION.replace("[far]", '["anthropic:*"]'), 10, "never a pattern"),
    (SMALL + EXCEPTION.replace("[far]", '["openai:m"]'), 10, "neither a group nor a drafter"),
    (SMALL + EXCEPTION.replace("[secrets]", "all"), 11, "expected a list"),
    (SMALL + EXCEPTION.replace("id: e", "id: r"), 9, "is taken"),
    (SMALL + "clients: {tool: {class: public}}\n", 8, "lacks `purpose`"),
    (SMALL + "clients: {tool: {purpose: hunt, wires: [smtp]}}\n", 8, "no wire 'smtp'"),
    (SMALL + "words: {nothing: {list: [a]}}\n", 8, "no data class 'nothing'"),
    (SMALL + "words: {customer: {files: [../x]}}\n", 8, "beside the policy"),
    (SMALL + "words: {customer: {files: [/etc/x]}}\n", 8, "beside the policy"),
    (SMALL + "internal: {hosts: ['*.corp']}\n", 8, "end of a host name"),
    (SMALL + "internal: {ranges: [192.0.2.0/40]}\n", 8, "address range"),
    (SMALL + "secrets: {rules: [{id: a, regex: '('}]}\n", 8, "RE2 cannot read"),
    (SMALL + "secrets: {rules: [{id: a, regex: '(?=a)b'}]}\n", 8, "RE2 cannot read"),
    (SMALL + "secrets: {rules: [{id: a, regex: 'a*'}]}\n", 8, "finds everything"),
    (SMALL + "secrets: {rules: [{id: a, regex: b, label: x}]}\n", 8, "capital letters"),
    (SMALL.replace("[far]", "&far [far]") + "x: *far\n", 8, "aliases"),
]
"""Text, line of the fault, words of the message."""
MEANING_ONLY = (
    "no group of", "no data class", "no purpose", "is taken", "neither a group", "beside the",
    "RE2", "finds everything", "YYYY-MM-DD", "address range", "aliases", "expected `", "twice",
)  # fmt: skip
"""Faults that a JSON Schema cannot tell."""


def test_what_a_small_policy_says() -> None:
    policy = parse(SMALL + EXCEPTION + EXTRAS, "policy.yml")
    assert policy.groups_of("anthropic:m") == ("far",)
    assert policy.rules[0].ruling is Ruling.REDACT
    assert policy.rules[0].line == 7
    assert policy.exceptions[0].expires.isoformat() == "2026-04-01"
    assert policy.classes["board-papers"] == "Of the board."
    assert policy.clients["tool"].data_class == "source-code"
    assert policy.words == {"customer": ("Example Corp", "on")}
    assert policy.word_files == {"customer": ("lists/names.txt",)}
    assert policy.hosts == (".corp.example.org",)
    assert policy.ranges == ("192.0.2.0/24", "2001:db8::/32")
    assert policy.secret_rules[0].label == "OURKEY"
    assert policy.gitleaks == "gitleaks.toml"


@pytest.mark.parametrize(("text", "line", "words"), WRONG, ids=[w for _, _, w in WRONG])
def test_a_fault_is_told_with_its_place(text: str, line: int, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)) as told:
        parse(text, "policy.yml")
    assert (told.value.path, told.value.line) == ("policy.yml", line)
    assert told.value.column


def _by_schema(text: str) -> list[str]:
    # As an editor sees it: dates stay text.
    document = yaml.load(text, Loader=yaml.BaseLoader)
    checker = jsonschema.Draft202012Validator(json.loads(schema_text()))
    return [error.message for error in checker.iter_errors(document)]


@pytest.mark.parametrize("text", [SMALL, SMALL + EXCEPTION + EXTRAS, SMALL + EXCEPTION])
def test_the_schema_takes_what_is_read(text: str) -> None:
    assert _by_schema(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [(t, w) for t, _, w in WRONG[1:] if not any(only in w for only in MEANING_ONLY)],
)
def test_the_schema_refuses_what_is_refused(text: str, words: str) -> None:
    assert _by_schema(text), words


def test_the_schema_is_one_and_knows_the_built_in_classes() -> None:
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    own = schema["properties"]["classes"]["propertyNames"]["allOf"][1]["not"]["enum"]
    assert tuple(own) == DATA_CLASSES == tuple(CLASS_SENTENCES)


def test_the_default_policy_is_read_and_fits_a_screen() -> None:
    assert _by_schema(default_text()) == []
    policy = parse(default_text(), "")
    assert policy.path == ""
    assert default_text().count("\n") <= 60
    assert max(map(len, default_text().splitlines())) <= 104


def test_words_of_files_beside_the_policy(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "names.txt").write_text("# ours\nExample GmbH\n\n  Zoë \n", "utf-8")
    (tmp_path / "policy.yml").write_text(SMALL + EXTRAS, "utf-8-sig")
    policy = read(tmp_path / "policy.yml")
    assert policy.words["customer"] == ("Example Corp", "on", "Example GmbH", "Zoë")


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    path.write_text(SMALL + EXTRAS, "utf-8")
    with pytest.raises(BadInput, match=r"names.txt.*cannot be read.*names it"):
        read(path)
    path.write_bytes(b"format: \xff\xfe")
    with pytest.raises(BadInput, match="UTF-8"):
        read(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path)


def test_hostile_yaml_is_refused_in_time() -> None:
    for text in ("[" * 100_000, "{a: " * 5000, "&a [*a]", "!!python/object:x {}", "a: " * 9999):
        with pytest.raises(BadInput):
            parse(text, "policy.yml")
