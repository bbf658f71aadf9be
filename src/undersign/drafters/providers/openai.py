"""openai:MODEL[@URL], the Responses API of OpenAI or at another address, asked to store nothing."""

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
    """Send a message to a model of OpenAI; raises as `sending.send` does."""

    def model(client: AsyncClient) -> Model:
        from pydantic_ai.models.openai import OpenAIResponsesModel
        from pydantic_ai.providers.openai import OpenAIProvider

        provider = OpenAIProvider(
            api_key=key_of(name.line),
            base_url=name.address,
            http_client=client,
        )
        return OpenAIResponsesModel(name.model, provider=provider)

    # By default the API keeps every answer for 30 days.
    return send(Line(name, model, settings={"openai_store": False}), message, errand)
