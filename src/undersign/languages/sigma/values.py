"""One detection item (`Field|modifiers: values`) -> a node of the tree.

pySigma reads modifiers and escapes; what it leaves open or gets wrong is settled here: alternatives
that multiply without bound, encodings before base64, the meaning of values without a field.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undersign.languages.sigma.tree import (
    And,
    Atom,
    Boolean,
    Cidr,
    Compare,
    Exists,
    FieldRef,
    Node,
    Not,
    Null,
    Number,
    Or,
    Pattern,
    Place,
    Regex,
    Test,
    Text,
    TimePart,
    Unsupported,
)
from undersign.languages.sigma.yaml_spans import Scalar

Placeholders = Mapping[str, Sequence[str]]
"""Values for `%name%` under the modifier `expand`; wildcards in them count."""

MAX_VARIANTS = 3_125
"""Alternatives one written value may stand for: five dashes under `windash`."""
_DASH = re.compile(r"\B[-/]\b")
_PLACEHOLDER = re.compile(r"%([^%]+)%")
_ENCODINGS = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be"}
_BASE64_START = (0, 2, 3)
_BASE64_END = (None, -3, -2)
_AFTER_BASE64 = frozenset({"contains", "startswith", "endswith", "all", "cased", "neq"})
_OPERATORS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


class ItemFault(ValueError):
    """A detection item that is not valid Sigma; `index` is the offending value, if one is."""

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.index = index


def item_node(
    key: str | None, scalars: Sequence[Scalar], placeholders: Placeholders | None
) -> Node:
    """Return the node of one item; `key` None is a plain keyword.

    Raises ItemFault when the item is not valid Sigma.
    """
    return _Item(key, scalars, placeholders or {}).node()


class _Item:
    def __init__(
        self, key: str | None, scalars: Sequence[Scalar], placeholders: Placeholders
    ) -> None:
        name, *modifiers = (key or "").split("|")
        self._key = key
        self._field = name or None
        self._modifiers = modifiers
        self._scalars = scalars
        self._placeholders = placeholders

    def node(self) -> Node:
        if not self._scalars:
            raise ItemFault("an empty list matches nothing; write null if absence is meant")
        for modifier in ("windash", "base64offset", "expand", "wide", "base64"):
            if self._modifiers.count(modifier) > 1:
                raise ItemFault(f"the modifier `{modifier}` is here twice")
        plain = self._encoded()
        args = tuple(plain if plain is not None else self._read())
        every = "all" in self._modifiers
        node: Node = args[0] if len(args) == 1 else (And(args) if every else Or(args))
        return Not(node) if "neq" in self._modifiers else node

    def _read(self) -> list[Node]:
        too_many = [self._too_many(scalar) for scalar in self._scalars]
        fine = [s for s, reason in zip(self._scalars, too_many, strict=True) if not reason]
        found = iter(self._sigma_values(fine))
        return [
            self._atom(Unsupported(reason), scalar)
            if reason
            else self._value_node(next(found), scalar, index)
            for index, (scalar, reason) in enumerate(zip(self._scalars, too_many, strict=True))
        ]

    def _sigma_values(self, scalars: Sequence[Scalar]) -> list[Any]:
        """Return one value of pySigma per scalar, modifiers applied."""
        if not scalars:
            self._ask_sigma([])
            return []
        try:
            found = self._ask_sigma([scalar.value for scalar in scalars])
        except ItemFault as fault:
            for index, scalar in enumerate(self._scalars):
                try:
                    self._ask_sigma([scalar.value])
                except ItemFault as exact:
                    raise ItemFault(exact.message, index) from None
            raise fault from None
        if len(found) != len(scalars):
            raise ItemFault("the modifiers change the number of values")
        return found

    def _ask_sigma(self, values: list[Any]) -> list[Any]:
        from sigma.exceptions import SigmaError

        try:
            return _modified(self._field, self._modifiers, values)
        except SigmaError as error:
            raise ItemFault(_one_line(error)) from None
        except ItemFault:
            raise
        # pySigma meets text here that nobody wrote for it: an empty regular expression makes it
        # index into nothing, a number under `re` is searched as text.
        except (TypeError, IndexError, AttributeError, ValueError, RecursionError) as error:
            raise ItemFault(f"not a usable value: {_one_line(error)}") from None

    def _too_many(self, scalar: Scalar) -> str:
        """Return why a value cannot be expanded, or nothing."""
        variants = 1
        if "windash" in self._modifiers:
            variants *= 5 ** min(len(_DASH.findall(scalar.raw)), 20)
        if "expand" in self._modifiers:
            for name in _PLACEHOLDER.findall(scalar.raw):
                if name not in self._placeholders:
                    return f"nobody gave values for the placeholder %{name[:60]}%"
                variants *= len(self._placeholders[name])
        if variants > MAX_VARIANTS:
            return f"the value stands for more than {MAX_VARIANTS:,} variants"
        return ""

    def _atom(self, test: Test, scalar: Scalar) -> Atom:
        value = scalar.raw if scalar.value is not None else "null"
        written = value if self._key is None else f"{self._key}: {value}"
        return Atom(self._field, test, scalar.span, written)

    def _encoded(self) -> list[Node] | None:
        """Return the nodes of an item under base64, or None when pySigma is to read it.

        Bytes are encoded as bytes: pySigma goes through text, which escapes `*`, cannot hold
        UTF-16 beyond ASCII and writes the byte order mark in UTF-8.
        """
        before, _, after = "|".join(self._modifiers).partition("base64")
        offsets = after.startswith("offset")
        encodings = [name for name in before.split("|") if name]
        rest = [name for name in after.removeprefix("offset").split("|") if name]
        known = set(_ENCODINGS) | {"utf16"}
        if "base64" not in "|".join(self._modifiers) or len(encodings) > 1:
            return None
        if not known.issuperset(encodings) or not _AFTER_BASE64.issuperset(rest):
            return None
        literals = [_literal(scalar) for scalar in self._scalars]
        if any(literal is None for literal in literals):
            return None
        nodes: list[Node] = []
        for literal, scalar in zip(literals, self._scalars, strict=True):
            variants = _base64(_to_bytes(literal or "", encodings), offsets)
            atoms = tuple(self._atom(self._placed([text], rest), scalar) for text in variants)
            nodes.append(atoms[0] if len(atoms) == 1 else Or(atoms))
        return nodes

    def _placed(self, parts: list[str | None], modifiers: Sequence[str]) -> Test:
        if not {"contains", "endswith"}.isdisjoint(modifiers):
            parts = [None, *parts]
        if not {"contains", "startswith"}.isdisjoint(modifiers):
            parts = [*parts, None]
        return self._text_test(parts)

    def _text_test(self, parts: list[str | None]) -> Test:
        """Return the simplest test for parts; a keyword without a place may stand anywhere."""
        anchored = {"startswith", "endswith"}.intersection(self._modifiers)
        if self._field is None and not anchored:
            parts = [None, *parts, None]
        tidy = [
            p for i, p in enumerate(parts) if p is not None or i == 0 or parts[i - 1] is not None
        ]
        cased = "cased" in self._modifiers
        texts = [part for part in tidy if part is not None]
        if not tidy:
            return Text(Place.EQUALS, "", cased)
        if len(texts) != 1 or texts[0] == "":
            return Pattern(tuple(tidy), cased)
        place = {
            (False, False): Place.EQUALS,
            (True, False): Place.ENDSWITH,
            (False, True): Place.STARTSWITH,
            (True, True): Place.CONTAINS,
        }[tidy[0] is None, tidy[-1] is None]
        return Text(place, texts[0], cased)

    def _value_node(self, value: Any, scalar: Scalar, index: int) -> Node:
        from sigma.types import SigmaExpansion

        if isinstance(value, SigmaExpansion):
            return Or(tuple(self._value_node(one, scalar, index) for one in value.values))
        if "expand" in self._modifiers and value.contains_placeholder():
            filled = value.replace_placeholders(self._fill)
            args = tuple(self._atom(self._test(one, index), scalar) for one in filled)
            return args[0] if len(args) == 1 else Or(args)
        return self._atom(self._test(value, index), scalar)

    def _fill(self, placeholder: Any) -> Iterator[Any]:
        from sigma.types import SigmaString

        yield from (SigmaString(value) for value in self._placeholders[placeholder.name])

    def _test(self, value: Any, index: int) -> Test:
        from sigma import types

        if isinstance(value, types.SigmaString):
            return self._text_test(_parts(value))
        if isinstance(value, types.SigmaRegularExpression):
            flags = {flag.name for flag in value.flags}
            pattern = value.regexp.to_plain()
            return Regex(pattern, "IGNORECASE" in flags, "MULTILINE" in flags, "DOTALL" in flags)
        if isinstance(value, types.SigmaCIDRExpression):
            return Cidr(str(value.network))
        if self._field is None:
            return self._keyword_test(value, index)
        return self._field_test(value)

    def _keyword_test(self, value: Any, index: int) -> Test:
        from sigma import types

        if type(value) is types.SigmaNumber or isinstance(value, types.SigmaBool):
            return self._text_test([self._scalars[index].raw])
        raise ItemFault("this value needs a field to be compared with", index)

    def _field_test(self, value: Any) -> Test:
        from sigma import types

        if isinstance(value, types.SigmaTimestampPart):
            return TimePart(value.timestamp_part.name.lower(), int(value.number))
        if isinstance(value, types.SigmaNumber):
            return Number(value.number)
        if isinstance(value, types.SigmaBool):
            return Boolean(value.boolean)
        if isinstance(value, types.SigmaExists):
            return Exists(value.exists)
        if isinstance(value, types.SigmaNull):
            return Null()
        if isinstance(value, types.SigmaCompareExpression) and value.op.name in _OPERATORS:
            return Compare(_OPERATORS[value.op.name], value.number.number)
        if isinstance(value, types.SigmaFieldReference):
            place = {
                (False, False): Place.EQUALS,
                (True, False): Place.STARTSWITH,
                (False, True): Place.ENDSWITH,
                (True, True): Place.CONTAINS,
            }[value.starts_with, value.ends_with]
            return FieldRef(value.field, place, "cased" in self._modifiers)
        return Unsupported(f"values of the kind {type(value).__name__} are not known here")


@dataclass(slots=True)
class _SigmaItem:
    """What pySigma's modifiers ask of the item they work on."""

    field: str | None
    value: list[Any]


