"""A hunt as its file: YAML in an order that a reviewer reads from top to bottom, and back.

`read(write(hunt)) == hunt` for every hunt that the journal makes. Queries and notes of several
lines stand as they are, a stored row is one line, and whatever does not print is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from undersign.errors import BadInput
from undersign.languages.yaml.tree import Tree
from undersign.languages.yaml.tree import read as read_yaml
from undersign.records.hunt import (
    Conclusion,
    Critique,
    Entry,
    Hunt,
    HuntVerdict,
    Note,
    NotRun,
    Origin,
    Remark,
    Shown,
    StageRows,
    Summary,
)
from undersign.surfaces.hunt.yaml_text import OneLine
from undersign.surfaces.hunt.yaml_text import write as write_yaml

FORMAT = "undersign/hunt/v1"
SUFFIX = ".hunt.yml"
_HEAD = (
    "# A hunt, kept by undersign. Entries are evidence: add to them with `undersign hunt note`.\n"
)
T = TypeVar("T")


def write(hunt: Hunt) -> str:
    """Return the text of a hunt's file; the same hunt gives the same text."""
    return _HEAD + write_yaml(document(hunt))


def document(hunt: Hunt) -> dict[str, Any]:
    """Return a hunt as plain values, in the file's order, without what is empty."""
    data = {"format": FORMAT, **asdict(hunt)}
    data["entries"] = [_entry_document(e) for e in hunt.entries]
    if hunt.conclusion:
        data["conclusion"]["verdict"] = hunt.conclusion.verdict.value
    for key in ("notes", "false_positives", "validation"):
        data[key] = [_kept(note, always=("at", "person", "text")) for note in data[key]]
    return _kept(data, always=("title", "hypothesis", "hunter"))


def _entry_document(entry: Entry) -> dict[str, Any]:
    data = asdict(entry)
    data["pins"] = dict(entry.pins)
    if entry.critique is not None:
        data["critique"] = {
            "found": [_kept(asdict(one), always=("message",)) for one in entry.critique.found],
            "not_run": [asdict(one) for one in entry.critique.not_run],
            "clean": OneLine(entry.critique.clean),
        }
    if entry.shown is not None:
        data["shown"] = _shown_document(entry.shown)
    return _kept(data, always=("question", "query"))


def _shown_document(shown: Shown) -> dict[str, Any]:
    stages = [_kept(asdict(s)) | ({"rows": None} if s.rows is None else {}) for s in shown.stages]
    return _kept(
        {
            "rows": shown.rows,
            "refused": shown.refused,
            "truncated": shown.truncated,
            "digest": shown.digest,
            "stages": stages,
            "columns": [OneLine(column) for column in shown.columns],
            "sample": [OneLine(row) for row in shown.sample],
        },
        always=("rows",),
    )


def _kept(data: Mapping[str, Any], always: tuple[str, ...] = ()) -> dict[str, Any]:
    """Leave out what is empty, so that a diff shows only what there is."""
    return {key: value for key, value in data.items() if key in always or not _empty(value)}


def _empty(value: Any) -> bool:
    return value is None or value is False or (hasattr(value, "__len__") and not len(value))


def read(text: str, path: str | None = None) -> Hunt:
    """Read the text of a hunt's file. Raises BadInput, located, where a person broke it."""
    tree = read_yaml(text, path)
    f = tree.fields(("format", *Hunt.__dataclass_fields__))
    if "format" not in f or f["format"].text() != FORMAT:
        raise tree.wrong(f"is no hunt: it does not begin with `format: {FORMAT}`")
    hunt = Hunt(
        id=_required(tree, f, "id"),
        title=_required(tree, f, "title"),
        hypothesis=_required(tree, f, "hypothesis"),
        hunter=_required(tree, f, "hunter"),
        opened_at=_required(tree, f, "opened_at"),
        techniques=_texts(f, "techniques"),
        question=_text(f, "question"),
        conclusion=_one(f, "conclusion", _conclusion),
        notes=_many(f, "notes", _note),
        false_positives=_many(f, "false_positives", _note),
        validation=_many(f, "validation", _note),
        entries=_many(f, "entries", _entry),
        origin=_one(f, "origin", _origin),
    )
    numbers = [entry.nth for entry in hunt.entries]
    if len(set(numbers)) < len(numbers):
        raise f["entries"].wrong("two entries have the same number")
    return hunt


@dataclass(frozen=True, slots=True)
class HuntText:
    """A hunt's file as checks see it: the hunt, or why it cannot be read."""

    hunt: Hunt | None
    problem: BadInput | None = None


def parse(text: str) -> HuntText:
    """Read the text of a hunt's file; never raises on bad text."""
    try:
        return HuntText(read(text))
    except BadInput as wrong:
        return HuntText(None, wrong)


