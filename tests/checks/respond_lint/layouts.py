"""One incident written down in the ways in which people write incidents down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Incident = Mapping[str, Any]
KEYS = {
    "detected": "First detected",
    "declared": "Incident declared",
    "repaired": "Repaired",
    "resolved": "Resolved",
}
SAID = {
    "detected": "first detected",
    "declared": "declared",
    "repaired": "repaired",
    "resolved": "resolved",
}


def _plain(written: str) -> str:
    return written[:16].replace("T", " ")


def _spoken(written: str) -> str:
    return f"{datetime.fromisoformat(written):%d %B %Y at %I:%M %p}".lstrip("0")


def _keys(one: Incident) -> list[tuple[str, str]]:
    return [(key, at) for key, at in one["key"].items() if at]


def _measures(one: Incident) -> list[tuple[str, str]]:
    stated = [("Time to repair", one["ttrep_raw"]), ("Time to resolve", one["ttres_raw"])]
    return [(name, length) for name, length in stated if length]


def bold_list(one: Incident) -> str:
    keys = "".join(f"  - {KEYS[key]}: {_plain(at)}\n" for key, at in _keys(one))
    measures = "".join(f"- **{name}**: {length}\n\n" for name, length in _measures(one))
    lines = "".join(f"  - {_plain(at)}: {said}\n" for at, said in one["ctx"])
    return (
        f"### Incident on {one['title']}\n\n- **Key events**\n{keys}\n{measures}"
        f"- **Context**:\n{lines}\n"
    )


def tables(one: Incident) -> str:
    keys = "".join(f"| {KEYS[key]} | {_plain(at)} |\n" for key, at in _keys(one))
    measures = "".join(f"- {name}: {length}\n" for name, length in _measures(one))
    lines = "".join(f"| {_plain(at)} | {said} |\n" for at, said in one["ctx"])
    return (
        f"# {one['title']}\n\n| | |\n|---|---|\n{keys}\n## Stats\n\n{measures}\n## Timeline\n\n"
        f"| Time | Event |\n|---|---|\n{lines}"
    )


def prose(one: Incident) -> str:
    keys = ", ".join(f"{SAID[key]} at {_plain(at)}" for key, at in _keys(one))
    measures = "".join(f"The {name.lower()} was {length}. " for name, length in _measures(one))
    lines = "\n".join(f"{_plain(at)} - {said}\n" for at, said in one["ctx"])
    return f"# {one['title']}\n\nThe incident was {keys}. {measures}\n\n## What happened\n\n{lines}"


def wide_table(one: Incident) -> str:
    columns = [(KEYS[key], _plain(at)) for key, at in _keys(one)] + _measures(one)
    head = " | ".join(name for name, _ in columns)
    rule = "|".join("---" for _ in columns)
    row = " | ".join(value for _, value in columns)
    lines = "".join(f"| {n} | {_plain(at)} | {said} |\n" for n, (at, said) in enumerate(one["ctx"]))
    return (
        f"## {one['title']}\n\n| {head} |\n|{rule}|\n| {row} |\n\n### Timeline\n\n"
        f"| # | When | What |\n|---|---|---|\n{lines}"
    )


def headings(one: Incident) -> str:
    keys = "".join(f"#### {KEYS[key]}\n\n{_plain(at)}\n\n" for key, at in _keys(one))
    measures = "".join(f"#### {name}\n\n{length}\n\n" for name, length in _measures(one))
    lines = "".join(f"#### {_plain(at)}\n\n{said}\n\n" for at, said in one["ctx"])
    return f"# {one['title']}\n\n{keys}{measures}### Timeline\n\n{lines}"


def spoken(one: Incident) -> str:
    keys = "".join(f"**{KEYS[key]}:** {_spoken(at)}  \n" for key, at in _keys(one))
    measures = "".join(f"**{name}:** {length}  \n" for name, length in _measures(one))
    lines = "".join(f"* {_spoken(at)}, {said}\n" for at, said in one["ctx"])
    return f"# {one['title']}\n\n{keys}{measures}\n## Timeline\n\n{lines}"


def two_cells(one: Incident) -> str:
    keys = "".join(f"| {KEYS[key]} | {at[:10]} | {at[11:16]} |\n" for key, at in _keys(one))
    measures = "".join(f"| {name} | {length} | |\n" for name, length in _measures(one))
    lines = "".join(f"| {at[:10]} | {at[11:16]} | {said} |\n" for at, said in one["ctx"])
    return (
        f"# {one['title']}\n\n| Key | Date | Time |\n|---|---|---|\n{keys}{measures}\n"
        f"## Timeline\n\n| Date | Time | Event |\n|---|---|---|\n{lines}"
    )


def clocks_only(one: Incident) -> str:
    """Write times without dates, as people do for an incident of one day."""
    keys = "".join(f"- {KEYS[key]} at {at[11:16]}\n" for key, at in _keys(one))
    measures = "".join(f"- {name}: {length}\n" for name, length in _measures(one))
    lines = "".join(f"- **{at[11:16]}** {said}\n" for at, said in one["ctx"])
    return f"# {one['title']}\n\n{keys}\n{measures}\n## Timeline\n\n{lines}"


def is_of_one_day(one: Incident) -> bool:
    """Tell whether an incident can be written without dates."""
    days = {at[:10] for _, at in _keys(one)} | {at[:10] for at, _ in one["ctx"]}
    return len(days) == 1


LAYOUTS: Mapping[str, Callable[[Incident], str]] = {
    "bold list": bold_list,
    "tables": tables,
    "prose": prose,
    "wide table": wide_table,
    "headings": headings,
    "spoken": spoken,
    "two cells": two_cells,
}
