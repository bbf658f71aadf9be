"""A hunt as a Markdown page: the query before its critique, the rows before any summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from undersign.records.hunt import Critique, Entry, Hunt, Note, Shown
from undersign.surfaces.hunt.markdown_text import code, fenced, inline, prose, table


def write(hunt: Hunt) -> str:
    """Write the page; whatever came from logs or people stays text."""
    parts = [
        f"# {inline(hunt.id)} {inline(hunt.title)}",
        prose(hunt.hypothesis),
        _facts(hunt),
        *_conclusion(hunt),
        *_notes("Notes", hunt.notes),
        *_notes("False positives", hunt.false_positives),
        *_notes("Validation", hunt.validation),
    ]
    for entry in hunt.entries:
        parts += entry_parts(entry)
    return "\n\n".join(parts) + "\n"


def entry_parts(entry: Entry) -> Iterator[str]:
    """Yield the blocks of one entry in the order in which they are to be read."""
    yield f"## {entry.nth}. {inline(entry.question) or 'Query'}"
    yield fenced(entry.query, entry.language)
    yield from context(entry)
    yield critique(entry.critique)
    if entry.shown is None:
        yield "**Not run.**"
    else:
        yield from _shown(entry.shown)
    if entry.summary:
        said = prose(entry.summary.text).replace("\n", "\n> ")
        yield f"> **Summary by {inline(entry.summary.by)}, not evidence:** {said}"


def context(entry: Entry) -> Iterator[str]:
    """Yield who wrote the query, and what of the question is not in it."""
    by = f"Written by {inline(entry.drafter)}, {inline(entry.at)}"
    as_of = f", with {inline(entry.as_of)} as `now`" if entry.as_of else ""
    yield f"{by}{as_of}."
    if entry.unused_words:
        words = ", ".join(map(code, entry.unused_words))
        yield f"Words of the question that shaped nothing in it: {words}."
    if entry.open_questions:
        yield "\n".join(f"- open question: {inline(one)}" for one in entry.open_questions)


def critique(said: Critique | None) -> str:
    """Write what the checks said: found, not run, and how many were clean."""
    if said is None:
        return "**Critique:** no check was asked."
    lines = [
        f"- **{inline(r.severity)}** {inline(r.code)} {inline(r.check)}"
        f"{f', line {r.line}' if r.line else ''}: {inline(r.message)}"
        f"{f' ({inline(r.suggestion)})' if r.suggestion else ''}"
        for r in said.found
    ]
    lines += [f"- **not run** {inline(n.check)}: {inline(n.reason)}" for n in said.not_run]
    lines.append(f"- {len(said.clean)} checks looked and found nothing")
    return "**Critique:**\n\n" + "\n".join(lines)


def rows_line(shown: Shown) -> str:
    """Say how many rows there are, and of how many of them this is a sample."""
    if shown.rows is None:
        return f"**Refused, so there is no answer:** {inline(shown.refused or 'no reason given')}"
    part = " (stopped at a limit: there are more)" if shown.truncated else ""
    first = f", the first {len(shown.sample)} kept here" if len(shown.sample) < shown.rows else ""
    digest = f", digest {code(shown.digest[:16])}" if shown.digest else ""
    return f"**Rows:** {shown.rows:,}{part}{first}{digest}"


def _shown(shown: Shown) -> Iterator[str]:
    if shown.stages:
        rows = (
            (code(s.text if not s.pipeline else f"{s.pipeline}: {s.text}"),
             f"{s.rows:,}" if s.rows is not None else f"? {inline(s.reason)}")
            for s in shown.stages
        )  # fmt: skip
        yield table(("stage", "rows after it"), rows)
    yield rows_line(shown)
    if shown.sample:
        cells = ([code("null" if c is None else str(c)) for c in row] for row in shown.sample)
        yield table([code(name) for name, _ in shown.columns], cells)


def _facts(hunt: Hunt) -> str:
    lines = [f"- Hunter: {inline(hunt.hunter)}, {inline(hunt.opened_at)}"]
    if hunt.techniques:
        lines.append(f"- ATT&CK: {', '.join(map(inline, hunt.techniques))}")
    if hunt.question:
        lines.append(f"- Question: {inline(hunt.question)}")
    return "\n".join([*lines, f"- State: {hunt.state}"])


def _conclusion(hunt: Hunt) -> Iterator[str]:
    end = hunt.conclusion
    if end:
        yield f"## Verdict: {end.verdict}\n\n{prose(end.finding)}"
        yield f"{inline(end.person)}, {inline(end.at)}"


def _notes(title: str, notes: Iterable[Note]) -> Iterator[str]:
    lines = [
        f"- {'' if n.entry is None else f'(query {n.entry}) '}{_item(n.text)}"
        f" ({inline(n.person)}, {inline(n.at)})"
        for n in notes
    ]
    if lines:
        yield f"## {title}\n\n" + "\n".join(lines)


def _item(text: str) -> str:
    return prose(text).replace("\n", "\n  ")
