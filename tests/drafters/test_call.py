"""The door, with programs and recordings behind it."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

import pytest

from drafters.door_world import FIT, FORM, NOW, guard, prompt, question, script, world
from undersign.drafters import recording
from undersign.drafters.call import Repair, converse
from undersign.drafters.message import Message
from undersign.drafters.reply import BadReply, validate, whole_words
from undersign.errors import (
    BadInput,
    DrafterFailed,
    PolicyRefused,
    StorageError,
    UndersignError,
    UsageError,
)
from undersign.records.exchange import Asking, CallEntry, Passage, Said


def test_a_reply_comes_back_as_slots_and_is_recorded_before_and_after(tmp_path: Path) -> None:
    here = world()
    reply = converse(prompt(), script(tmp_path, f"print('''{FIT}''')"), here.door)
    assert reply.slots == {"title": "A rule"}
    assert here.steps == [("sending", 1), ("answered", 1)]
    sending, answered = here.entries
    assert reply.call == sending.call == answered.call
    assert sending.prompt_digest == prompt().digest
    assert sending.classes == {"public": 0, "internal": 0}
    assert (sending.ruling, sending.rule) == ("allow", "rule-public")
    assert not sending.reply_digest and sending.usage is None
    assert answered.reply_digest and answered.usage and answered.usage.seconds > 0
    assert answered.usage.tokens_in is None, "a program does not say: unmeasured, not zero"
    assert not reply.repaired and reply.redacted == 0


def test_what_the_policy_hides_is_neither_sent_nor_recorded_and_comes_back(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = f"""open({str(seen)!r}, "w").write(prompt)
token = re.search(r"USX_EMAIL_\\w{{13}}Z", prompt)[0]
print(json.dumps({{"title": "Mail to " + token}}))"""
    here = world()
    reply = converse(
        prompt(question("who wrote to a.b@example.org?")), script(tmp_path, code), here.door
    )
    assert "a.b@example.org" not in seen.read_text()
    assert reply.slots["title"] == "Mail to a.b@example.org"
    assert reply.redacted == 1
    assert here.entries[0].classes["personal"] == 1
    assert here.entries[0].ruling == "redact"
    assert "example.org" not in repr(here.entries)


def test_a_refused_call_starts_nothing_and_says_where(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    drafter = script(tmp_path, f"open({str(mark)!r}, 'w')")
    here = world()
    with pytest.raises(PolicyRefused) as refused:
        converse(prompt(question("first line\nuse pass-hunter2 here")), drafter, here.door)
    told = str(refused.value)
    assert "credentials" in told and "question, line 2: made-up-password" in told
    assert "rule-credentials" in told and "hunter2" not in told
    assert not mark.exists()
    assert here.steps == [("refused", 1)]
    assert "hunter2" not in repr(here.entries)


def test_consent_is_asked_once_and_recorded(tmp_path: Path) -> None:
    asked: list[Asking] = []

    def yes(asking: Asking) -> str:
        asked.append(asking)
        return "a.person"

    drafter = script(tmp_path, "print('{}' if 'earlier reply' not in prompt else '" + FIT + "')")
    here = world(consent=yes)
    rows = Passage("rows", "1 2 3", "confidential")
    assert converse(prompt(rows), drafter, here.door).repaired
    assert len(asked) == 1, "the repair adds no class that asks"
    assert (asked[0].drafter, asked[0].purpose) == (drafter, "detect")
    assert ("rows", "confidential", 5) in asked[0].texts
    assert asked[0].pieces == {"public": 0, "confidential": 0}
    assert {entry.consent for entry in here.entries} == {"a.person"}


def test_without_consent_nothing_is_sent(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    drafter = script(tmp_path, f"open({str(mark)!r}, 'w')")
    here = world()
    with pytest.raises(PolicyRefused, match="consent") as refused:
        converse(prompt(Passage("rows", "1 2 3", "confidential")), drafter, here.door)
    assert refused.value.hint and "terminal" in refused.value.hint
    assert "--class confidential" in refused.value.hint, "explain must answer for what was refused"
    assert not mark.exists() and here.steps == [("refused", 1)]


def test_a_ledger_that_cannot_be_written_stops_the_call(tmp_path: Path) -> None:
    mark = tmp_path / "started"

    def full(_: CallEntry) -> None:
        raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        converse(prompt(), script(tmp_path, f"open({str(mark)!r}, 'w')"), world(record=full).door)
    assert not mark.exists()


def test_a_reply_that_does_not_fit_is_sent_back_once(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = f"""open({str(seen)!r}, "a").write(prompt)
again = "what does not fit" in prompt
print('{FIT}' if again else '{{"title": "x", "extra": "to a.b@example.org"}}')"""
    here = world()
    reply = converse(prompt(), script(tmp_path, code), here.door)
    assert reply.repaired
    assert here.steps == [("sending", 1), ("failed", 1), ("sending", 2), ("answered", 2)]
    assert len({entry.call for entry in here.entries}) == 1
    failed = here.entries[1]
    assert "a key that its form does not name" in failed.error and failed.reply_digest
    assert "extra" not in failed.error, "the drafter chose the word"
    assert "a.b@example.org" not in seen.read_text(), "what it made up is looked at as well"


def test_a_reply_that_never_fits_fails_after_the_second_time(tmp_path: Path) -> None:
    here = world()
    with pytest.raises(BadInput, match="lacks title") as failed:
        converse(prompt(), script(tmp_path, "print('{}')"), here.door)
    assert failed.value.exit_code == 2
    assert here.steps == [("sending", 1), ("failed", 1), ("sending", 2), ("failed", 2)]


def test_the_checks_send_a_reply_back_once(tmp_path: Path) -> None:
    code = f"""again = "unknown field" in prompt and "A first rule" in prompt
