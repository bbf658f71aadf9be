"""What lies around the document of a card: files, secrets, internal names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.records.surroundings import Exposed, Internal, Nearby


class _OnlyThese(dict[str, bool]):
    """Every path that is not listed is not there; the web is not looked at."""

    def get(self, key: str, default: Any = None) -> Any:
        return default if "://" in key else super().get(key, False)


def files_of(body: Mapping[str, Any]) -> Nearby:
    """`[files] exists = [...]`: these are there, and whatever else is linked is not."""
    return Nearby(_OnlyThese(dict.fromkeys(body.get("exists", ()), True)))


def secrets_of(body: Any) -> Exposed:
    """`secrets = [{start, end, kind}]`; offsets in the document's text."""
    return Exposed(tuple((one["start"], one["end"], one["kind"]) for one in body))


def internal_of(body: Mapping[str, Any]) -> Internal:
    """`[internal] names = [...]`, as in undersign.toml."""
    return Internal(tuple(body.get("names", ())))
