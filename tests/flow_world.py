"""Grounds of cards: data flow, computed for real from the files of the card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.languages.python import parse
from undersign.records.code import SourceFile
from undersign.surfaces.review.dataflow import analyse


def flows_of(body: Any, files: Mapping[str, SourceFile]) -> object:
    return analyse({path: parse(f.text) for path, f in files.items() if path.endswith(".py")})
