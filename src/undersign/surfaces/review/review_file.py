"""A review as a file: SARIF 2.1.0 that any tool reads, and that says all that Undersign knows.

What other tools see (`results`, notifications) is made from what stands under
`properties.undersign/review`. A file in which the two disagree was edited by hand and is refused:
nobody shall sign one thing and show another.
"""

from __future__ import annotations

import json
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from undersign.records.artifact import Span
from undersign.records.finding import Fault
from undersign.records.review import Area, Examined, FileCoverage, Review
from undersign.surfaces.review.areas import areas

KEY = "undersign/review"
FORMAT = "undersign/review/v1"
_TOP = Span(1, 1, 1, 2)
_ODD = (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
"""What values of a wrong type or size raise on the way into a record and out again."""


@dataclass(frozen=True, slots=True)
class ReviewFile:
    """A file that should hold a review."""

    review: Review | None
    problems: tuple[Fault, ...] = ()

    @property
    def unreadable(self) -> bool:
        """Whether nothing can be said of its content."""
        return self.review is None

    @property
    def findings(self) -> tuple[Examined, ...]:
        """Its candidates; none when nothing could be read."""
        return self.review.findings if self.review else ()

    @property
    def files(self) -> tuple[FileCoverage, ...]:
        """Its files."""
        return self.review.coverage.files if self.review else ()

    @property
    def areas(self) -> tuple[Area, ...]:
        """What no machine assessed."""
        return self.review.coverage.areas if self.review else ()

    @property
    def drafters(self) -> tuple[str, ...]:
        """Names of the models that drafted candidates."""
        lookers = self.review.lookers if self.review else ()
        return tuple(one.name for one in lookers if one.by_drafter)


def write(review: Review) -> str:
    """Write a review; the same review gives the same text."""
    from undersign.surfaces.review.sarif import run_of

    run = run_of(review)
    run["properties"] = {KEY: {"format": FORMAT, **_plain(review)}}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def is_review(text: str) -> bool:
    """Say whether a SARIF file is one of ours, without reading it all."""
    return f'"{KEY}"' in text


def read(text: str) -> ReviewFile:
    """Read a review back; never raises, what is wrong is among the problems."""
    try:
        document = json.loads(text)
        said = document["runs"][0]["properties"][KEY]
        if said.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        review: Review = _made(Review, {k: v for k, v in said.items() if k != "format"})
        trouble = tuple(_trouble(document, text, review))
    except json.JSONDecodeError as error:
        place = Span(error.lineno, error.colno, error.lineno, error.colno + 1)
        return ReviewFile(None, (Fault(f"not valid JSON: {error.msg}", place),))
    except _ODD as error:
        return ReviewFile(None, (Fault(f"no review of Undersign: {error}", _TOP),))
    return ReviewFile(review, tuple(Fault(why, _TOP) for why in trouble))


def _trouble(document: Any, text: str, review: Review) -> Iterator[str]:
    """Yield what does not hold of a review that could be read."""
    if not _agrees(document, text, review):
        yield "it was edited by hand: what other tools see is not what the review says"
    ids = Counter(one.id for one in review.findings)
    if twice := [id_ for id_, count in ids.items() if count > 1]:
        yield f"candidates share an id, so one verdict would close them all: {', '.join(twice)}"
    keys = {area.key for area in review.coverage.areas}
    if lost := [a.title for a in areas(review.coverage.files) if a.key not in keys]:
        yield f"it leaves out what no machine assessed: {', '.join(lost)}"


def _agrees(document: Any, text: str, review: Review) -> bool:
    """Say whether both halves of the file say the same.

    Another version of Undersign writes another layout around the results, which is no edit.
    """
    made = write(review)
    if made == text:
        return True
    theirs, ours = document["runs"][0], json.loads(made)["runs"][0]
    version = theirs["tool"]["driver"]["semanticVersion"]
    if not isinstance(version, str) or version == ours["tool"]["driver"]["semanticVersion"]:
        return False
    same_notes = theirs["invocations"] == ours["invocations"]
    return same_notes and _shown(theirs) == _shown(ours) and len(document["runs"]) == 1


def _shown(run: Any) -> list[Any]:
    return [{k: v for k, v in one.items() if k != "properties"} for one in run["results"]]


def _plain(value: Any) -> Any:
    """Return a record as JSON, without what is empty by default."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: _plain(getattr(value, f.name))
            for f in fields(value)
            if not _is_default(f, getattr(value, f.name))
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _is_default(field: Any, value: Any) -> bool:
    same = type(value) is type(field.default) and bool(value == field.default)
    return same or value == {}


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _made(kind: Any, data: Any) -> Any:
    """Return a record of its type from JSON; ValueError for anything that does not fit."""
    origin = get_origin(kind)
    if kind is Any:
        return data
    if origin is tuple:
        inner = get_args(kind)[0]
        return tuple(_made(inner, one) for one in _of(list, data))
    if origin in (Union, types.UnionType):
        some = [k for k in get_args(kind) if k is not type(None)]
        return None if data is None else _made(some[0], data)
    if origin is not None and issubclass(origin, Mapping):
        return dict(_of(dict, data))
    if is_dataclass(kind) and isinstance(kind, type):
        given = _of(dict, data)
        hints = _hints(kind)
        unknown = set(given) - {f.name for f in fields(kind)}
        if unknown:
            raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
        return kind(**{name: _made(hints[name], value) for name, value in given.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return _of(kind, data)


def _of(kind: type, data: Any) -> Any:
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise ValueError(f"{str(data)[:40]!r} is no {kind.__name__}")
    return data
