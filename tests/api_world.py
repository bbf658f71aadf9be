"""The ground `Apis` of a card: answers as the card states them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.records.api import ApiAnswer, Apis
from undersign.records.code import SourceFile


def apis_of(body: Mapping[str, Mapping[str, Any]], files: Mapping[str, SourceFile]) -> Apis:
    """Build the ground from `[apis."NAME"]` tables: the fields of an answer."""
    del files  # the answers are stated, not looked up
    lists = {"nearest": tuple}
    stated = {
        name: {key: lists.get(key, lambda v: v)(value) for key, value in fields.items()}
        for name, fields in body.items()
    }
    return Apis(otherwise=tuple(ApiAnswer(name, **{"why": "", **f}) for name, f in stated.items()))
