"""A policy and what it makes of a text, for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from undersign.records.artifact import Span
from undersign.records.policing import Marked, PolicyCheck, PolicyExplained, Trouble
from undersign.records.ruling import Ruled, Ruling
from undersign.render.frame import frame
from undersign.render.terminal import Paint, clip, counted, pad, safe, safe_lines, width

MASK = "•"
_MOST_LINES = 40
_MOST_MARKED = 50


def checked(check: PolicyCheck, *, colour: bool = False) -> str:
    """Write the table of the policy, what is open, what is told, and one line that sums it up."""
    paint = Paint(colour)
    where = check.path or "the packaged policy (this workspace has no policy.yml)"
    lines = [paint.bold(safe(where)), "", *_table(check.cells), ""]
    lines += [_trouble(check, one, paint) for one in check.troubles]
    if check.troubles:
        lines.append("")
    undecided = sum(block.cells for block in check.holes)
    decided = f"{len(check.cells) - undecided:,} of {counted(len(check.cells), 'cell', 'cells')}"
    open_ones = sum(one.open for one in check.troubles)
    if check.fit:
        lines.append(paint.green(f"{decided} decided; nothing open"))
    else:
        lines.append(paint.red(f"{decided} decided; {open_ones} open"))
    return "\n".join(lines) + "\n"


def explained(one: PolicyExplained, *, show: bool = False, colour: bool = False) -> str:
    """Write the decision, who made it, each spotted piece in place, and what would be sent.

    Spotted values are masked unless `show`; hidden ones never stand in what would be sent.
    """
    paint = Paint(colour)
    by = one.judgement.decided_by
    drafter = paint.bold(safe(one.asked.drafter))
    lines = [f"{drafter} for {safe(one.asked.purpose)}: {_painted(one, paint)}"]
    if by is not None:
        lines.append(f"  decided by {paint.cyan(safe(by.rule))}: {safe(by.why)}")
    lines.append(f"  policy: {safe(one.path) or 'packaged (no policy.yml here)'}")
    lines.append(f"  groups: {', '.join(map(safe, one.groups)) or 'none holds this drafter'}")
    lines += [f"  {_class(ruled, one)}" for ruled in one.judgement.ruled]
    lines += [f"  {paint.yellow(safe(remark))}" for remark in one.remarks]
    source = _source(one, show).split("\n")
    for marked in one.marked[:_MOST_MARKED]:
        lines += ["", *_framed(marked, source, paint)]
    if len(one.marked) > _MOST_MARKED:
        lines.append(f"  and {len(one.marked) - _MOST_MARKED:,} more; all are in --json")
    return "\n".join([*lines, "", *_sent(one, show, paint)]) + "\n"


def masked(text: str, marked: Sequence[Marked]) -> str:
    """Return the text with every character of a marked piece masked, its lines kept."""
    parts, at = [], 0
    for one in marked:
        start, end = one.spotted.start, one.spotted.end
        hidden = "".join("\n" if c == "\n" else MASK for c in text[start:end])
        parts += [text[at:start], hidden]
        at = end
    return "".join([*parts, text[at:]])


def _table(cells: Sequence[Ruled]) -> list[str]:
    groups = tuple(dict.fromkeys(one.cell.drafter for one in cells))
    classes = tuple(dict.fromkeys(one.cell.data_class for one in cells))
    rows = [("", *groups)]
    for data_class in classes:
        found = [
            [one for one in cells if (one.cell.drafter, one.cell.data_class) == (group, data_class)]
            for group in groups
        ]
        rows.append((data_class, *map(_said, found)))
    wide = [max(width(row[n]) for row in rows) for n in range(len(groups) + 1)]
    return ["  ".join(pad(text, n) for text, n in zip(row, wide, strict=True)).rstrip()
            for row in rows]  # fmt: skip


def _said(ruled: Sequence[Ruled]) -> str:
    """Write the rulings of one group and class: the commonest, then the purposes that differ."""
    ((common, _),) = Counter(one.ruling for one in ruled).most_common(1)
    others: dict[Ruling, list[str]] = {}
    for one in ruled:
        if one.ruling is not common:
            others.setdefault(one.ruling, []).append(one.cell.purpose)
    notes = [f"{ruling} {', '.join(purposes)}" for ruling, purposes in others.items()]
    return f"{common} ({'; '.join(notes)})" if notes else str(common)


def _trouble(check: PolicyCheck, one: Trouble, paint: Paint) -> str:
    place = f"{safe(check.path)}:{one.line} " if check.path and one.line else ""
    kind = paint.red(one.kind) if one.open else paint.yellow(one.kind)
    return f"{place}{kind} {safe(one.message)}"


def _painted(one: PolicyExplained, paint: Paint) -> str:
    colours = {
        Ruling.ALLOW: paint.green,
        Ruling.REDACT: paint.cyan,
        Ruling.ASK: paint.yellow,
        Ruling.REFUSE: paint.red,
    }
    return colours[one.decision](str(one.decision))


def _class(ruled: Ruled, one: PolicyExplained) -> str:
    count = one.counts.get(ruled.cell.data_class, 0)
    found = counted(count, "piece", "pieces") if count else "the whole text"
    return safe(f"{ruled.cell.data_class}: {ruled.ruling} by {ruled.rule} ({found})")


def _source(one: PolicyExplained, show: bool) -> str:
    return one.asked.text if show else masked(one.asked.text, one.marked)


def _framed(marked: Marked, source: list[str], paint: Paint) -> list[str]:
    size = marked.spotted.end - marked.spotted.start
    span = Span(marked.line, marked.column, marked.line, marked.column + size)
    head = f"{marked.line}:{marked.column}"
    said = (
        f"{marked.ruled.ruling} {marked.spotted.data_class}: {marked.spotted.rule} "
        f"({marked.spotted.label}, {counted(size, 'character', 'characters')})"
    )
    lines = [f"{paint.bold(head)} {safe(said)}"]
    framed = frame(source, span)
    if framed:
        number = str(marked.line)
        gutter = " " * len(number)
        lines.append(f"  {paint.dim(f'{number} |')} {framed[0]}")
        lines.append(f"  {paint.dim(f'{gutter} |')} {paint.red(framed[1])}")
    return lines


def _sent(one: PolicyExplained, show: bool, paint: Paint) -> list[str]:
    if one.sent is None:
        return [paint.red("nothing would be sent")]
    if not one.asked.text:
        return ["no text was given (- reads stdin): the policy says this of the classes alone"]
    head = "would be sent after a person's yes:" if one.decision is Ruling.ASK else "would be sent:"
    text = one.sent if show else _hide_the_rest(one)
    shown = [clip(line, 200) for line in safe_lines(text).split("\n")]
    lines = [paint.bold(head), *(f"  {line}" for line in shown[:_MOST_LINES])]
    if len(shown) > _MOST_LINES:
        lines.append(f"  and {len(shown) - _MOST_LINES:,} more lines; all are in --json")
    return lines


def _hide_the_rest(one: PolicyExplained) -> str:
    """Mask what would be sent in clear, so that a terminal's history does not keep it."""
    assert one.sent is not None
    text = one.sent
    clear = {
        one.asked.text[marked.spotted.start : marked.spotted.end]
        for marked in one.marked
        if marked.ruled.ruling is not Ruling.REDACT
    }
    for value in sorted(clear, key=len, reverse=True):
        text = text.replace(value, MASK * len(value))
    return text
