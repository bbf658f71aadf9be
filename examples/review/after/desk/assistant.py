import anthropic
from flask import Blueprint, request

from desk.auth import require_login
from desk.store import rows

bp = Blueprint("assistant", __name__)
client = anthropic.Anthropic()


@bp.post("/assistant")
@require_login
def answer():
    reply = client.messages.create(
        model="a-model",
        max_tokens=300,
        messages=[{"role": "user", "content": "Write one SQL query: " + request.form["question"]}],
    )
    query = reply.content[0].text
    return {"rows": rows(query)}
