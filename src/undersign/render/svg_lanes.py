"""Swim lanes: one lane a source over one axis of time, milestones as lines through all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from math import log10

from undersign.records.claim import Entry
from undersign.records.timeline import Gap, Timeline
from undersign.render.svg import Words
from undersign.render.terminal import clip, safe

_WIDTH, _LEFT, _RIGHT, _TOP, _LANE, _BOTTOM = 960, 150, 14, 64, 34, 30
_MOST = 4_000
"""Entries that are drawn; the caption of the figure must say how many there are."""
_MOST_LANES = 24
_STEPS = tuple(
    timedelta(seconds=s)
    for s in (1, 5, 15, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 604800, 2592000)
)
_TICKS = 8


def lanes(timeline: Timeline, words: Words) -> str:
    """Draw a timeline; every shape tells its entry when hovered. Same input, same bytes.

    Returns an empty text for a timeline without entries.
    """
    if not timeline.entries:
        return ""
    axis = _Axis.of(timeline.entries)
    names = _lane_names(timeline)
    tall = _TOP + _LANE * len(names) + _BOTTOM
    parts = [*_grid(axis, tall), *_lane_labels(names)]
    for gap in timeline.gaps:
        parts += _gap(gap, names, axis, tall)
    for entry in timeline.entries[:_MOST]:
        parts += _entry(entry, names, axis)
    parts += _milestones(timeline, axis, tall)
    title, said = escape(words.title), escape(words.description)
    head = (
        f'<svg viewBox="0 0 {_WIDTH} {tall}" role="img" class="lanes" '
        f'aria-labelledby="{words.name}-t {words.name}-d">'
        f'<title id="{words.name}-t">{title}</title><desc id="{words.name}-d">{said}</desc>'
    )
    return head + "".join(parts) + "</svg>"


class _Axis:
    """Time to x; without any length, everything stands in the middle."""

    def __init__(self, first: datetime, last: datetime) -> None:
        self.first, self.last = first, last
        self._seconds = max((last - first).total_seconds(), 1e-6)

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> _Axis:
        return cls(min(e.start for e in entries), max(e.end or e.start for e in entries))

    def x(self, moment: datetime) -> float:
        share = (moment - self.first).total_seconds() / self._seconds
        return round(_LEFT + min(max(share, 0.0), 1.0) * (_WIDTH - _LEFT - _RIGHT), 1)

    def ticks(self) -> Iterator[datetime]:
        length = self.last - self.first
        step = next((s for s in _STEPS if length / s <= _TICKS), length / _TICKS)
        width = max(step.total_seconds(), 1.0)
        at = -(-self.first.timestamp() // width) * width
        while at <= self.last.timestamp():
            yield datetime.fromtimestamp(at, UTC)
            at += width


def _lane_names(timeline: Timeline) -> dict[str, int]:
    """Return source -> lane: channels first, then logs; what is too much shares the last lane."""
    used = dict.fromkeys(s for entry in timeline.entries for s in entry.sources)
    known = timeline.sources
    ordered = sorted(used, key=lambda n: (n in known and known[n].medium.value == "log", n))
    return {name: min(n, _MOST_LANES - 1) for n, name in enumerate(ordered)} or {"": 0}


def _grid(axis: _Axis, tall: int) -> Iterator[str]:
    days = axis.first.date() != axis.last.date()
    for tick in axis.ticks():
        x = axis.x(tick)
        label = f"{tick:%m-%d %H:%M}" if days else f"{tick:%H:%M:%S}".removesuffix(":00")
        yield f'<path class="grid" d="M{x} {_TOP - 8}V{tall - _BOTTOM + 4}"/>'
        yield f'<text x="{x}" y="{tall - 10}">{label}</text>'


def _lane_labels(names: dict[str, int]) -> Iterator[str]:
    told: dict[int, str] = {}
    for name, lane in names.items():
        told[lane] = name if lane not in told else "other sources"
    for lane, name in told.items():
        y = _middle(lane)
        yield f'<text class="label end" x="{_LEFT - 10}" y="{y + 4}">{escape(_short(name))}</text>'
        yield f'<path class="lane" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>'


def _short(name: str) -> str:
    return clip(safe(name), 20)


def _middle(lane: int) -> int:
    return _TOP + _LANE * lane + _LANE // 2


def _gap(gap: Gap, names: dict[str, int], axis: _Axis, tall: int) -> Iterator[str]:
    x, wide = axis.x(gap.start), max(axis.x(gap.end) - axis.x(gap.start), 1)
    whose = safe(gap.source) or "all sources"
    told = f"<title>{escape(whose)} silent from {_clock(gap.start)} to {_clock(gap.end)}</title>"
    if not gap.source:
        yield f'<rect class="gap" x="{x}" y="{_TOP}" width="{wide:g}" height="{tall - _TOP - _BOTTOM}">{told}</rect>'  # noqa: E501
    elif gap.source in names:
        y = _TOP + _LANE * names[gap.source] + 5
        yield f'<rect class="gap" x="{x}" y="{y}" width="{wide:g}" height="{_LANE - 10}">{told}</rect>'  # noqa: E501


def _entry(entry: Entry, names: dict[str, int], axis: _Axis) -> Iterator[str]:
    kind = "failure" if entry.claim.slots.get("outcome") == "failure" else "plain"
    kind = "message" if "author" in entry.claim.slots else kind
    told = f"<title>{escape(_title(entry))}</title>"
    x = axis.x(entry.start)
    for name in entry.sources or ("",):
        y = _middle(names.get(name, 0))
        if entry.count > 1 and entry.end is not None:
            half = round(3 + 2 * log10(entry.count), 1)
            wide = max(axis.x(entry.end) - x, 3)
            yield (
                f'<rect class="run {kind}" x="{x}" y="{y - half}" width="{wide:g}" '
                f'height="{2 * half:g}" rx="2">{told}</rect>'
            )
        else:
            yield f'<circle class="{kind}" cx="{x}" cy="{y}" r="4">{told}</circle>'


def _title(entry: Entry) -> str:
    slots = entry.claim.slots
    what = slots.get("quote") or entry.template or " ".join(slots.get(k, "") for k in _TOLD)
    many = f"{entry.count:,} lines, " if entry.count > 1 else ""
    who = f"{safe(slots['author'])}: " if "author" in slots else ""
    return f"{_clock(entry.start)} {entry.claim.id} {many}{who}{clip(safe(what), 120)}"


_TOLD = ("actor", "action", "event", "target", "address", "outcome")


def _milestones(timeline: Timeline, axis: _Axis, tall: int) -> Iterator[str]:
    told = sorted((m for m in timeline.milestones if m.time), key=lambda m: (m.time, m.mark))
    for n, one in enumerate(told):
        assert one.time is not None
        x, y = axis.x(one.time), 14 + 14 * (n % 3)
        # Names near the right edge are written to the left of their line.
        side = "end" if x > _WIDTH - 120 else "start"
        shift = -4 if side == "end" else 4
        yield f'<path class="milestone" d="M{x} {y - 8}V{tall - _BOTTOM}"/>'
        yield f'<text class="{side} mark" x="{x + shift:g}" y="{y}">{one.mark} {one.time:%H:%M}</text>'  # noqa: E501


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
