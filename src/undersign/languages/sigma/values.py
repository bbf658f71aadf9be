"""One detection item (`Field|modifiers: values`) -> a node of the tree.

pySigma reads modifiers and escapes; what it leaves open or gets wrong is settled here: alternatives
that multiply without bound, encodings before base64, the meaning of values without a field.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from undersign.languages.sigma.budget import Budget
from undersign.languages.sigma.encoded import UTF16, base64_texts, split
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
MAX_MODIFIERS = 10
_DASH = re.compile(r"\B[-/]\b")
_PLACEHOLDER = re.compile(r"(?<!\\)%([^%]+)%")
_ONCE = ("windash", "base64", "base64offset", "expand")
"""Modifiers that multiply a value or its length; twice they would do so without bound."""
_OPERATORS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


class ItemFault(ValueError):
    """A detection item that is not valid Sigma; `index` is the offending value, if one is."""

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.index = index


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading an item asks of its file: values for placeholders, and what it may cost."""

    placeholders: Placeholders
    budget: Budget


def item_node(key: str | None, scalars: Sequence[Scalar], reading: Reading) -> Node:
    """Return the node of one item; `key` None is a plain keyword.

    Raises ItemFault when the item is not valid Sigma.
    """
    return _Item(key, scalars, reading).node()


