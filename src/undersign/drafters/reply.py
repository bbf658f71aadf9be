"""What a drafter answered, held against the form it was given; nothing else of it is used."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from undersign.errors import BadInput

if TYPE_CHECKING:
    from jsonschema import ValidationError

MOST_BYTES = 1_000_000
"""Of one reply, as text: no artifact is longer, and a longer reply is a fault or an attack."""

_FENCED = re.compile(r"^```[A-Za-z0-9]*[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_LAST_WORD = re.compile(r"\S+\Z")
_MOST_FAULTS = 20
_DEEPEST = 64
_PLAIN_PATH = re.compile(r"[\w$.\[\]-]{1,120}")


class BadReply(BadInput):
    """A reply that does not fit its form.

    The message holds no word of the reply: it is recorded. `findings` may quote the reply: they
    are for the drafter that wrote it, and for nobody else.
    """

    def __init__(self, message: str, findings: str = "") -> None:
        super().__init__(f"the drafter's reply cannot be used: {message}")
        self.findings = findings or message


def json_object(text: str) -> dict[str, Any]:
    """Return the one JSON object of a reply: bare, in one code fence, or in the midst of prose.

    Raises:
        BadReply: There is none or more than one, it is damaged or too large, a key stands in it
            twice, or a text in it holds a NUL or half a character.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise BadReply(f"it is longer than {MOST_BYTES:,} bytes")
    fenced = _FENCED.findall(text)
    inner = text[text.find("{") : text.rfind("}") + 1]
    candidates = [text, *(fenced if len(fenced) == 1 else ()), inner]
    found = next((o for o in map(_read, candidates) if isinstance(o, dict)), None)
    if found is None:
        raise BadReply("it is not one JSON object" if text.strip() else "it is empty")
    for value in _strings(found, _DEEPEST):
        _refuse_odd(value)
    return found


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raise ValueError for a form that would let anything in: our own mistake, not a drafter's.

    Every object in it must forbid further properties, and no part of it may lie elsewhere.
    """
    for part in _schemas(schema):
        if part.get("type") == "object" and part.get("additionalProperties") is not False:
            raise ValueError("an object of a reply schema must say additionalProperties: false")
        if not str(part.get("$ref", "#")).startswith("#"):
            raise ValueError("a reply schema may refer to itself only")
    if schema.get("type") != "object":
        raise ValueError("a reply is an object")


def validate(slots: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Hold slots against their form; raises BadReply with everything that does not fit."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # Its own registry: the default one would fetch what a $ref names.
    validator = Draft202012Validator(schema, registry=Registry())
    faults = [e for e, _ in zip(validator.iter_errors(slots), range(_MOST_FAULTS), strict=False)]
    if faults:
        told = "; ".join(dict.fromkeys(_told(fault) for fault in faults))
        raise BadReply(
            told, "\n".join(f"{f.json_path}: {whole_words(f.message, 300)}" for f in faults)
        )


def whole_words(text: str, most: int) -> str:
    """Cut a text to so many characters behind a word: half a secret is one no detector knows."""
    if len(text) <= most:
        return text
    return _LAST_WORD.sub("", text[: most + 1]).rstrip()


def each_string(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with every text in it changed; keys are left alone."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each_string(part, change) for part in value]
    if isinstance(value, dict):
        return {key: each_string(part, change) for key, part in value.items()}
    return value


def _read(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a key stands twice")
    return read


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _strings(value: Any, deeper: int) -> Iterator[str]:
    if not deeper:
        raise BadReply(f"it is nested deeper than {_DEEPEST} levels")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from _strings(part, deeper - 1)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part, deeper - 1)


def _refuse_odd(text: str) -> None:
    if "\0" in text:
        raise BadReply("a text in it holds a NUL")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadReply("a text in it holds half a character") from None


def _schemas(part: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, Mapping):
        yield part
        for inner in part.values():
            yield from _schemas(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _schemas(inner)


def _told(fault: ValidationError) -> str:
    """Say what is wrong in words of the schema alone; a path may hold a key the drafter chose."""
    plain = fault.json_path != "$" and _PLAIN_PATH.fullmatch(fault.json_path)
    where = fault.json_path if plain else "the reply"
    limit = fault.validator_value
    if (
        isinstance(fault.instance, dict)
        and fault.validator == "required"
        and isinstance(limit, list)
    ):
        missing = [name for name in limit if name not in fault.instance]
        return f"{where} lacks {', '.join(missing)}"
    if fault.validator == "additionalProperties":
        return f"{where} has a key that its form does not name"
    what = f" {limit}" if isinstance(limit, int | str) and len(str(limit)) <= 60 else ""
    return f"{where} breaks {fault.validator}{what}"
