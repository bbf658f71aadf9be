"""HEARTH, the community's exchange format for hunts: Markdown with front matter, read and written.

Reads what is in use: front matter in any order with any keys, and the older form whose facts stand
in a table. A hunt keeps the document word for word; writing one that nothing was added to gives the
same bytes back. Queries in a document are text: nothing here runs them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undersign.catalogs.attack import Attack
from undersign.errors import BadInput
from undersign.languages.yaml.tree import read as read_yaml
from undersign.records.hunt import Hunt, Note, Origin
from undersign.surfaces.hunt import yaml_text
from undersign.surfaces.hunt.markdown_text import code, inline, prose

FORMAT = "hearth"
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_ROW = re.compile(r"^\|(.*)\|[ \t]*$", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")
_ID = re.compile(r"[HBM]\d{3,}")
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Document:
    """One HEARTH document."""

    meta: Mapping[str, Any]
    """The front matter, every key kept; of the older form what its table says."""
    body: str
    """What follows the front matter; of the older form the whole text."""

    def text(self, key: str) -> str:
        """Return a text of the front matter, empty when there is none."""
        value = self.meta.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list in the front matter."""
        value = self.meta.get(key)
        return tuple(str(v) for v in value) if isinstance(value, list) else ()

    @property
    def submitter(self) -> str:
        """The name of who contributed it."""
        value = self.meta.get("submitter")
        return str(value.get("name") or "") if isinstance(value, dict) else str(value or "")


def read(text: str, path: str | None = None) -> Document:
    """Read a HEARTH document. Raises BadInput, located, when it is none."""
    front = _FRONT.match(text)
    if front is None:
        return _older_form(text, path)
    meta = read_yaml(front[1], path, first_line=1).plain()
    if not isinstance(meta, dict):
        raise BadInput("the front matter is no `key: value` lines", path=path, line=2)
    for key in ("id", "hypothesis"):
        if not isinstance(meta.get(key), str) or not meta[key].strip():
            raise BadInput(f"the front matter has no `{key}`", path=path, line=2)
    if not _ID.fullmatch(meta["id"]):
        raise BadInput(f"{meta['id']!r} is no HEARTH id, such as H001", path=path, line=2)
    return Document(meta, text[front.end() :])


def _older_form(text: str, path: str | None) -> Document:
    rows = [[c.strip() for c in _CELL.split(row)] for row in _ROW.findall(text)]
    if len(rows) < 3 or not rows[0][0].startswith("Hunt #") or not _ID.fullmatch(rows[2][0]):
        raise BadInput("is no HEARTH hunt: neither front matter nor a table of facts", path=path)
    names = ("id", "hypothesis", "tactics", "notes", "tags", "submitter")
    meta: dict[str, Any] = dict(zip(names, rows[2], strict=False))
    tags = meta.get("tags", "").replace("#", " ").split()
    link = _LINK.fullmatch(meta.get("submitter", ""))
    meta["submitter"] = {"name": link[1] if link else meta.get("submitter", "")}
    meta["tactics"] = [t.strip() for t in meta.get("tactics", "").split(",") if t.strip()]
    meta["tags"] = tags
    meta["techniques"] = [tag for tag in tags if _TECHNIQUE.fullmatch(tag)]
    return Document(meta, text)


def to_hunt(document: Document, text: str, person: str, at: str) -> Hunt:
    """Make an open hunt of a document, which is kept word for word."""
    hypothesis = document.text("hypothesis").strip()
    title = document.text("title").strip() or hypothesis
    known = document.text("false_positive_notes").strip()
    by = document.submitter or person
    return Hunt(
        id=document.text("id"),
        title=title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…",
        hypothesis=hypothesis,
        hunter=person,
        opened_at=at,
        techniques=document.texts("techniques"),
        false_positives=(Note(at, by, known),) if known else (),
        origin=Origin(FORMAT, text),
    )


