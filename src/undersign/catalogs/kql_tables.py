"""Microsoft's tables that log sources here appear in: which columns are documented, of which type.

A query over one of these binds even where no event here has the column; it is empty then.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import get_args

from undersign.records.query import Type


@cache
def tables() -> Mapping[str, Mapping[str, Type]]:
    """Return table -> column -> type."""
    text = (files("undersign.catalogs") / "data" / "kql_tables.toml").read_text(encoding="utf-8")
    return {
        table: {name: kind for kind in get_args(Type) for name in row.get(kind, "").split()}
        for table, row in tomllib.loads(text).items()
    }
