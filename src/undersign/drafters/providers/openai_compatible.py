"""openai-compatible:MODEL@URL: Ollama, vLLM, llama.cpp and others with OpenAI's chat completions.

They agree on one way to ask for JSON, `response_format: json_object`; some read a schema there. It
goes without the bounds on lengths and the patterns, which llama.cpp turns into a grammar that is
too large or refuses; the whole form stands in the prompt, and replies are held against it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undersign.drafters.errand import Errand
from undersign.drafters.keys import optional_key_of
from undersign.drafters.message import Message
from undersign.drafters.names import DrafterName
from undersign.drafters.providers.sending import Line, send
from undersign.records.exchange import Said

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from pydantic_ai.models import Model

_BOUNDS = {"maxLength", "minLength", "maxItems", "minItems", "pattern", "format", "uniqueItems"}


def say(name: DrafterName, message: Message, errand: Errand) -> Said:
    """Send a message to the server at `name.url`; raises as `sending.send` does."""

    def model(client: AsyncClient) -> Model:
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        # Never OPENAI_API_KEY, which is not for this server. The package wants some text.
        key = optional_key_of(name.line) or "no-key-needed"
        provider = OpenAIProvider(base_url=name.url, api_key=key, http_client=client)
        return OpenAIChatModel(name.model, provider=provider)

    form = {"type": "json_object", "schema": without_bounds(message.reply_schema)}
    settings = {"extra_body": {"response_format": form}}
    return send(Line(name, model, native=False, settings=settings), message, errand)


def without_bounds(schema: Any, *, names: bool = False) -> Any:
    """Return a JSON Schema without the keywords that bound sizes; `names`: its keys are names."""
    if isinstance(schema, list):
        return [without_bounds(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: part for key, part in schema.items() if names or key not in _BOUNDS}
    return {
        key: without_bounds(part, names=not names and key == "properties")
        for key, part in kept.items()
    }
