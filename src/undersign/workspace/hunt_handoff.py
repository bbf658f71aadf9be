"""From a hunt to a rule draft with its strategy document, for detection engineering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from undersign.catalogs import attack, log_sources
from undersign.catalogs.views import View
from undersign.errors import QueryRefused, UsageError
from undersign.records.artifact import Artifact, Draft
from undersign.records.hunt import Entry, Hunt, Note
from undersign.records.query import Query
from undersign.records.visible import Visible
from undersign.surfaces.hunt import ads, handoff, journal
from undersign.surfaces.hunt.as_sigma import Detection, Ground, as_sigma
from undersign.workspace import files, hunt_shelf
from undersign.workspace.beside import Beside, Record, record_text
from undersign.workspace.hunt_shelf import Change
from undersign.workspace.hunting import stamp
from undersign.workspace.languages import speaker, visible_of
from undersign.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The files a hand-off wrote."""

    hunt: str
    entry: int
    kind: str
    """`sigma`, `kql`, `spl` or `sql`."""
    rule: str
    strategy: str
    """Path of the ADS document."""
    why_not_sigma: str
    """Empty for a Sigma rule."""
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Drafted:
    kind: str
    text: str
    left_out: tuple[str, ...] = ()
    why_not_sigma: str = ""


def hand_off(  # noqa: PLR0913 - what a person says on handing off
    workspace: Workspace,
    named: str | None,
    wanted: handoff.Wanted,
    *,
    person: str,
    now: datetime,
    force: bool = False,
) -> HandedOff:
    """Write a rule draft and its ADS document beside the rules, and say so in the hunt.

    Raises UsageError, listing what is missing, without validation or false positives, and when the
    files are there already.
    """
    workspace.require_declared()
    path = hunt_shelf.find(workspace, named)
    hunt = hunt_shelf.read(workspace, path).hunt
    entry = handoff.chosen(hunt, wanted.nth)
    made = _draft(workspace, hunt, entry, wanted)
    stem = journal.slug(hunt.title)
    rule = workspace.config.rules / f"{stem}{'.yml' if made.kind == 'sigma' else '.' + made.kind}"
    name = files.relative(rule, workspace.root)
    document = rule.with_name(f"{stem}.ads.md")
    strategy = ads.Strategy(entry, name, wanted.priority, wanted.response, made.left_out)
    texts = {
        rule: made.text,
        document: ads.write(hunt, strategy, attack.load()),
        Beside(rule).record: record_text(Record(_record(hunt, entry, made, name, now))),
    }
    there = next((p for p in texts if p.exists()), None)
    if there and not force:
        raise UsageError(f"{there} is there already", hint="use --force to write over it")
    note = Note(stamp(now), person, f"handed off as {name}", entry.nth)
    body = {"entry": entry.nth, "rule": name, "person": person}
    what = Change("handoff", lambda was: journal.add_note(was, "notes", note), now, body)
    hunt_shelf.change(workspace, path, what, texts)
    return HandedOff(
        hunt=hunt.id,
        entry=entry.nth,
        kind=made.kind,
        rule=name,
        strategy=files.relative(document, workspace.root),
        why_not_sigma=made.why_not_sigma,
        left_out=made.left_out,
    )


def _draft(workspace: Workspace, hunt: Hunt, entry: Entry, wanted: handoff.Wanted) -> _Drafted:
    if entry.language == "sigma":
        return _Drafted("sigma", entry.query)
    try:
        said = _in_sigma(workspace, entry)
    except QueryRefused as refused:
        text = handoff.query_rule(hunt, entry, refused.message)
        return _Drafted(entry.language, text, (), refused.message)
    return _Drafted("sigma", handoff.sigma_rule(hunt, entry, said, wanted), said.left_out)


def _in_sigma(workspace: Workspace, entry: Entry) -> Detection:
    if not workspace.has_lake:
        raise QueryRefused("there are no logs here to look its names up in")
    seen = visible_of(workspace, entry.language)
    query = speaker(workspace, entry.language).bind(entry.query, seen)
    if query.problems:
        raise QueryRefused(query.problems[0].message)
    return as_sigma(query, _ground(query, seen))


def _ground(query: Query, seen: Visible) -> Ground:
    """Return the one log source a query reads. Raises QueryRefused when it is not one."""
    name = query.main.sources[0].table if query.main.sources else None
    table = seen.find(name) if name else None
    if table is None or len(table.sources) != 1:
        raise QueryRefused("it does not read the events of exactly one log source")
    source = log_sources.load().by_name(table.sources[0])
    if source is None:
        raise QueryRefused("its table is of no log source that Sigma knows")
    return Ground(table, source, _view(source.views, table.name, source.name))


def _view(views: tuple[View, ...], table: str, source: str) -> View | None:
    lowered = table.lower()
    found = [v for v in views if lowered in (v.name.lower(), *map(str.lower, v.also))]
    if not found and lowered == source.lower():
        return None
    if len(found) != 1:
        raise QueryRefused(f"{table} shows several kinds of events as one")
    return found[0]


def _record(hunt: Hunt, entry: Entry, made: _Drafted, name: str, now: datetime) -> Draft:
    return Draft(
        path=name,
        kind=made.kind,
        drafter=entry.drafter,
        brief=entry.question or hunt.hypothesis,
        artifact_digest=Artifact(name, made.kind, made.text).digest,
        drafted_at=stamp(now),
        sources=(f"hunt {hunt.id}, query {entry.nth}",),
        open_questions=entry.open_questions,
        unused_words=entry.unused_words,
    )
