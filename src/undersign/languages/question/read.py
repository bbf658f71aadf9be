"""Read a question: each reader takes its words off the sheet, the certain ones first."""

from __future__ import annotations

from undersign.languages.question import (
    asked,
    columns,
    counts,
    literals,
    meanings,
    negations,
    sequences,
    sheet,
    windows,
    words,
)
from undersign.records.question import Output, Question


def read(text: str) -> Question:
    """Say what a question in English asks for, as far as its words alone tell.

    Never raises. Only the first 2,000 characters are read; a note says so when there were more.
    Dates are taken as UTC, a month as 30 days, working hours as 8 to 18.
    """
    page, notes = sheet.sheet(text)
    negated = negations.negations(page)
    stated = literals.values(page)
    span = windows.window(page)
    order = sequences.sequence(page)
    counted_in = order.within or windows.within(page)
    polarity = meanings.polarity(page)
    network = meanings.network(page)
    shown = columns.columns(page)
    rows, rows_piece, side = counts.limit(page)
    sorting = counts.sorting(page, rows_piece)
    thresholds = counts.thresholds(page)
    groups = asked.groups(page)
    stated = tuple(sorted((*stated, *literals.numbers(page)), key=lambda one: one.piece.start))
    output, output_piece = asked.output(page, (rows_piece, side))
    if span is None and counted_in and not thresholds and not order.events:
        # `failed logons in 24 hours` counts nothing: it is the time asked about.
        span, counted_in = counted_in, None
    if order.events:
        output, output_piece = "sequence", order.piece
    elif output == "count" and groups:
        binned = any(group.bin_seconds for group in groups)
        output = "trend" if binned and len(groups) == 1 else "count_by"
    return Question(
        text=page.text,
        output=_output(output, groups_binned=any(g.bin_seconds for g in groups)),
        output_piece=output_piece,
        limit=rows,
        window=span,
        thresholds=thresholds,
        values=stated,
        polarity=polarity,
        network=network,
        groups=groups,
        negations=negated,
        columns=shown,
        changed=order.changed,
        events=order.events,
        words=words.telling(page.text),
        within=counted_in,
        sort=sorting,
        notes=notes,
    )


def _output(output: Output, *, groups_binned: bool) -> Output:
    """Rows per hour are a trend, whatever the verb."""
    return "trend" if output == "rows" and groups_binned else output
