"""A timeline for Timesketch, as CSV or JSON lines.

Its importer wants `message`, `datetime` (ISO 8601) and `timestamp_desc` in every row, and takes
every other column as an attribute: google/timesketch, docs/guides/user/import-from-json-csv.md.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from undersign.records.claim import Entry
from undersign.records.evidence import ROLES
from undersign.records.timeline import Timeline
from undersign.surfaces.respond.wording import plain

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD = ("message", "datetime", "timestamp", "timestamp_desc", "source_name", "evidence", "claim")
_MORE = ("count", "tag", "milestone", "outcome", "author")


def timesketch_csv(timeline: Timeline) -> str:
    """Return CSV with one row an entry; cells that a spreadsheet would compute are quoted."""
    written = io.StringIO()
    columns = (*_HEAD, *_MORE, *ROLES)
    writer = csv.DictWriter(written, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for row in _rows(timeline):
        # An empty cell of tags would be read as a tag named nan.
        tags = json.dumps(row.pop("tag", []))
        flat = {key: _inert(str(value)) for key, value in row.items()}
        writer.writerow({**flat, "tag": tags})
    return written.getvalue()


def timesketch_jsonl(timeline: Timeline) -> str:
    """Return one JSON object a line, ASCII only."""
    return "".join(json.dumps(row) + "\n" for row in _rows(timeline))


def _rows(timeline: Timeline) -> Iterator[dict[str, Any]]:
    marks = {m.claim: str(m.mark) for m in timeline.milestones if m.claim}
    for entry in timeline.entries:
        yield from _row(entry, entry.start, "Event Logged", marks)
        if entry.end is not None and entry.end != entry.start:
            yield from _row(entry, entry.end, "Last Event Logged", marks)


def _row(
    entry: Entry, when: datetime, what: str, marks: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    claim = entry.claim
    row: dict[str, Any] = {
        "message": plain(claim),
        # Its reader takes the form of the first row for all of them.
        "datetime": when.astimezone(UTC).isoformat(timespec="microseconds"),
        "timestamp": _micros(when),
        "timestamp_desc": what,
        "source_name": ", ".join(entry.sources),
        "evidence": ", ".join(claim.evidence),
        "claim": claim.id,
    }
    if entry.count > 1:
        row["count"] = entry.count
    if claim.id in marks:
        row |= {"milestone": marks[claim.id], "tag": [f"milestone-{marks[claim.id]}"]}
    row |= {role: claim.slots[role] for role in ROLES if role in claim.slots}
    row |= {name: claim.slots[name] for name in ("outcome", "author") if name in claim.slots}
    yield row


def _micros(when: datetime) -> int:
    return int(when.replace(microsecond=0).timestamp()) * 1_000_000 + when.microsecond


def _inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
