"""The query languages: where each is read and translated, and what a workspace adds to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from undersign.errors import UsageError
from undersign.records.query import Query
from undersign.records.visible import Visible
from undersign.workspace import files
from undersign.workspace.workspace import Workspace

if TYPE_CHECKING:
    from undersign.telemetry.translate import StageSql, Translated


class Language(NamedTuple):
    """One query language: the room that reads it and the room that runs it."""

    reader: str
    """Module with `parse(text)` and `bind(text, visible)`."""
    translator: str
    """Module with `translate(query, visible, now)`."""
    partly: str = ""
    """Function there that gives the stages before the one for which `translate` refuses."""


LANGUAGES = {
    "kql": Language(
        "undersign.languages.kql", "undersign.telemetry.translate.kql", "translate_stages"
    ),
    "spl": Language("undersign.languages.spl", "undersign.telemetry.translate.spl", "stages"),
    "sql": Language("undersign.languages.sql", "undersign.telemetry.translate.sql"),
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """One language as spoken in one workspace; imported only now."""

    name: str
    bind: Callable[[str, Visible], Query]
    parse: Callable[[str], Query]
    translate: Callable[[Query, Visible, datetime], Translated]
    partly: Callable[[Query, Visible, datetime], tuple[StageSql, ...]]
    """The stages that can be said of a query that is refused; may raise QueryRefused too."""


def speaker(workspace: Workspace, name: str) -> Speaker:
    """Return a language by name, with the workspace's macros where it has macros.

    Raises UsageError for a name that is none, BadInput when a macro file cannot be read.
    """
    line = LANGUAGES.get(name)
    if line is None:
        known = ", ".join(LANGUAGES)
        raise UsageError(f"no query language {name!r}", hint=f"one of {known}")
    reader, translator = import_module(line.reader), import_module(line.translator)
    options = _macros(workspace, reader) if name == "spl" else {}
    partly = getattr(translator, line.partly) if line.partly else None
    return Speaker(
        name,
        bind=partial(reader.bind, **options),
        parse=partial(reader.parse, **options),
        translate=partial(translator.translate, **options),
        partly=partial(partly, **options) if partly else _no_stages,
    )


def is_query(kind: str) -> bool:
    """Tell whether artifacts of this kind are queries of one of these languages."""
    return kind in LANGUAGES


def visible_of(workspace: Workspace, name: str, *, measure: bool = True) -> Visible:
    """Return the tables that a language sees here; none where nothing was ever ingested.

    With `measure`, counts and values really seen are gathered where they are not kept yet.
    """
    from undersign.catalogs.log_sources import load
    from undersign.telemetry.views import visible

    return visible(workspace.lake if workspace.has_lake else None, load(), name, measure=measure)


def parsed(workspace: Workspace, name: str, text: str) -> Query:
    """Return a text bound to this workspace's tables; what is wrong with it is in its problems."""
    return speaker(workspace, name).bind(text, visible_of(workspace, name, measure=False))


def _no_stages(query: Query, visible: Visible, now: datetime) -> tuple[StageSql, ...]:
    return ()


def _macros(workspace: Workspace, reader: Any) -> dict[str, Any]:
    paths = workspace.config.spl_macros
    texts = tuple((files.read_text(path), str(path)) for path in paths)
    return {"macros": _merged(texts, reader)} if texts else {}


@lru_cache(maxsize=8)
def _merged(texts: tuple[tuple[str, str], ...], reader: Any) -> Any:
    """Return the built-in macros and those of these files; the same object for the same texts."""
    macros = reader.DEFAULT
    for text, path in texts:
        macros = macros.merged(reader.read_macros(text, path))
    return macros
