"""What the values of a column look like: how many, how many distinct, of which type, for example.

Sums are kept per table and only grow by the files that are new, so that profiling costs as much as
what came in. Distinct values are counted exactly up to SKETCH, then estimated from the smallest
hashes (k minimum values; Bar-Yossef et al. 2002),
with a standard error of 4 percent (1/sqrt(SKETCH)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from undersign.telemetry.columns import canonical
from undersign.telemetry.layout import DataFile
from undersign.telemetry.rows import open_file

SKETCH = 512
EXAMPLES = 5
MAX_EXAMPLE = 80
COLUMNS_AT_ONCE = 64
_HASHES = 2.0**32
_FORMS = {
    "boolean": r"^(true|false)$",
    "long": r"^-?(0|[1-9][0-9]{0,17})$",
    "double": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$",
    "timestamp": r"^[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]",
}
"""What every text of a column must look like for the column to be of a type, narrowest first."""


@dataclass(slots=True)
class ColumnStats:
    """The values of one column, over some files."""

    values: int = 0
    forms: list[str] = field(default_factory=lambda: list(_FORMS))
    """Types that all texts so far have the form of."""
    smallest: list[int] = field(default_factory=list)
    """The SKETCH smallest hashes of distinct values, sorted."""
    examples: list[str] = field(default_factory=list)

    def distinct(self) -> int:
        """Return how many distinct values there are, about, when more than SKETCH."""
        if len(self.smallest) < SKETCH:
            return len(self.smallest)
        return round((SKETCH - 1) * _HASHES / (self.smallest[-1] + 1))

    def type(self, kind: str) -> str:
        """Return the type that the texts suggest, or the declared `kind`."""
        return self.forms[0] if kind == "string" and self.values and self.forms else kind

    def add(self, column: pa.Array[Any]) -> None:
        """Take in the values of one row group."""
        held, counts = _distinct(column)
        if not len(held):
            return
        self.values += int(counts.sum()) if not pa.types.is_list(column.type) else _filled(column)
        if pa.types.is_string(held.type):
            self.forms = [form for form in self.forms if _all_match(held, _FORMS[form])]
        texts = [canonical(value) for value in held.to_pylist()]
        self._sketch(texts)
        if len(self.examples) < EXAMPLES:
            frequent = np.argsort(-counts, kind="stable")[:EXAMPLES].tolist()
            more = [_shortened(texts[place]) for place in frequent]
            self.examples = list(dict.fromkeys(self.examples + more))[:EXAMPLES]

    def _sketch(self, texts: list[str]) -> None:
        raw = np.fromiter(
            (crc32(t.encode("utf-8", "replace")) for t in texts), dtype=np.uint32, count=len(texts)
        )
        mixed = _mix(raw)
        if len(self.smallest) >= SKETCH:
            mixed = mixed[mixed < self.smallest[-1]]
        if len(mixed):
            known = np.asarray(self.smallest, dtype=np.uint32)
            self.smallest = np.unique(np.concatenate([known, mixed]))[:SKETCH].tolist()


def measure(
    columns: dict[str, ColumnStats], kinds: dict[str, str], files: Iterable[DataFile]
) -> None:
    """Add the values of these files to the statistics; `kinds` maps column to column type."""
    for file in files:
        with open_file(file) as plain:
            present = [name for name in plain.schema_arrow.names if name in kinds]
        with open_file(file, [n for n in present if kinds[n] == "string"]) as parquet:
            for group in range(parquet.num_row_groups):
                for start in range(0, len(present), COLUMNS_AT_ONCE):
                    part = present[start : start + COLUMNS_AT_ONCE]
                    table = parquet.read_row_group(group, columns=part)
                    for name in part:
                        columns.setdefault(name, ColumnStats()).add(table[name].combine_chunks())


def _distinct(column: pa.Array[Any]) -> tuple[pa.Array[Any], np.ndarray[Any, Any]]:
    """Return the distinct values of a column and how often each is there."""
    values: Any = column
    if pa.types.is_list(values.type):
        values = pc.list_flatten(values)
    if pa.types.is_dictionary(values.type):
        codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        counts = np.bincount(codes + 1, minlength=len(values.dictionary) + 1)[1:]
        used = np.flatnonzero(counts)
        return values.dictionary.take(pa.array(used)), counts[used]
    counted = pc.value_counts(values.drop_null())
    return counted.field("values"), counted.field("counts").to_numpy(zero_copy_only=False)


def _filled(column: pa.Array[Any]) -> int:
    return len(column) - column.null_count


def _all_match(values: Any, pattern: str) -> bool:
    """Tell whether all texts have a form; the first few settle it for most columns."""
    for part in (values.slice(0, 16), values):
        if not pc.all(pc.match_substring_regex(part, pattern)).as_py():
            return False
    return True


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_EXAMPLE else text[: MAX_EXAMPLE - 1] + "…"


def _mix(hashes: np.ndarray[Any, np.dtype[np.uint32]]) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """Spread checksums evenly over 32 bits (finaliser of MurmurHash3, public domain)."""
    hashes = hashes ^ (hashes >> np.uint32(16))
    hashes = hashes * np.uint32(0x85EBCA6B)
    hashes = hashes ^ (hashes >> np.uint32(13))
    hashes = hashes * np.uint32(0xC2B2AE35)
    mixed: np.ndarray[Any, np.dtype[np.uint32]] = hashes ^ (hashes >> np.uint32(16))
    return mixed
