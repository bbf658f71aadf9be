"""Grounds of cards: the packaged lists, and candidates that stand before one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.catalogs import owasp, weaknesses
from undersign.records.candidate import Candidate
from undersign.records.code import SourceFile
from undersign.records.others import Others


def weaknesses_of(body: Any, files: Mapping[str, SourceFile]) -> object:
    return weaknesses.load()


def owasp_of(body: Any, files: Mapping[str, SourceFile]) -> object:
    return owasp.load()


def others_of(body: list[dict[str, Any]], files: Mapping[str, SourceFile]) -> object:
    plain = {"file": "app.py", "message": ""}
    return Others(tuple((one.pop("id"), Candidate(**{**plain, **one})) for one in body))
