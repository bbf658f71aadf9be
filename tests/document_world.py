"""What lies around the document of a card: files, secrets, internal names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.records.surroundings import Exposed, Internal, Nearby


def files_of(body: Mapping[str, Any]) -> Nearby:
    return Nearby(body["exists"])


def secrets_of(body: Mapping[str, Any]) -> Exposed:
    return Exposed(tuple((start, end, kind) for start, end, kind in body["spots"]))


def internal_of(body: Mapping[str, Any]) -> Internal:
    return Internal(tuple(body["names"]))