print('{FIT}' if again else '{{"title": "A first rule"}}')"""
    drafter, here = script(tmp_path, code), world()
    first = converse(prompt(), drafter, here.door)
    found = Passage("findings", "unknown field: Imgae")
    second = converse(prompt(), drafter, here.door, repair=Repair(first, found))
    assert second.slots == {"title": "A rule"} and second.repaired
    assert second.call == first.call
    assert here.steps == [("sending", 1), ("answered", 1), ("sending", 2), ("answered", 2)]
    with pytest.raises(ValueError, match="once"):
        converse(prompt(), drafter, here.door, repair=Repair(second, found))


def test_a_bad_repair_of_the_checks_is_not_repaired_again(tmp_path: Path) -> None:
    code = f"print('{FIT}' if 'findings' not in prompt else 'no')"
    drafter, here = script(tmp_path, code), world()
    first = converse(prompt(), drafter, here.door)
    with pytest.raises(BadInput):
        converse(prompt(), drafter, here.door, repair=Repair(first, Passage("findings", "bad")))
    assert here.steps[-1] == ("failed", 2) and len(here.steps) == 4


def test_interrupted_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from undersign.drafters.providers import command

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "say", interrupted)
    here = world()
    with pytest.raises(KeyboardInterrupt):
        converse(prompt(), "command:x", here.door)
    assert here.steps == [("sending", 1), ("failed", 1)]
    assert here.entries[1].error == "interrupted"


def test_what_a_package_raises_is_told_by_its_name_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from undersign.drafters.providers import command

    def odd(*_: object) -> None:
        raise RuntimeError("authorization: sk-made-up")

    monkeypatch.setattr(command, "say", odd)
    here = world()
    with pytest.raises(DrafterFailed, match="RuntimeError") as failed:
        converse(prompt(), "command:x", here.door)
    shown = "".join(traceback.format_exception(failed.value)) + repr(here.entries)
    assert "sk-made-up" not in shown


@pytest.mark.parametrize(
    ("drafter", "told"),
    [
        ("oracle:x", "offline, anthropic:MODEL"),
        ("anthropic", "which model"),
        ("command:", "which program"),
        ("replay:", "which file"),
        ("openai-compatible:llama", "which address"),
        ("openai-compatible:llama@127.0.0.1:1", "http://"),
        ("openai-compatible:llama@http://me:pw@127.0.0.1/", "no user name"),
        ("openai-compatible:llama@http://127.0.0.1:99999/v1", "a port if any"),
        ("openai-compatible:llama@http://127.0.0.1:http/v1", "a port if any"),
        ("command:'x", "cannot be read"),
        ("command:no-such-program-here", "cannot be started"),
    ],
)
def test_a_wrong_name_is_told(drafter: str, told: str) -> None:
    with pytest.raises(UndersignError) as wrong:
        converse(prompt(), drafter, world().door)
    assert told in str(wrong.value) and wrong.value.exit_code == 2
    assert isinstance(wrong.value, UsageError)


def test_a_form_that_lets_anything_in_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="additionalProperties"):
        converse(prompt(reply_schema={"type": "object"}), "command:x", world().door)


def test_a_recording_answers_in_another_workspace(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    code = """token = re.search(r"USX_EMAIL_\\w{13}Z", prompt)[0]
print(json.dumps({"title": "Mail to " + token}))"""
    asked = prompt(question("who wrote to a.b@example.org?"))
    first = converse(asked, script(tmp_path, code), world(record_to=kept).door)
    assert "a.b@example.org" not in kept.read_text() and "USX_EMAIL" not in kept.read_text()
    elsewhere = world(guard=guard(b"another workspace's key"))
    again = converse(asked, f"replay:{kept}", elsewhere.door)
    assert again.slots == first.slots
    before = kept.read_bytes()
    converse(asked, f"replay:{kept}", world(record_to=tmp_path / "again.jsonl").door)
    assert kept.read_bytes() == before


def test_replies_without_a_prompt_come_in_order(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    lines = [{"reply": {"title": "one"}}, {"reply": json.dumps({"title": "two"})}]
    kept.write_text("".join(json.dumps(line) + "\n" for line in lines))
    here = world()
    titles = [converse(prompt(), f"replay:{kept}", here.door).slots["title"] for _ in range(2)]
    assert titles == ["one", "two"]
    with pytest.raises(BadInput, match=r"nothing is recorded for the prompt [0-9a-f]{12} ") as none:
        converse(prompt(), f"replay:{kept}", here.door)
    assert "--record" in str(none.value)


@pytest.mark.parametrize(
    "text", ["{", "[1]", '{"reply": 3}', '{"prompt": "x"}', "[" * 100_000], ids=len
)
def test_a_file_that_is_no_recording_is_told(tmp_path: Path, text: str) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text(f"\n{text}\n")
    with pytest.raises(BadInput) as odd:
        converse(prompt(), f"replay:{kept}", world().door)
    assert odd.value.line == 2


def test_offline_needs_neither_policy_nor_provider() -> None:
    import subprocess

    code = (
        "import sys, undersign.drafters.call; "
        "heavy = {'pydantic_ai', 'httpx', 'jsonschema', 'keyring', 'hyperscan', 're2', 'yaml'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert NOW.tzinfo is not None


def test_an_earlier_reply_is_ordinary_work_and_nothing_published(tmp_path: Path) -> None:
    drafter = script(tmp_path, "print('{}' if 'earlier reply' not in prompt else '" + FIT + "')")
    here = world()
    rows = Passage("rows", "1 2 3", "public")
    assert converse(prompt(rows), drafter, here.door).repaired
    assert [set(entry.classes) for entry in here.entries] == [
        {"public"}, {"public"}, {"public", "internal"}, {"public", "internal"},
    ]  # fmt: skip


def test_an_empty_reply_is_called_empty(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="it is empty"):
        converse(prompt(), script(tmp_path, ""), world().door)


def test_a_recording_of_other_prompts_says_so(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    drafter = script(tmp_path, f"print('''{FIT}''')")
    converse(prompt(), drafter, world(record_to=kept).door)
    with pytest.raises(BadInput, match="it answers 1 other"):
        converse(prompt(question("something else")), f"replay:{kept}", world().door)


def test_a_recording_that_cannot_be_written_stops_the_call(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    (tmp_path / "file").write_text("")
    here = world(record_to=tmp_path / "file" / "kept.jsonl")
    with pytest.raises(StorageError, match="cannot record to"):
        converse(prompt(), script(tmp_path, f"open({str(mark)!r}, 'w')"), here.door)
    assert not mark.exists() and here.steps == []


def test_a_full_disk_leaves_no_half_line_in_a_recording(tmp_path: Path) -> None:
    import resource

    kept = tmp_path / "kept.jsonl"
    drafter = script(tmp_path, f"print('''{FIT}''')")
    converse(prompt(), drafter, world(record_to=kept).door)
    whole = kept.read_bytes()
    message = Message("Write a rule.", (question("x" * 5000),), FORM)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 1000, hard))
    try:
        with pytest.raises(StorageError, match="cannot record to"):
            recording.append(kept, message, Said(FIT), "command:x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kept.read_bytes() == whole


def test_no_test_sends_to_a_model_unless_it_says_so() -> None:
    from pydantic_ai import models

    assert models.ALLOW_MODEL_REQUESTS is False


def test_what_a_drafter_is_told_of_its_reply_is_not_cut_within_a_word() -> None:
    word = "w" * 40
    long = "x" * 280 + f" {word}"
    form = {"type": "object", "properties": {"title": {"maxLength": 9}}}
    with pytest.raises(BadReply) as bad:
        validate({"title": long}, form)
    assert "xxx" in bad.value.findings
    assert "w" not in bad.value.findings
    assert [whole_words(f"ab cd {word}", n) for n in (1, 2, 4, 5, 9, 99)] == [
        "", "ab", "ab", "ab cd", "ab cd", f"ab cd {word}",
    ]  # fmt: skip
