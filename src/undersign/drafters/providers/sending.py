"""One request to a hosted or local model through pydantic-ai: streamed, without tools, in time.

1. The reply's form goes the provider's own way (a JSON Schema) where it has one for this model;
   else it stands in the prompt and the provider is asked for JSON at most.
2. A busy or broken provider (429, 5xx, 529, no connection) is asked again, a few times, after
   as long as it says; a refusal is never repeated. All of it ends by the errand's deadline.
3. A redirect is not followed, and a request to another server than the name says is not sent: the
   policy ruled on one address and not on another.
4. Errors are told in our own words. What a provider writes may quote the prompt or the key.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from undersign.drafters.errand import Errand
from undersign.drafters.message import Message
from undersign.drafters.names import DrafterName
from undersign.drafters.passage import is_loopback
from undersign.drafters.reply import MOST_BYTES
from undersign.errors import DrafterFailed
from undersign.records.exchange import Said, Usage

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Request, Response
    from pydantic_ai.exceptions import ModelAPIError
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

MOST_TRIES = 4
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")


@dataclass(frozen=True, slots=True)
class Line:
    """How one provider is reached."""

    name: DrafterName
    model: Callable[[AsyncClient], Model]
    """Builds pydantic-ai's model over a client; imports what it needs."""
    native: bool | None = None
    """Whether the reply's form goes as a JSON Schema; None: as pydantic-ai knows of the model."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further settings of the request, in pydantic-ai's words."""


def send(line: Line, message: Message, errand: Errand) -> Said:
    """Send a message and return the reply's text; raises DrafterFailed, KeyboardInterrupt."""
    try:
        return asyncio.run(_in_time(line, message, errand))
    except TimeoutError:
        late = f"{line.name.provider} gave no answer within {errand.timeout:g} s"
        raise DrafterFailed(late, hint="--drafter-timeout SECONDS") from None


async def _in_time(line: Line, message: Message, errand: Errand) -> Said:
    from httpx2 import AsyncClient, Timeout

    async with (
        asyncio.timeout(errand.left),
        AsyncClient(
            timeout=Timeout(errand.timeout, connect=min(30.0, errand.timeout)),
            event_hooks={"request": [partial(_only_to, line.name)], "response": [_stay]},
            # A proxy of the environment would be sent, in clear, what a policy lets go to this
            # machine alone.
            trust_env=not is_loopback(urlsplit(line.name.address).hostname or ""),
        ) as client,
    ):
        return await _until_answered(line, line.model(client), message, errand)


async def _only_to(name: DrafterName, request: Request) -> None:
    if _server(str(request.url)) != _server(name.address):
        raise DrafterFailed(f"{name.provider} would be sent to another address: not sent")


def _server(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]


async def _stay(response: Response) -> None:
    if response.is_redirect:
        raise DrafterFailed("the server sends us to another address: not followed")


async def _until_answered(line: Line, model: Model, message: Message, errand: Errand) -> Said:
    from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior, UserError

    tries = 0
    while True:
        tries += 1
        try:
            return _read(line, await _once(line, model, message, errand))
        except ModelAPIError as error:
            pause = _pause(error, tries)
            if pause is None:
                _raise(line, error, tries)
        except (UnexpectedModelBehavior, UserError) as odd:
            raise DrafterFailed(
                f"{line.name.provider} gave no usable answer: {type(odd).__name__}"
            ) from None
        if pause >= errand.left:
            raise DrafterFailed(
                f"{line.name.provider} is busy and asks to wait {pause:.0f} s: longer than is left",
                hint="--drafter-timeout SECONDS",
            )
        errand.progress(f"{line.name.provider} is busy: again in {pause:.0f} s")
        await asyncio.sleep(pause)


async def _once(line: Line, model: Model, message: Message, errand: Errand) -> ModelResponse:
    from pydantic_ai.direct import model_request_stream
    from pydantic_ai.messages import ModelRequest, UserPromptPart

    native = line.native
    if native is None:
        native = bool(model.profile.get("supports_json_schema_output", False))
    body = message.body if native else f"{message.body}\n\n{message.form}"
    request = ModelRequest(parts=[UserPromptPart(body)], instructions=message.instructions)
    # Tries are counted here alone: the packages' own would neither be told nor end in time.
    settings: ModelSettings = {"max_retries": 0, "timeout": errand.left, **line.settings}  # type: ignore[typeddict-item]
    characters = 0
    async with model_request_stream(
        model,
        [request],
        model_settings=settings,
        model_request_parameters=_parameters(message, native=native),
    ) as stream:
        async for event in stream:
            characters += len(_new_text(event))
            if characters > MOST_BYTES:
                raise DrafterFailed(f"the reply is longer than {MOST_BYTES:,} characters")
            errand.progress(f"{characters:,} characters so far")
        return stream.get()