def _modified(field: str | None, names: Sequence[str], values: list[Any]) -> list[Any]:
    """Apply modifiers of pySigma, without its rule classes: importing those takes 0.3 s.

    `all` and `neq` change no value; `item_node` minds them.
    """
    from sigma.modifiers import SigmaValueModifier, modifier_mapping
    from sigma.types import SigmaString, sigma_type

    known = {**modifier_mapping, "utf16le": modifier_mapping["wide"]}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ItemFault(f"Unknown modifier {unknown[0][:60]!r}")
    as_text = "re" in names
    if as_text and not all(isinstance(value, str) for value in values):
        raise ItemFault("a regular expression must be text; put it in quotes")
    typed: list[Any] = [SigmaString.from_str(v) if as_text else sigma_type(v) for v in values]
    item: Any = _SigmaItem(field, typed)
    applied: list[Any] = []
    for name in names:
        if name not in ("all", "neq"):
            modifier = known[name](item, applied)
            if isinstance(modifier, SigmaValueModifier):
                item.value = [new for old in item.value for new in modifier.apply(old)]
            else:
                item.value = modifier.apply(item.value)
        applied.append(known[name])
    found: list[Any] = item.value
    return found


def _parts(value: Any) -> list[str | None]:
    """Return the parts of a pySigma string as `tree.Pattern` writes them."""
    from sigma.types import SpecialChars

    return [
        part if isinstance(part, str) else None if part is SpecialChars.WILDCARD_MULTI else ""
        for part in value.s
        if part != ""
    ]


def _literal(scalar: Scalar) -> str | None:
    """Return the text a value stands for, or None when it is no text or has wildcards."""
    from sigma.types import SigmaString

    if not isinstance(scalar.value, str):
        return None
    value = SigmaString(scalar.value)
    return None if value.contains_special() else "".join(map(str, value.s))


def _to_bytes(text: str, encodings: list[str]) -> bytes:
    if not encodings:
        return text.encode()
    if encodings[0] == "utf16":
        return b"\xff\xfe" + text.encode("utf-16-le")
    return text.encode(_ENCODINGS[encodings[0]])


def _base64(data: bytes, offsets: bool) -> list[str]:
    """Return base64 of the bytes, or the parts that are the same at all three byte offsets."""
    if not offsets:
        return [b64encode(data).decode()]
    return [
        b64encode(b" " * shift + data)[
            _BASE64_START[shift] : _BASE64_END[(len(data) + shift) % 3]
        ].decode()
        for shift in range(3)
    ]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
