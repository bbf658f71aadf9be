"""What is kept beside an artifact: its record, its tests, its statement and signature."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from undersign.errors import BadInput
from undersign.records.artifact import Draft
from undersign.records.work import Decision, Verdict
from undersign.workspace import files

RECORD_FORMAT = "undersign/record/v1"


@dataclass(frozen=True, slots=True)
class Beside:
    """The names of the files that belong to one artifact."""

    artifact: Path

    @property
    def record(self) -> Path:
        """Who or what drafted it, and every verdict."""
        return self.artifact.with_name(self.artifact.name + ".record.json")

    @property
    def tests(self) -> Path:
        """Its true-positive and true-negative events."""
        return self.artifact.with_name(self.artifact.stem + ".tests.yml")

    @property
    def statement(self) -> Path:
        """The in-toto statement that was signed."""
        return self.artifact.with_name(self.artifact.name + ".statement.json")

    @property
    def signature(self) -> Path:
        """The armored SSH signature over the statement."""
        return self.artifact.with_name(self.artifact.name + ".sig")


@dataclass(frozen=True, slots=True)
class Record:
    """The content of `PATH.record.json`."""

    draft: Draft | None = None
    verdicts: tuple[Verdict, ...] = ()


def read_record(path: Path) -> Record:
    """Read a record file; none there is an empty record. Raises BadInput when it is damaged."""
    if not path.exists():
        return Record()
    try:
        data = json.loads(files.read_text(path))
        if data.get("format") != RECORD_FORMAT:
            raise ValueError(f"format is not {RECORD_FORMAT}")
        draft = _draft(data["draft"]) if data.get("draft") else None
        verdicts = tuple(_verdict(v) for v in data.get("verdicts", ()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"damaged record: {error}",
            path=str(path),
            hint="restore it from git, or remove it to start over",
        ) from error
    return Record(draft, verdicts)


def record_text(record: Record) -> str:
    """Return the content of a record file."""
    document = {
        "format": RECORD_FORMAT,
        "draft": asdict(record.draft) if record.draft else None,
        "verdicts": [asdict(v) for v in record.verdicts],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _draft(data: Mapping[str, Any]) -> Draft:
    return Draft(
        path=str(data["path"]),
        kind=str(data["kind"]),
        drafter=str(data["drafter"]),
        brief=str(data["brief"]),
        artifact_digest=str(data["artifact_digest"]),
        drafted_at=str(data["drafted_at"]),
        sources=tuple(map(str, data.get("sources", ()))),
        open_questions=tuple(map(str, data.get("open_questions", ()))),
        unused_words=tuple(map(str, data.get("unused_words", ()))),
        slots=dict(data.get("slots", {})),
        calls=tuple(map(str, data.get("calls", ()))),
        repaired=bool(data.get("repaired", False)),
    )


def _verdict(data: Mapping[str, Any]) -> Verdict:
    return Verdict(
        target=str(data["target"]),
        decision=Decision(data["decision"]),
        reason=str(data["reason"]),
        person=str(data["person"]),
        at=str(data["at"]),
        artifact_digest=str(data["artifact_digest"]),
    )