def _entry(tree: Tree) -> Entry:
    f = tree.fields(tuple(Entry.__dataclass_fields__))
    if "nth" not in f:
        raise tree.wrong("`nth` is missing here")
    return Entry(
        nth=f["nth"].number(),
        at=_required(tree, f, "at"),
        question=_text(f, "question"),
        language=_required(tree, f, "language"),
        query=_required(tree, f, "query"),
        drafter=_required(tree, f, "drafter"),
        unused_words=_texts(f, "unused_words"),
        open_questions=_texts(f, "open_questions"),
        critique=_one(f, "critique", _critique),
        as_of=_text(f, "as_of"),
        snapshot=_text(f, "snapshot"),
        pins=tuple((k, v.text()) for k, v in f["pins"].fields().items()) if "pins" in f else (),
        shown=_one(f, "shown", _shown),
        summary=_one(f, "summary", _summary),
    )


def _shown(tree: Tree) -> Shown:
    f = tree.fields(tuple(Shown.__dataclass_fields__))
    columns = tuple(_column(one) for one in f["columns"].items()) if "columns" in f else ()
    sample = []
    for row in f["sample"].items() if "sample" in f else ():
        cells = tuple(one.cell() for one in row.items())
        if len(cells) != len(columns):
            raise row.wrong(f"this row has {len(cells)} values for {len(columns)} columns")
        sample.append(cells)
    return Shown(
        rows=_rows(f),
        truncated=f["truncated"].boolean() if "truncated" in f else False,
        columns=columns,
        sample=tuple(sample),
        digest=_text(f, "digest"),
        stages=_many(f, "stages", _stage),
        refused=_text(f, "refused"),
    )


def _column(tree: Tree) -> tuple[str, str]:
    parts = tree.texts()
    if len(parts) != 2:
        raise tree.wrong("expected [name, type] here")
    return parts[0], parts[1]


def _rows(f: Mapping[str, Tree]) -> int | None:
    return None if "rows" not in f or f["rows"].cell() is None else f["rows"].number()


def _stage(tree: Tree) -> StageRows:
    f = tree.fields(tuple(StageRows.__dataclass_fields__))
    return StageRows(_text(f, "text"), _rows(f), _text(f, "reason"), _text(f, "pipeline"))


def _critique(tree: Tree) -> Critique:
    f = tree.fields(tuple(Critique.__dataclass_fields__))
    return Critique(_many(f, "found", _remark), _many(f, "not_run", _not_run), _texts(f, "clean"))


def _remark(tree: Tree) -> Remark:
    f = tree.fields(tuple(Remark.__dataclass_fields__))
    return Remark(
        check=_required(tree, f, "check"),
        code=_text(f, "code"),
        severity=_required(tree, f, "severity"),
        message=_required(tree, f, "message"),
        line=f["line"].number() if "line" in f else None,
        column=f["column"].number() if "column" in f else None,
        suggestion=_text(f, "suggestion"),
    )


def _not_run(tree: Tree) -> NotRun:
    f = tree.fields(tuple(NotRun.__dataclass_fields__))
    return NotRun(_required(tree, f, "check"), _text(f, "reason"))


def _summary(tree: Tree) -> Summary:
    f = tree.fields(tuple(Summary.__dataclass_fields__))
    return Summary(_required(tree, f, "by"), _text(f, "text"))


def _origin(tree: Tree) -> Origin:
    f = tree.fields(tuple(Origin.__dataclass_fields__))
    return Origin(_required(tree, f, "format"), _text(f, "text"))


def _note(tree: Tree) -> Note:
    f = tree.fields(tuple(Note.__dataclass_fields__))
    nth = f["entry"].number() if "entry" in f else None
    at, person, text = (_required(tree, f, key) for key in ("at", "person", "text"))
    return Note(at, person, text, nth)


def _conclusion(tree: Tree) -> Conclusion:
    f = tree.fields(tuple(Conclusion.__dataclass_fields__))
    written = _required(tree, f, "verdict")
    if written not in list(HuntVerdict):
        names = ", ".join(HuntVerdict)
        raise f["verdict"].wrong(f"no verdict is called {written!r}", f"one of {names}")
    finding, person, at = (_required(tree, f, key) for key in ("finding", "person", "at"))
    return Conclusion(HuntVerdict(written), finding, person, at)


def _required(tree: Tree, f: Mapping[str, Tree], key: str) -> str:
    if key not in f:
        raise tree.wrong(f"`{key}` is missing here")
    return f[key].text()


def _text(f: Mapping[str, Tree], key: str) -> str:
    return f[key].text() if key in f else ""


def _texts(f: Mapping[str, Tree], key: str) -> tuple[str, ...]:
    return f[key].texts() if key in f else ()


def _one(f: Mapping[str, Tree], key: str, read_one: Callable[[Tree], T]) -> T | None:
    return read_one(f[key]) if key in f else None


def _many(f: Mapping[str, Tree], key: str, read_one: Callable[[Tree], T]) -> tuple[T, ...]:
    return tuple(read_one(one) for one in f[key].items()) if key in f else ()
