"""Grounds of cards: guards, computed for real from the files of the card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.languages.python import parse
from undersign.records.code import SourceFile
from undersign.surfaces.review.upstream import guards


def guards_of(body: Any, files: Mapping[str, SourceFile]) -> object:
    return guards({path: parse(f.text) for path, f in files.items() if path.endswith(".py")})