def write(hunt: Hunt, attack: Attack) -> str:
    """Write a hunt as a HEARTH document; one imported and never worked on comes back as it was."""
    if hunt.origin is None or hunt.origin.format != FORMAT:
        return _front(_meta(hunt, {}, attack)) + _new_body(hunt) + _worked_on(hunt)
    text = hunt.origin.text
    was = read(text)
    meta = _meta(hunt, was.meta, attack)
    worked_on = _worked_on(hunt)
    if meta == dict(was.meta) and not worked_on:
        return text
    body = was.body if was.body.endswith("\n") or not worked_on else was.body + "\n"
    return _front(meta) + body + worked_on


def missing(document: Document) -> tuple[str, ...]:
    """Say what HEARTH's schema asks for and this document does not have."""
    asked = {
        "tactics": "a tactic: give the hunt an ATT&CK technique",
        "tags": "a tag",
        "submitter": "a submitter",
    }
    lacks = tuple(what for key, what in asked.items() if not document.meta.get(key))
    short = ("a hypothesis of ten characters or more",)
    return lacks + (short if len(document.text("hypothesis")) < 10 else ())


def _meta(hunt: Hunt, was: Mapping[str, Any], attack: Attack) -> dict[str, Any]:
    """Return the front matter: what the document had, and what this hunt knows better."""
    meta = {**({} if was else _new_meta(hunt, attack)), **was}
    if not was or tuple(was.get("techniques") or ()) != hunt.techniques:
        meta["techniques"] = list(hunt.techniques)
    known = "\n".join(note.text for note in hunt.false_positives)
    if known != str(was.get("false_positive_notes") or "").strip():
        meta["false_positive_notes"] = known
    queries = [
        {"platform": e.language.upper(), "query": e.query, "description": e.question}
        for e in hunt.entries
    ]
    if queries:
        meta["detection_queries"] = [*(was.get("detection_queries") or ()), *queries]
    return {k: v for k, v in meta.items() if v or k in was}


def _new_meta(hunt: Hunt, attack: Attack) -> dict[str, Any]:
    shorts = [
        tactic
        for name in hunt.techniques
        if (known := attack.techniques.get(name))
        for tactic in known.tactics
    ]
    tactics = list(dict.fromkeys(shorts))
    number = hunt.id if _ID.fullmatch(hunt.id) else f"H{hunt.id.lstrip('0').zfill(3)}"
    return {
        "id": number,
        "category": "Flames",
        "title": hunt.title,
        "hypothesis": hunt.hypothesis,
        "tactics": [attack.tactics.get(t, t) for t in tactics],
        "techniques": list(hunt.techniques),
        "tags": [t.replace("-", "_") for t in tactics],
        "submitter": {"name": hunt.hunter},
        "created": hunt.opened_at[:10],
    }


def _front(meta: Mapping[str, Any]) -> str:
    return f"---\n{yaml_text.write(meta)}---\n"


def _new_body(hunt: Hunt) -> str:
    links = [
        f"- https://attack.mitre.org/techniques/{t.replace('.', '/')}/" for t in hunt.techniques
    ]
    why = f"\n# {inline(hunt.title)}\n\n## Why\n\n- {prose(hunt.hypothesis)}\n"
    return why + ("\n## References\n\n" + "\n".join(links) + "\n" if links else "")


def _worked_on(hunt: Hunt) -> str:
    """Return what was done here as a last section; empty when nothing was."""
    lines: list[str] = []
    if hunt.conclusion:
        end = hunt.conclusion
        lines.append(f"- **{end.verdict}**: {prose(end.finding)} ({inline(end.person)})")
    for e in hunt.entries:
        rows = "not run" if not e.shown or e.shown.rows is None else f"{e.shown.rows:,} rows"
        lines.append(f"- {code(e.question or e.query)}: {rows}, {inline(e.at)}")
    lines += [f"- Validation: {prose(note.text)}" for note in hunt.validation]
    lines += [f"- {prose(note.text)}" for note in hunt.notes]
    return "\n## Hunted\n\n" + "\n".join(lines) + "\n" if lines else ""