def _parameters(message: Message, *, native: bool) -> ModelRequestParameters:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition

    form = OutputObjectDefinition(json_schema=dict(message.reply_schema), name="reply")
    return ModelRequestParameters(
        output_mode="native" if native else "prompted",
        output_object=form,
        prompted_output_template=None if native else False,
    )


def _new_text(event: object) -> str:
    delta = getattr(event, "delta", None)
    text = getattr(delta, "content_delta", None) or getattr(
        getattr(event, "part", None) if delta is None else None, "content", None
    )
    # The end of a part repeats all of it.
    return text if isinstance(text, str) and "End" not in type(event).__name__ else ""


def _read(line: Line, response: ModelResponse) -> Said:
    from pydantic_ai.messages import TextPart

    provider = line.name.provider
    if response.finish_reason == "length":
        raise DrafterFailed(f"{provider} cut its answer at its limit of tokens")
    if response.finish_reason == "content_filter":
        raise DrafterFailed(f"{provider} declined to answer")
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    return Said(text=text, answered_by=response.model_name or "", usage=_usage(response))


def _usage(response: ModelResponse) -> Usage:
    used = response.usage
    if used.unmeasured_requests or not used.has_values():
        return Usage()
    return Usage(used.input_tokens, used.output_tokens, _cost(response))


def _cost(response: ModelResponse) -> float | None:
    try:
        return float(response.cost().total_price)
    except (LookupError, ValueError, AssertionError):
        return None  # a model without a known price: unknown is not free


def _pause(error: ModelAPIError, tries: int) -> float | None:
    """Return the seconds to wait before asking again; None when asking again is no use."""
    from pydantic_ai import exceptions as e

    busy = (e.ModelRateLimitError, e.ModelUnavailableError, e.ModelServerError)
    lost = isinstance(error, e.ModelConnectionError)
    if _refused_redirect(error) or not (isinstance(error, busy) or lost):
        return None
    # No connection twice is no server: nobody wants to wait longer to hear that.
    if tries >= (2 if lost else MOST_TRIES):
        return None
    return error.retry_after if error.retry_after is not None else 0.5 * 2 ** (tries - 1)


def _raise(line: Line, error: ModelAPIError, tries: int) -> NoReturn:
    from pydantic_ai import exceptions as e

    redirect = _refused_redirect(error)
    if redirect is not None:
        raise DrafterFailed(redirect.message) from None
    provider, model = line.name.provider, line.name.model
    keys = " or ".join(line.name.line.keys)
    at = line.name.server
    nobody = f"is a server running at {at}?" if line.name.url else f"is there a network to {at}?"
    told: tuple[tuple[type[ModelAPIError], str, str | None], ...] = (
        (e.ModelAuthenticationError, f"{provider} does not accept the key", f"set {keys}"),
        (e.ModelQuotaExceededError, f"{provider}: the account has no credit left", None),
        (e.ModelNotFoundError, f"{provider} has no model {model!r}", None),
        (e.ModelContextWindowExceededError, f"the prompt is too long for {model}", None),
        (e.ModelRequestTimeout, f"{provider} gave no answer in time", "--drafter-timeout SECONDS"),
        (e.ModelTimeoutError, f"{provider} gave no answer in time", "--drafter-timeout SECONDS"),
        (e.ModelConnectionError, f"{provider} cannot be reached, or broke off", nobody),
    )
    for kind, what, hint in told:
        if isinstance(error, kind):
            raise DrafterFailed(what, hint=hint) from None
    codes = (getattr(error, "status_code", None), error.provider_error_code,
             error.provider_error_type)  # fmt: skip
    said = dict.fromkeys(str(code) for code in codes if code and _CODE.fullmatch(str(code)))
    after = f" after {tries} tries" if tries > 1 else ""
    raise DrafterFailed(
        f"{provider} answers with an error{after}: {', '.join(said) or type(error).__name__}"
    ) from None


def _refused_redirect(error: BaseException) -> DrafterFailed | None:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DrafterFailed):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None
