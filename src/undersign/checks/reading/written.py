"""The values of a detection as their author wrote them, before modifiers and escapes are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from undersign.languages.sigma.document import Document, Filter, Path, Rule, SigmaFile
from undersign.records.artifact import Span

_RESERVED = {"detection": ("condition", "timeframe"), "filter": ("condition", "rules")}
_VERBATIM = frozenset({"re", "base64", "base64offset", "cidr", "expand", "exists", "fieldref"})


@dataclass(frozen=True, slots=True)
class Written:
    """One value of a detection item."""

    document: Document
    field: str | None
    """None for a keyword."""
    modifiers: tuple[str, ...]
    value: object
    path: Path

    @property
    def span(self) -> Span | None:
        """Where the value stands."""
        return self.document.span(*self.path)

    @property
    def text(self) -> str | None:
        """The value if it is text in which `*`, `?` and the backslash have their Sigma meaning."""
        if not isinstance(self.value, str) or not _VERBATIM.isdisjoint(self.modifiers):
            return None
        return self.value

    @property
    def key(self) -> str:
        """The item's key as written: `CommandLine|contains`; `keyword` when it has none."""
        return "|".join((self.field or "", *self.modifiers)) or "keyword"


def written_values(file: SigmaFile) -> Iterator[Written]:
    """Yield every value of every detection and filter of a file, in file order."""
    for document in file.documents:
        section = "filter" if isinstance(document, Filter) else "detection"
        body = document.data.get(section)
        if isinstance(document, Rule | Filter) and isinstance(body, Mapping):
            for name, value in body.items():
                if name not in _RESERVED[section]:
                    yield from _values(document, value, (section, name))


def _values(document: Document, value: object, path: Path) -> Iterator[Written]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            field, *modifiers = str(key).split("|")
            yield from _items(document, (field or None, tuple(modifiers)), inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _values(document, inner, (*path, index))
    else:
        yield Written(document, None, (), value, path)


def _items(
    document: Document, key: tuple[str | None, tuple[str, ...]], value: object, path: Path
) -> Iterator[Written]:
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _items(document, key, inner, (*path, index))
    elif not isinstance(value, Mapping):
        yield Written(document, *key, value, path)


def texts(document: Document) -> Iterator[tuple[Path, str]]:
    """Yield every text value of a document, wherever it stands, with its path."""
    stack: list[tuple[Path, object]] = [((), document.data)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, Mapping):
            stack.extend(((*path, str(k)), v) for k, v in reversed(list(value.items())))
        elif isinstance(value, list):
            stack.extend(((*path, i), v) for i, v in reversed(list(enumerate(value))))
