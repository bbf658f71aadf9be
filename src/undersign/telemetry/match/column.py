"""One column of one chunk, dictionary-encoded: each distinct value once, a code per row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from undersign.telemetry.match.sets import EMPTY, Codes, Ids, distinct, intersect

if TYPE_CHECKING:
    import pyarrow as pa

BEGIN, END = "\x02", "\x03"
"""Stand around every value in the searched text, so that `starts with` is a plain literal too."""
_FOLDING = "[\u017f\u0130\u0131]"
"""Long s and the Turkish i's."""
_BLOCK_BYTES = 4 * 1024 * 1024
_BLOCK_VALUES = 1_000_000


class Block(NamedTuple):
    """Some values of a column as one text."""

    text: memoryview
    bounds: NDArray[np.int64]
    """Where each value begins, and where the last ends."""
    first: int
    """Number of the first value."""


class Column:
    """A column of one chunk.

    `values` are the distinct values (of a list column: the distinct elements), an Arrow array of
    text. `codes` give each row the number of its value, or `absent`. In a list column a code stands
    for one distinct list, and `members` pairs (element, code) say which lists hold an element.
    """

    def __init__(
        self,
        values: pa.Array[Any],
        codes: NDArray[np.int32],
        members: tuple[Ids, Ids] | None = None,
    ) -> None:
        self.values = values
        self.codes = codes
        self.members = members
        self.absent = len(values) if members is None else _count(members[1])

    @property
    def weight(self) -> int:
        """Bytes this column holds in memory, roughly: text, lower-cased text, codes, row order."""
        return int(self.codes.nbytes) * 3 + int(self.values.nbytes) * 3

    @cached_property
    def texts(self) -> list[str]:
        """The distinct values as Python texts."""
        found: list[Any] = self.values.to_pylist()
        return found

    @cached_property
    def ascii(self) -> bool:
        """Whether every value is plain ASCII, which hardly any column is not."""
        import pyarrow.compute as pc

        return bool(pc.all(pc.string_is_ascii(self.values)).as_py() is not False)

    @cached_property
    def lowered(self) -> Any:
        """The distinct values without case, as an Arrow array; as Python lower-cases them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.ascii:
            return pc.ascii_lower(self.values)
        # Arrow lower-cases letter by letter, Python knows that one letter may become two.
        plain = pc.string_is_ascii(self.values)
        letters: list[Any] = self.values.filter(pc.invert(plain)).to_pylist()
        texts = [t.lower() for t in letters]
        odd = pa.array(texts, type=self.values.type)
        return pc.replace_with_mask(pc.ascii_lower(self.values), pc.invert(plain), odd)

    @cached_property
    def folding(self) -> Ids:
        """The values with letters that a regex without case takes for ASCII ones."""
        import pyarrow.compute as pc

        if self.ascii:
            return EMPTY
        found = pc.match_substring_regex(self.values, _FOLDING)
        return np.flatnonzero(np.asarray(found)).astype(np.int32)

    def equal_to(self, wanted: pa.Array[Any]) -> NDArray[np.int64]:
        """Return for every distinct value which of the lower-cased texts it equals, or -1."""
        import pyarrow.compute as pc

        found = pc.index_in(self.lowered, value_set=wanted).fill_null(-1)
        return np.asarray(found.to_numpy(zero_copy_only=False))

    def equal_ids(self, wanted: Iterable[str]) -> Ids:
        """Return the distinct values that equal one of these lower-cased texts."""
        import pyarrow as pa

        which = self.equal_to(pa.array(list(wanted), type=pa.string()))
        return np.flatnonzero(which >= 0).astype(np.int32)

    @cached_property
    def blocks(self) -> list[Block]:
        """The lower-cased values as searchable text, each between sentinels."""
        return list(_blocks(self.lowered))

    def found(self, regex: str) -> Ids | None:
        """Return the values that a regex is found in; None when Arrow's RE2 cannot compile it."""
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            passed = pc.match_substring_regex(self.values, regex)
        except pa.ArrowInvalid:
            return None
        return np.flatnonzero(np.asarray(passed)).astype(np.int32)

    @cached_property
    def bare_blocks(self) -> list[Block]:
        """The same without sentinels and uncopied; a match that leaves its value is none."""
        import pyarrow as pa

        lowered = self.lowered
        wide = pa.types.is_large_string(lowered.type)
        _, places, text = lowered.buffers()
        kind = np.int64 if wide else np.int32
        offsets = np.frombuffer(places, dtype=kind) if places else EMPTY
        offsets = offsets[lowered.offset : lowered.offset + len(lowered) + 1].astype(np.int64)
        return list(_cut(text or pa.py_buffer(b""), offsets, 0))

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The distinct values as numbers, NaN for those that are none."""
        return np.array([as_number(t) for t in self.texts], dtype=np.float64)

    @cached_property
    def addresses(self) -> list[IPv4Address | IPv6Address | None]:
        """The distinct values as addresses, None for those that are none."""
        return [_address(t) for t in self.texts]

    @cached_property
    def _rows(self) -> tuple[Ids, NDArray[np.int64]]:
        order = np.argsort(self.codes, kind="stable").astype(np.int32)
        bounds = np.searchsorted(self.codes[order], np.arange(self.absent + 2))
        return order, bounds

    def codes_of(self, elements: Ids) -> Codes:
        """Return the codes of the values (lists) that are (hold) one of these elements."""
        if self.members is None:
            return Codes(elements)
        held, codes = self.members
        return Codes(distinct(codes[np.isin(held, elements)]))

    @cached_property
    def _tally(self) -> NDArray[np.int64]:
        return np.bincount(self.codes, minlength=self.absent + 1)

    def count(self, codes: Codes) -> int:
        """Return how many rows carry one of these codes."""
        inside = int(self._tally[codes.ids].sum()) if codes.ids.size else 0
        return self.codes.size - inside if codes.inverted else inside

    def rows(self, codes: Codes, among: Ids | None) -> Ids:
        """Return the rows that carry one of these codes, of all rows or of `among`."""
        if not codes.ids.size and not codes.inverted:
            return EMPTY
        if codes.inverted or (among is not None and among.size < self.count(codes)):
            wanted = np.zeros(self.absent + 1, dtype=np.bool_)
            wanted[codes.ids] = True
            if codes.inverted:
                wanted = ~wanted
            if among is None:
                return np.flatnonzero(wanted[self.codes]).astype(np.int32)
            return among[wanted[self.codes[among]]]
        order, bounds = self._rows
        runs = [order[bounds[c] : bounds[c + 1]] for c in codes.ids]
        if not runs:
            return EMPTY
        found = np.sort(np.concatenate(runs)) if len(runs) > 1 else runs[0]
        return found if among is None else intersect(found, among)

    def used(self, rows: Ids) -> Ids:
        """Return the elements that these rows carry."""
        codes = self.codes[rows]
        present = codes[codes != self.absent]
        if not present.size:
            return EMPTY
        seen = np.flatnonzero(np.bincount(present, minlength=self.absent)).astype(np.int32)
        if self.members is None:
            return seen
        held, of = self.members
        return distinct(held[np.isin(of, seen)])

    def values_at(self, row: int) -> tuple[str, ...]:
        """Return the values of one row; none when it is absent."""
        return self.texts_of(int(self.codes[row]))

    def texts_of(self, code: int) -> tuple[str, ...]:
        """Return the values that a code stands for; none for the absent one."""
        if code == self.absent:
            return ()
        if self.members is None:
            return (str(self.values[code].as_py()),)
        held, codes = self.members
        return tuple(str(self.values[int(e)].as_py()) for e in held[codes == code])


def as_number(text: str) -> float:
    """Read a decimal number; NaN when the text is none (hex, words and blanks are none)."""
    if not text or text[-1] not in "0123456789." or text[0] not in "0123456789.+-":
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


def _count(codes: Ids) -> int:
    return int(codes.max()) + 1 if codes.size else 0


def _blocks(lowered: Any) -> Iterator[Block]:
    import pyarrow as pa
    import pyarrow.compute as pc

    # A sentinel inside a value would fake its begin; no literal that holds one is searched so.
    for sentinel in (BEGIN, END):
        if pc.any(pc.match_substring(lowered, sentinel)).as_py():
            lowered = pc.replace_substring(lowered, sentinel, "\ufffd")
    for first in range(0, len(lowered), _BLOCK_VALUES):
        piece = lowered.slice(first, _BLOCK_VALUES).cast(pa.large_string())
        big = pa.large_string()
        around: Any = (pa.scalar(BEGIN, big), piece, pa.scalar(END, big), pa.scalar("", big))
        enclosed = pc.binary_join_element_wise(*around)
        offsets = np.frombuffer(enclosed.buffers()[1], dtype=np.int64)
        offsets = offsets[enclosed.offset : enclosed.offset + len(enclosed) + 1]
        text = enclosed.buffers()[2] or pa.py_buffer(b"")
        yield from _cut(text, offsets, first)


def _cut(text: pa.Buffer, offsets: NDArray[np.int64], first: int) -> Iterator[Block]:
    """Cut at value borders, so that one search never holds the matches of a huge text."""
    begin = 0
    while begin < len(offsets) - 1:
        limit = int(offsets[begin]) + _BLOCK_BYTES
        end = max(int(np.searchsorted(offsets, limit, side="right")) - 1, begin + 1)
        low, high = int(offsets[begin]), int(offsets[end])
        piece = memoryview(text.slice(low, high - low)).cast("B")
        yield Block(piece, offsets[begin : end + 1] - low, first + begin)
        begin = end


def encode(
    array: pa.Array[Any] | pa.ChunkedArray[Any],
    companion: pa.Array[Any] | pa.ChunkedArray[Any] | None,
) -> Column:
    """Encode an Arrow column (text, number, boolean, timestamp, list), and its list companion."""
    import pyarrow as pa

    one = _whole(array)
    if companion is not None and companion.null_count < len(companion):
        return _encode_lists(_merged(one, _whole(companion)))
    if pa.types.is_list(one.type) or pa.types.is_large_list(one.type):
        return _encode_lists(one.to_pylist())
    coded = one if pa.types.is_dictionary(one.type) else _as_text(one).dictionary_encode()
    values = coded.dictionary
    codes = coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return Column(values, codes.astype(np.int32, copy=False))


def _whole(array: pa.Array[Any] | pa.ChunkedArray[Any]) -> Any:
    import pyarrow as pa

    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    return array.unify_dictionaries().combine_chunks()


def _as_text(array: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(array.type):
        return pc.if_else(array, "true", "false")
    if pa.types.is_floating(array.type):
        texts = [None if v is None else f"{v:.15g}" for v in array.to_pylist()]
        return pa.array(texts, type=pa.string())
    return array.cast(pa.string())


def _merged(one: Any, lists: Any) -> list[list[str] | None]:
    return [
        [*([] if single is None else [str(single)]), *(many or [])] or None
        for single, many in zip(one.to_pylist(), lists.to_pylist(), strict=True)
    ]


def _encode_lists(rows: list[list[str] | None]) -> Column:
    import pyarrow as pa

    elements: dict[str, int] = {}
    lists: dict[tuple[int, ...], int] = {}
    codes = np.full(len(rows), -1, dtype=np.int32)
    for row, values in enumerate(rows):
        if values:
            key = tuple(elements.setdefault(str(v), len(elements)) for v in values if v is not None)
            codes[row] = lists.setdefault(key, len(lists))
    codes[codes < 0] = len(lists)
    pairs = sorted({(e, code) for key, code in lists.items() for e in key})
    held = np.array([e for e, _ in pairs], dtype=np.int32)
    of = np.array([c for _, c in pairs], dtype=np.int32)
    column = Column(pa.array(list(elements), type=pa.string()), codes, (held, of))
    column.absent = len(lists)
    return column
