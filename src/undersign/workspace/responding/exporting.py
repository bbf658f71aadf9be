"""A timeline in other forms: a page, Markdown, files for Timesketch and plaso."""

from __future__ import annotations

from pathlib import Path

from undersign.errors import UsageError
from undersign.records.timeline import Timeline
from undersign.surfaces.respond import wording
from undersign.workspace import files
from undersign.workspace.responding.folder import Case
from undersign.workspace.workspace import Workspace


def plain_sentences(timeline: Timeline) -> dict[str, str]:
    """Return claim id -> its sentence as plain text; it must still be escaped where it is shown."""
    return {claim.id: wording.plain(claim) for claim in timeline.every_claim()}


def export(workspace: Workspace, case: Case, form: str, path: Path) -> None:
    """Write a timeline as `html`, `markdown`, `timesketch` or `plaso`.

    Raises UsageError for a suffix that says another form, StorageError when it cannot be written.
    """
    files.write(path, _text(workspace, case, form, path))


def _text(workspace: Workspace, case: Case, form: str, path: Path) -> str:
    timeline, evidence = case.timeline, case.evidence
    if form == "html":
        from undersign.render.html_timeline import render as as_html

        signed = signed_words(workspace, case)
        return as_html(timeline, evidence, plain_sentences(timeline), signed=signed)
    if form == "markdown":
        from undersign.render.markdown_timeline import render as as_markdown
        from undersign.render.markdown_timeline import texts

        said = {claim.id: wording.sentence(claim) for claim in timeline.every_claim()}
        return as_markdown(timeline, said, {t: wording.escaped(t) for t in texts(timeline)})
    if form == "plaso":
        from undersign.surfaces.respond.exchange.plaso import plaso_jsonl

        return plaso_jsonl(timeline, evidence)
    from undersign.surfaces.respond.exchange.timesketch import timesketch_csv, timesketch_jsonl

    forms = {".csv": timesketch_csv, ".jsonl": timesketch_jsonl}
    if path.suffix not in forms:
        raise UsageError(f"{path}: Timesketch reads .csv and .jsonl")
    return forms[path.suffix](timeline, evidence)


def signed_words(workspace: Workspace, case: Case) -> str:
    """Say who signed exactly this timeline; empty when nobody did, or nobody may sign here."""
    from undersign.workspace.signoff import verify

    try:
        (found,) = verify(workspace, [case.folder.timeline], None)
    except UsageError:
        return ""
    return f"Signed by {found.signer}" if found.valid else ""
