"""A hunt for a person at a terminal: query before critique, rows before any summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from undersign.records.hunt import Critique, Entry, Hunt, Note, Rerun, Shown
from undersign.render.table import table
from undersign.render.terminal import Paint, counted, safe, safe_lines

_SHOWN_ROWS = 10


def render(hunt: Hunt, *, colour: bool = False) -> str:
    """Write the whole hunt."""
    paint = Paint(colour)
    lines = [paint.bold(f"{safe(hunt.id)}  {safe(hunt.title)}"), f"  {safe(hunt.hypothesis)}"]
    lines.append(f"  {hunt.state}, opened by {safe(hunt.hunter)} {safe(hunt.opened_at)}")
    if hunt.techniques:
        lines.append(f"  ATT&CK {safe(', '.join(hunt.techniques))}")
    if hunt.question:
        lines.append(f"  asks: {safe(hunt.question)}")
    for entry in hunt.entries:
        lines += ["", *entry_lines(entry, paint)]
    for title, notes in (
        ("notes", hunt.notes),
        ("false positives", hunt.false_positives),
        ("validation", hunt.validation),
    ):
        lines += _notes(title, notes, paint)
    lines += ["", *_ending(hunt, paint)]
    return "\n".join(lines) + "\n"


def entry_lines(entry: Entry, paint: Paint) -> Iterator[str]:
    """Yield one entry's lines in the order in which they are to be read."""
    asked = safe(entry.question) or "(no question)"
    yield paint.bold(f"{entry.nth}. {asked}")
    yield paint.dim(f"   {safe(entry.language)} by {safe(entry.drafter)}, {safe(entry.at)}")
    yield from (f"   | {line}" for line in safe_lines(entry.query).split("\n"))
    if entry.unused_words:
        yield f"   {paint.yellow('not used')}: {safe(', '.join(entry.unused_words))}"
    yield from (f"   {paint.yellow('open')}: {safe(one)}" for one in entry.open_questions)
    yield from _critique(entry.critique, paint)
    if entry.shown is None:
        yield paint.yellow("   not run")
    else:
        yield from _shown(entry.shown, paint)
    if entry.summary:
        yield paint.dim(f"   summary by {safe(entry.summary.by)}, not evidence:")
        yield from (f"   > {line}" for line in safe_lines(entry.summary.text).split("\n"))


def _critique(said: Critique | None, paint: Paint) -> Iterator[str]:
    if said is None:
        yield paint.yellow("   no check was asked")
        return
    colours = {"error": paint.red, "warning": paint.yellow}
    for one in said.found:
        mark = colours.get(one.severity, paint.cyan)(safe(one.severity))
        place = f" line {one.line}" if one.line else ""
        yield f"   {mark} {safe(one.code)} {safe(one.check)}{place}: {safe(one.message)}"
        if one.suggestion:
            yield f"      suggestion: {safe(one.suggestion)}"
    for blind in said.not_run:
        yield f"   {paint.yellow('not run')} {safe(blind.check)}: {safe(blind.reason)}"
    yield paint.dim(f"   {counted(len(said.clean), 'check', 'checks')} looked and found nothing")


def _shown(shown: Shown, paint: Paint) -> Iterator[str]:
    for stage in shown.stages:
        number = "?" if stage.rows is None else f"{stage.rows:,}"
        where = f"{safe(stage.pipeline)}: " if stage.pipeline else ""
        why = f"  ({safe(stage.reason)})" if stage.reason else ""
        text = " ".join(stage.text.split())
        yield f"   {number:>12}  {where}{safe(text)}{why}"
    if shown.rows is None:
        yield paint.yellow(f"   no answer: {safe(shown.refused) or 'no reason was given'}")
        return
    more = ", stopped at a limit" if shown.truncated else ""
    digest = f", digest {safe(shown.digest[:16])}" if shown.digest else ""
    yield f"   {counted(shown.rows, 'row', 'rows')}{more}{digest}"
    if shown.sample:
        cells = [["null" if c is None else str(c) for c in row] for row in shown.sample]
        header = [safe(name) for name, _ in shown.columns]
        drawn = table(header, cells[:_SHOWN_ROWS], paint=paint)
        yield from (f"   {line}" for line in drawn)
        if shown.rows > _SHOWN_ROWS:
            yield paint.dim(f"   … {shown.rows - min(len(cells), _SHOWN_ROWS):,} more")


def _notes(title: str, notes: Sequence[Note], paint: Paint) -> Iterator[str]:
    if notes:
        yield ""
        yield paint.bold(title)
    for one in notes:
        about = f" (query {one.entry})" if one.entry is not None else ""
        first, *rest = safe_lines(one.text).split("\n")
        yield f"   {first}{about}  {paint.dim(f'{safe(one.person)}, {safe(one.at)}')}"
        yield from (f"   {line}" for line in rest)


def _ending(hunt: Hunt, paint: Paint) -> Iterator[str]:
    if hunt.conclusion is None:
        yield paint.yellow("open: no verdict yet")
        return
    end = hunt.conclusion
    yield f"{paint.bold(end.verdict.value)} by {safe(end.person)}, {safe(end.at)}"
    yield from (f"   {line}" for line in safe_lines(end.finding).split("\n"))


def listing(hunts: Sequence[tuple[Hunt, bool]], *, colour: bool = False) -> str:
    """Write one line a hunt; the flag marks the one that new entries go to."""
    paint = Paint(colour)
    rows = [
        (
            "*" if here else "",
            hunt.id,
            hunt.conclusion.verdict.value if hunt.conclusion else "open",
            str(len(hunt.entries)),
            ", ".join(hunt.techniques),
            hunt.title,
        )
        for hunt, here in hunts
    ]
    header = ("", "id", "state", "queries", "ATT&CK", "title")
    return "\n".join(table(header, rows, right=("queries",), paint=paint)) + "\n"


def reruns(outcomes: Sequence[Rerun], *, colour: bool = False) -> str:
    """Write for each query whether its rows changed, and how many more or fewer there are."""
    paint = Paint(colour)
    lines = []
    for one in outcomes:
        where = "pinned snapshot" if one.on == "pinned" else "newest snapshot"
        lines.append(f"{one.nth:>3}. {where}: {_outcome(one, paint)}")
    if not outcomes:
        lines.append(paint.yellow("this hunt has no queries to run again"))
    return "\n".join(lines) + "\n"


def _outcome(one: Rerun, paint: Paint) -> str:
    if one.outcome == "not run":
        return paint.yellow(f"not compared: {safe(one.reason)}")
    rows = counted(one.rows or 0, "row", "rows")
    if one.outcome == "same":
        return paint.green(f"the same {rows}")
    number = one.difference or 0
    if not number:
        return paint.red(f"{rows} as before, but not the same ones")
    word = "more" if number > 0 else "fewer"
    return paint.red(f"{rows}, {abs(number):,} {word} than journalled")