class _Item:
    def __init__(self, key: str | None, scalars: Sequence[Scalar], reading: Reading) -> None:
        name, *modifiers = (key or "").split("|")
        self._key = key
        self._field = name or None
        self._modifiers = modifiers
        self._scalars = scalars
        self._reading = reading

    def node(self) -> Node:
        if not self._scalars:
            raise ItemFault("an empty list matches nothing; write null if absence is meant")
        self._check_modifiers()
        args = tuple(self._read())
        every = "all" in self._modifiers
        node: Node = args[0] if len(args) == 1 else (And(args) if every else Or(args))
        return Not(node) if "neq" in self._modifiers else node

    def _check_modifiers(self) -> None:
        if len(self._modifiers) > MAX_MODIFIERS:
            raise ItemFault(f"more than {MAX_MODIFIERS} modifiers")
        for modifier in _ONCE:
            if self._modifiers.count(modifier) > 1:
                raise ItemFault(f"the modifier `{modifier}` is here twice")
        if sum(name in UTF16 for name in self._modifiers) > 1:
            raise ItemFault("one encoding to UTF-16 is enough")
        names = ["base64" if name == "base64offset" else name for name in self._modifiers]
        if {"base64", "windash"}.issubset(names) and names.index("base64") < names.index("windash"):
            raise ItemFault("`windash` has no meaning after base64")

    def _read(self) -> list[Node]:
        """Return one node per value; several alternatives of a value are or-ed."""
        filled: list[list[Scalar] | str] = [self._filled(scalar) for scalar in self._scalars]
        wanted = [(i, s) for i, some in enumerate(filled) if isinstance(some, list) for s in some]
        nodes = iter(self._alternatives(wanted))
        found: list[Node] = []
        for scalar, some in zip(self._scalars, filled, strict=True):
            if isinstance(some, str):
                found.append(self._atom(Unsupported(some), scalar))
            else:
                args = tuple(next(nodes) for _ in some)
                found.append(args[0] if len(args) == 1 else Or(args))
        return found

    def _filled(self, scalar: Scalar) -> list[Scalar] | str:
        """Return a value with its placeholders filled, or why it cannot be expanded.

        Variants are paid for here, before anything builds them.
        """
        texts = [scalar.raw]
        if "expand" in self._modifiers and isinstance(scalar.value, str):
            names = _PLACEHOLDER.findall(scalar.raw)
            given = [self._reading.placeholders.get(name, ()) for name in names]
            if not all(given):
                missing = next(name for name, some in zip(names, given, strict=True) if not some)
                return f"nobody gave values for the placeholder %{missing[:60]}%"
            if _product(len(some) for some in given) > MAX_VARIANTS:
                return f"the value stands for more than {MAX_VARIANTS:,} variants"
            texts = [_fill(scalar.raw, chosen) for chosen in product(*given)]
        variants = sum(self._variants(text) for text in texts)
        if variants > MAX_VARIANTS:
            return f"the value stands for more than {MAX_VARIANTS:,} variants"
        length = sum(self._variants(text) * len(text) for text in texts)
        if not self._reading.budget.spend(variants, length):
            raise ItemFault("the file stands for more comparisons than any rule needs")
        if "expand" not in self._modifiers or not isinstance(scalar.value, str):
            return [scalar]
        return [replace(scalar, value=text, raw=text) for text in texts]

    def _variants(self, text: str) -> int:
        dashes = len(_DASH.findall(text)) if "windash" in self._modifiers else 0
        offsets = 3 if "base64offset" in self._modifiers else 1
        return offsets * int(5 ** min(dashes, 20))

    def _alternatives(self, wanted: list[tuple[int, Scalar]]) -> list[Node]:
        """Return the node of every filled value; each comes with the index of its origin."""
        plain = self._encoded(wanted)
        if plain is not None:
            return plain
        values = self._sigma_values(wanted)
        return [
            self._value_node(value, scalar, index)
            for value, (index, scalar) in zip(values, wanted, strict=True)
        ]

    def _sigma_values(self, wanted: list[tuple[int, Scalar]]) -> list[Any]:
        """Return one value of pySigma per scalar, modifiers applied."""
        try:
            found = self._ask_sigma([scalar.value for _, scalar in wanted])
        except ItemFault as fault:
            for index, scalar in wanted:
                try:
                    self._ask_sigma([scalar.value])
                except ItemFault as exact:
                    raise ItemFault(exact.message, index) from None
            raise fault from None
        if len(found) != len(wanted):
            raise ItemFault("the modifiers change the number of values")
        return found

    def _ask_sigma(self, values: list[Any]) -> list[Any]:
        from sigma.exceptions import SigmaError

        try:
            names = [name for name in self._modifiers if name != "expand"]
            if "re" not in names:
                return _modified(self._field, names, values)
            # Python warns on the terminal of expressions that it reads all the same.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _modified(self._field, names, values)
        except SigmaError as error:
            raise ItemFault(_one_line(error)) from None
        except ItemFault:
            raise
        # pySigma meets text here that nobody wrote for it: an empty regular expression makes it
        # index into nothing, a number under `re` is searched as text.
        except (TypeError, IndexError, AttributeError, ValueError, RecursionError) as error:
            raise ItemFault(f"not a usable value: {_one_line(error)}") from None

    def _atom(self, test: Test, scalar: Scalar) -> Atom:
        return Atom(self._field, test, scalar.span, self._written(scalar))

    def _written(self, scalar: Scalar) -> str:
        value = scalar.raw if scalar.value is not None else "null"
        return value if self._key is None else f"{self._key}: {value}"

    def _encoded(self, wanted: list[tuple[int, Scalar]]) -> list[Node] | None:
        """Return the nodes of an item under base64, or None when pySigma is to read it."""
        parts = split([name for name in self._modifiers if name != "expand"])
        if parts is None:
            return None
        encodings, offsets, after = parts
        literals = [_literal(scalar) for _, scalar in wanted]
        if any(literal is None for literal in literals):
            return None
        nodes: list[Node] = []
        for literal, (index, _) in zip(literals, wanted, strict=True):
            texts = base64_texts(literal or "", encodings, offsets)
            origin = self._scalars[index]
            atoms = tuple(self._atom(self._placed([text], after), origin) for text in texts)
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
        return self._atom(self._test(value, scalar, index), self._scalars[index])

    def _test(self, value: Any, scalar: Scalar, index: int) -> Test:
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
        return self._numeric_test(value, scalar, index) or self._field_test(value)

    def _keyword_test(self, value: Any, index: int) -> Test:
        from sigma import types

        if type(value) is types.SigmaNumber or isinstance(value, types.SigmaBool):
            return self._text_test([self._scalars[index].raw])
        raise ItemFault("this value needs a field to be compared with", index)

    def _numeric_test(self, value: Any, scalar: Scalar, index: int) -> Test | None:
        """Return the test of a number; the number as the file has it: pySigma rounds long ones."""
        from sigma import types

        if not isinstance(value, types.SigmaNumber | types.SigmaCompareExpression):
            return None
        number = scalar.value
        if not isinstance(number, int | float):
            raise ItemFault("this value must be a number", index)
        if isinstance(value, types.SigmaTimestampPart):
            if number != int(number):
                raise ItemFault("a part of a time is a whole number", index)
            return TimePart(value.timestamp_part.name.lower(), int(number))
        if isinstance(value, types.SigmaNumber):
            return Number(number)
        operator = _OPERATORS.get(value.op.name)
        return Compare(operator, number) if operator else None

    def _field_test(self, value: Any) -> Test:
        from sigma import types

        if isinstance(value, types.SigmaBool):
            return Boolean(value.boolean)
        if isinstance(value, types.SigmaExists):
            return Exists(value.exists)
        if isinstance(value, types.SigmaNull):
            return Null()
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


def _product(counts: Iterator[int]) -> int:
    """Return the product, cut off where it no longer matters how large it is."""
    total = 1
    for count in counts:
        total = min(total * count, 10 * MAX_VARIANTS)
    return total


def _fill(text: str, chosen: Sequence[str]) -> str:
    """Return a text with its placeholders, in order, replaced; `\\%` is a plain percent sign."""
    values = iter(chosen)
    return _PLACEHOLDER.sub(lambda _: str(next(values)), text).replace("\\%", "%")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
