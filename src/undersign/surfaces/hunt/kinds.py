"""The kinds of the hunting surface: queries in three languages, and the hunt itself."""

from __future__ import annotations

from importlib import import_module

from undersign.workflow.kind import Kind

_FORMAT = "format: undersign/hunt/"


def _looks_like_a_hunt(text: str) -> bool:
    return _FORMAT in text[:400]


def _any_text(text: str) -> bool:
    return True


def _parse_kql(text: str) -> object:
    return import_module("undersign.languages.kql").parse(text)


def _parse_spl(text: str) -> object:
    return import_module("undersign.languages.spl").parse(text)


def _parse_sql(text: str) -> object:
    return import_module("undersign.languages.sql").parse(text)


def _parse_hunt(text: str) -> object:
    from undersign.surfaces.hunt.hunt_file import parse

    return parse(text)


HUNT_KINDS = (
    Kind(
        "kql",
        "hunt",
        (".kql", ".kusto"),
        _any_text,
        _parse_kql,
        "{hunts}/{slug}.kql",
        prompt=("query", "kql"),
    ),
    Kind(
        "spl",
        "hunt",
        (".spl",),
        _any_text,
        _parse_spl,
        "{hunts}/{slug}.spl",
        prompt=("query", "spl"),
    ),
    Kind(
        "sql",
        "hunt",
        (".sql",),
        _any_text,
        _parse_sql,
        "{hunts}/{slug}.sql",
        prompt=("query", "sql"),
    ),
    Kind(
        "hunt", "hunt", (".hunt.yml",), _looks_like_a_hunt, _parse_hunt, "{hunts}/{slug}.hunt.yml"
    ),
)
"""Languages are imported when a text of theirs is parsed: each takes long to load."""
