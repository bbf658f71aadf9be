"""Tables known from elsewhere: typed, and empty until logs arrive."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from undersign.errors import BadInput, StorageError
from undersign.telemetry.plan import replace_file
from undersign.telemetry.write import storage

KNOWN_FILE = "known_tables.json"
MAX_NAME = 256
_HEADER = ("table_name", "column_name", "column_type")
_TYPES = {
    "string": ("string", "guid", "uuid", "text", "varchar", "timespan"),
    "long": ("long", "int", "int32", "int64", "integer", "bigint", "short"),
    "double": ("double", "real", "decimal", "float"),
    "boolean": ("boolean", "bool"),
    "timestamp": ("timestamp", "datetime", "datetimeoffset", "date", "timestamptz"),
    "list": ("list", "array"),
}
_WORDS = {word: kind for kind, words in _TYPES.items() for word in words}

KnownTables = dict[str, dict[str, str]]


def parse_tables(text: str, path: str) -> KnownTables:
    """Read table -> column -> type from CSV `table_name,column_name,column_type` or from JSON.

    A type of another vocabulary that says nothing here (Kusto's `dynamic`) becomes `dynamic`.

    Raises:
        BadInput: The text is neither; `path`, line and column say where.
    """
    is_json = text.lstrip().startswith(("{", "["))
    tables: KnownTables = {}
    spelling: dict[tuple[str, str], str] = {}
    for line, table, column, kind in (_from_json if is_json else _from_csv)(text, path):
        for name in (table, column):
            if not name or len(name) > MAX_NAME or not name.isprintable():
                raise BadInput(f"not a name: {name[:80]!a}", path=path, line=line)
        table = spelling.setdefault((table.lower(), ""), table)
        column = spelling.setdefault((table.lower(), column.lower()), column)
        tables.setdefault(table, {})[column] = _WORDS.get(kind.strip().lower(), "dynamic")
    if not tables:
        raise BadInput("names no table", path=path)
    return tables


def read_known(root: Path) -> KnownTables:
    """Read the tables taken over so far."""
    try:
        tables: KnownTables = json.loads((root / KNOWN_FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StorageError(f"{root / KNOWN_FILE} cannot be read: {error}") from error
    return tables


def add_known(root: Path, tables: Mapping[str, Mapping[str, str]]) -> None:
    """Take over tables; one that is known already is replaced."""
    fresh = {name.lower() for name in tables}
    known = {name: cols for name, cols in read_known(root).items() if name.lower() not in fresh}
    with storage("cannot write to", root):
        root.mkdir(parents=True, exist_ok=True)
        replace_file(root / KNOWN_FILE, {**known, **tables})


def _from_csv(text: str, path: str) -> Iterator[tuple[int, str, str, str]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in _HEADER if name not in header]:
            wanted = ",".join(_HEADER)
            raise BadInput(
                f"the first line has no {', '.join(missing)}", path=path, line=1, hint=wanted
            )
        places = [header.index(name) for name in _HEADER]
        for row in reader:
            if not row:
                continue
            if len(row) <= max(places):
                raise BadInput(f"{len(row)} columns are too few", path=path, line=reader.line_num)
            table, column, kind = (row[place].strip() for place in places)
            yield reader.line_num, table, column, kind
    except csv.Error as error:
        raise BadInput(f"not CSV: {error}", path=path, line=reader.line_num) from error


def _from_json(text: str, path: str) -> Iterator[tuple[int, str, str, str]]:
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise BadInput("nested too deep", path=path) from error
    except json.JSONDecodeError as error:
        raise BadInput(
            f"not JSON: {error.msg}", path=path, line=error.lineno, column=error.colno
        ) from error
    if not isinstance(document, dict):
        raise BadInput("not an object {table: {column: type}}", path=path, line=1)
    for table, columns in document.items():
        if not isinstance(columns, dict):
            raise BadInput(f"table {table[:80]!a}: not an object {{column: type}}", path=path)
        for column, kind in columns.items():
            if not isinstance(kind, str):
                shown = f"{table}.{column}"[:80]
                raise BadInput(f"{shown!a}: the type is no text", path=path)
            yield 1, table, column, kind
