"""From a hunt to detection engineering: what must be said first, and the rule that is drafted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from undersign.errors import UsageError
from undersign.records.hunt import Entry, Hunt
from undersign.surfaces.hunt import yaml_text
from undersign.surfaces.hunt.as_sigma import Detection

_NAMESPACE = UUID("3f0f3a2e-8a53-5a0e-9d59-6d0c3c1b7a10")
_COMMENT = {"kql": "//", "sql": "--"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks of a hand-off."""

    nth: int | None = None
    """The entry whose query becomes the rule; None for the last that ran with rows."""
    level: str = ""
    """Sigma level; empty leaves it to whoever reviews the rule."""
    priority: str = ""
    response: str = ""


def missing(hunt: Hunt) -> tuple[str, ...]:
    """List what a person must still give before a hunt can be handed off, each with its command."""
    lacks = []
    if not hunt.entries:
        lacks.append("a query: undersign ask QUESTION")
    if not hunt.validation:
        lacks.append(f"validation: undersign hunt note --hunt {hunt.id} --validation TEXT")
    if not hunt.false_positives:
        lacks.append(f"false positives: undersign hunt note --hunt {hunt.id} --false-positive TEXT")
    return tuple(lacks)


def chosen(hunt: Hunt, nth: int | None) -> Entry:
    """Return the entry to hand off. Raises UsageError, listing what is missing, when not ready."""
    lacks = missing(hunt)
    if lacks:
        raise UsageError(f"hunt {hunt.id} cannot be handed off yet; missing: {'; '.join(lacks)}")
    if nth is None:
        with_rows = [e for e in hunt.entries if e.shown and e.shown.rows]
        return (with_rows or list(hunt.entries))[-1]
    entry = hunt.entry(nth)
    if entry is None:
        raise UsageError(f"hunt {hunt.id} has no entry {nth}")
    return entry


def sigma_rule(hunt: Hunt, entry: Entry, said: Detection, wanted: Wanted) -> str:
    """Write the Sigma rule; the same hunt gives the same rule, id included."""
    rule = {
        "title": hunt.title,
        "id": str(uuid5(_NAMESPACE, f"{hunt.id}\x1f{hunt.opened_at}\x1f{entry.query}")),
        "status": "experimental",
        "description": hunt.hypothesis,
        "author": hunt.hunter,
        "date": entry.at[:10],
        "tags": [f"attack.{technique.lower()}" for technique in hunt.techniques],
        "logsource": dict(said.logsource),
        "detection": dict(said.detection),
        "falsepositives": [note.text for note in hunt.false_positives],
    }
    if wanted.level:
        rule["level"] = wanted.level
    head = [f"Drafted from query {entry.nth} of hunt {hunt.id}"]
    head += [f"Left out: {one}" for one in said.left_out]
    comments = "".join(f"# {_one_line(line)}\n" for line in head)
    return comments + yaml_text.write({k: v for k, v in rule.items() if v})


def query_rule(hunt: Hunt, entry: Entry, why: str) -> str:
    """Write a rule in the query's own language; `why` says why it is no Sigma rule."""
    facts = [
        hunt.title,
        f"Drafted from query {entry.nth} of hunt {hunt.id} by {entry.drafter}",
        f"Not a Sigma rule: {why}",
        *(f"ATT&CK {technique}" for technique in hunt.techniques),
        *(f"False positive: {note.text}" for note in hunt.false_positives),
    ]
    mark = _COMMENT.get(entry.language)
    # A comment of SPL stands between three backticks, which no line of ours may end.
    lines = (
        f"{mark} {_one_line(f)}" if mark else f"``` {_one_line(f).replace('`', chr(39))} ```"
        for f in facts
    )
    return "\n".join([*lines, entry.query.rstrip()]) + "\n"


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
