"""anthropic:MODEL, Anthropic's Messages API; anthropic:MODEL@URL, the same at another address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undersign.drafters.errand import Errand
from undersign.drafters.keys import key_of
from undersign.drafters.message import Message
from undersign.drafters.names import DrafterName
from undersign.drafters.providers.sending import Line, send
from undersign.records.exchange import Said

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from pydantic_ai.models import Model


def say(name: DrafterName, message: Message, errand: Errand) -> Said:
    """Send a message to Claude; raises as `sending.send` does."""

    def model(client: AsyncClient) -> Model:
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        provider = AnthropicProvider(
            api_key=key_of(name.line),
            base_url=name.address,
            http_client=client,
        )
        return AnthropicModel(name.model, provider=provider)

    return send(Line(name, model), message, errand)
