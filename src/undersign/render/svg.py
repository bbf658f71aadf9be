"""Small charts as inline SVG text: bars, a histogram with a marker, an interval, a sparkline.

Colours come from the page's style sheet by class. Each chart is 480 units wide, so that its text
keeps its size both in a column of a wide page and across a narrow one. Same input, same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from undersign.render.days import fewest_digits
from undersign.render.terminal import clip, safe

WIDTH = 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 22, 34
_LABEL_CHARS = 22
_STAGE_CHARS = 72


@dataclass(frozen=True, slots=True)
class Words:
    """What a chart is called and says, for those who cannot see it."""

    name: str
    """Unique in the page; becomes part of element ids."""
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its lower and upper bound, in the unit of the chart's bars."""

    mean: float
    low: float
    high: float


def day_bars(days: Sequence[tuple[str, int]], words: Words, rate: Interval | None = None) -> str:
    """Draw matches per day as bars; `rate` lays its interval as a band behind them."""
    height = 200
    top = max([count for _, count in days] + ([rate.high] if rate else []) + [1])
    scale = _Scale(_nice_ceiling(top), height)
    parts = scale.grid()
    if rate:
        parts += _band(rate, scale)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(days), 1)
    every = max(1, math.ceil(len(days) * 34 / (WIDTH - _LEFT - _RIGHT)))
    for n, (day, count) in enumerate(days):
        middle = _LEFT + (n + 0.5) * step
        parts.append(_bar(middle, min(step * 0.72, 40), count, scale))
        if count and len(days) <= 16:
            parts.append(_text(middle, scale.y(count) - 5, f"{count:,}", "value"))
        if n % every == 0:
            parts += _day_label(middle, height, day)
    return _svg(words, height, parts)


def host_bars(hosts: Sequence[tuple[str, int]], words: Words) -> str:
    """Draw one horizontal bar a host, in the order given."""
    row, left = 24, 150
    most = max((count for _, count in hosts), default=1) or 1
    parts = []
    for n, (name, count) in enumerate(hosts):
        middle = 14 + n * row
        length = (WIDTH - left - 58) * count / most
        label = clip(safe(name), _LABEL_CHARS)
        parts.append(_text(left - 8, middle + 4, label, "label end"))
        parts.append(_rect(left, middle - 8, max(length, 1.5), 16, "bar"))
        parts.append(_text(left + max(length, 1.5) + 6, middle + 4, f"{count:,}", "value start"))
    return _svg(words, 10 + row * len(hosts), parts)


def histogram(counts: Sequence[tuple[int, int]], threshold: int, words: Words) -> str:
    """Draw how many windows had each count, heights on a log scale, the threshold marked.

    `counts` are (count, windows). Bars at or above the threshold, which would alert, stand out.
    """
    height = 200
    bins = _bins(counts, threshold)
    tallest = max((windows for _, _, windows in bins), default=1)
    room = height - _TOP - _BOTTOM
    step = (WIDTH - _LEFT - _RIGHT) / max(len(bins), 1)
    parts = [_line(_LEFT, height - _BOTTOM, WIDTH - _RIGHT, height - _BOTTOM, "axis")]
    every = max(1, math.ceil(len(bins) * 30 / (WIDTH - _LEFT - _RIGHT)))
    marker = None
    for n, (first, last, windows) in enumerate(bins):
        middle = _LEFT + (n + 0.5) * step
        tall = room * math.log10(1 + windows) / math.log10(1 + tallest) if windows else 0.0
        kind = "bar hot" if first >= threshold else "bar"
        bar = min(step * 0.8, 34)
        if windows:
            parts.append(_rect(middle - bar / 2, height - _BOTTOM - tall, bar, tall, kind))
        if windows and step >= 24:
            parts.append(_text(middle, height - _BOTTOM - tall - 5, f"{windows:,}", "value"))
        if n % every == 0:
            label = f"{first}" if first == last else f"{first}–{last}"
            parts.append(_text(middle, height - _BOTTOM + 15, label, "label"))
        if marker is None and first >= threshold:
            marker = _LEFT + n * step
    marker = WIDTH - _RIGHT if marker is None else marker
    parts += _marker(marker, height, f"threshold {threshold}")
    parts.append(_text(WIDTH / 2, height - 4, "events of one group in one window", "label"))
    return _svg(words, height, parts)


def funnel(stages: Sequence[tuple[str, int | None]], words: Words) -> str:
    """Draw the rows that came out of each stage, lengths on a log scale; None is `not counted`."""
    row, left, room = 44, 8, WIDTH - 90
    most = math.log10(1 + max((rows for _, rows in stages if rows), default=1))
    parts = []
    for n, (name, rows) in enumerate(stages):
        top = 14 + n * row
        parts.append(_text(left, top, clip(safe(name), _STAGE_CHARS), "label start"))
        long = room * math.log10(1 + rows) / most if rows else 0.0
        if rows is None:
            parts.append(_text(left, top + 20, "not counted", "marked start"))
            continue
        parts.append(_rect(left, top + 7, max(long, 1.5), 16, "bar" if rows else "bar hot"))
        parts.append(_text(left + long + 8, top + 19, f"{rows:,}", "value start"))
    return _svg(words, row * len(stages), parts)


def interval(rate: Interval, words: Words) -> str:
    """Draw a mean as a dot on its interval."""
    height, top = 64, _nice_ceiling(max(rate.high, 0.001) * 1.08)
    left, right = 14, WIDTH - 14

    def x(value: float) -> float:
        return left + (right - left) * value / top

    parts = [_line(left, 26, right, 26, "grid")]
    parts.append(_line(x(rate.low), 26, x(rate.high), 26, "whisker"))
    parts += [_line(x(value), 19, x(value), 33, "whisker") for value in (rate.low, rate.high)]
    parts.append(f'<circle class="dot" cx="{_n(x(rate.mean))}" cy="26" r="6"/>')
    parts.append(_text(left, 50, "0", "label"))
    if x(rate.low) > left + 24:
        parts.append(_text(x(rate.low), 50, fewest_digits(rate.low), "label"))
    parts.append(_text(x(rate.mean), 13, fewest_digits(rate.mean), "value"))
    parts.append(_text(x(rate.high), 50, fewest_digits(rate.high), "label"))
    return _svg(words, height, parts)


def intervals(rows: Sequence[tuple[str, Interval | None, str]], words: Words) -> str:
    """Draw named figures as dots on their intervals, on one scale: (name, interval, label).

    Without an interval the label stands alone, and says why.
    """
    row, left, right = 30, 150, WIDTH - 60
    top = _nice_ceiling(max([rate.high for _, rate, _ in rows if rate] or [1.0]) or 1.0)

    def x(value: float) -> float:
        return left + (right - left) * value / top

    parts = [_line(left, 4, left, row * len(rows), "axis")]
    for n, (name, rate, label) in enumerate(rows):
        y = row * n + 18
        parts.append(_text(0, y + 4, clip(safe(name), _LABEL_CHARS), "label start"))
        if rate is None:
            parts.append(_text(left + 8, y + 4, label, "marked start"))
            continue
        parts.append(_line(x(rate.low), y, x(rate.high), y, "whisker"))
        parts.append(f'<circle class="dot" cx="{_n(x(rate.mean))}" cy="{_n(y)}" r="5"/>')
        parts.append(_text(x(rate.high) + 8, y + 4, label, "value start"))
    return _svg(words, row * len(rows) + 6, parts)


def sparkline(counts: Sequence[int], words: Words) -> str:
    """Draw counts as a line of 120 by 24 units."""
    wide, tall = 120, 24
    most = max([*counts, 1])
    gap = wide / max(len(counts) - 1, 1)
    points = (f"{_n(n * gap)},{_n(tall - 2 - (tall - 4) * c / most)}" for n, c in enumerate(counts))
    line = f'<polyline class="spark" points="{" ".join(points)}"/>'
    return _svg(words, tall, [line], wide)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Turns a count into a height on the page."""

    top: float
    height: int

    def y(self, value: float) -> float:
        room = self.height - _TOP - _BOTTOM
        return self.height - _BOTTOM - room * value / self.top

    def grid(self) -> list[str]:
        parts = []
        for part in range(5) if self.top >= 4 else range(int(self.top) + 1):
            value = self.top * part / 4 if self.top >= 4 else float(part)
            y = self.y(value)
            kind = "grid" if part else "axis"
            parts.append(_line(_LEFT, y, WIDTH - _RIGHT, y, kind))
            parts.append(_text(_LEFT - 6, y + 4, f"{value:,.0f}", "label end"))
        return parts


def _nice_ceiling(value: float) -> float:
    """Round up to a number whose quarters are whole: 4, 8, 12, 16, 20, 24, 32, 40, 60 ..."""
    if value <= 4:
        return float(max(1, math.ceil(value))) if value >= 1 else value
    power = 10 ** math.floor(math.log10(value))
    steps = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10)
    whole = [step * power for step in steps if step * power >= value and step * power % 4 == 0]
    return whole[0] if whole else math.ceil(value / 4) * 4.0


def _bins(counts: Sequence[tuple[int, int]], threshold: int) -> list[tuple[int, int, int]]:
    """Return (first, last, windows) for every bin; a bin never straddles the threshold."""
    last = max([count for count, _ in counts] + [threshold])
    first = min([count for count, _ in counts] + [threshold])
    size = max(1, math.ceil((last - first + 1) / 30))
    begin = threshold - math.ceil((threshold - first) / size) * size
    known = dict(counts)
    bins = []
    for low in range(begin, last + 1, size):
        high = low + size - 1
        windows = sum(known.get(n, 0) for n in range(low, high + 1))
        bins.append((max(low, 0), high, windows))
    return bins


def _band(rate: Interval, scale: _Scale) -> list[str]:
    high, low, mean = scale.y(rate.high), scale.y(rate.low), scale.y(rate.mean)
    wide = WIDTH - _LEFT - _RIGHT
    return [
        _rect(_LEFT, high, wide, max(low - high, 1), "band"),
        _line(_LEFT, mean, WIDTH - _RIGHT, mean, "mean"),
    ]


def _bar(middle: float, wide: float, count: float, scale: _Scale) -> str:
    top = scale.y(count)
    return _rect(middle - wide / 2, top, wide, scale.height - _BOTTOM - top, "bar") if count else ""


def _day_label(middle: float, height: int, text: str) -> list[str]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return [_text(middle, height - _BOTTOM + 15, clip(safe(text), 6), "label")]
    kind = "label weekend" if day.weekday() >= 5 else "label"
    return [
        _text(middle, height - _BOTTOM + 14, f"{day:%a}", kind),
        _text(middle, height - _BOTTOM + 28, f"{day.day} {day:%b}", kind),
    ]


def _marker(x: float, height: int, label: str) -> list[str]:
    anchor, shift = ("start", 5) if x < WIDTH * 0.7 else ("end", -5)
    return [
        _line(x, 4, x, height - _BOTTOM, "marker"),
        _text(x + shift, 12, label, f"marked {anchor}"),
    ]


def _svg(words: Words, height: float, parts: Sequence[str], wide: int = WIDTH) -> str:
    name = escape(words.name)
    return (
        f'<svg viewBox="0 0 {wide} {_n(height)}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(safe(words.title))}</title>'
        f'<desc id="{name}-desc">{escape(safe(words.description))}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _rect(x: float, y: float, wide: float, tall: float, kind: str) -> str:
    size = f'width="{_n(wide)}" height="{_n(tall)}"'
    return f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" {size} rx="2"/>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    ends = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
    return f'<line class="{kind}" {ends}/>'


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'


def _n(value: float) -> str:
    """Write a coordinate with one decimal at most, so that output is short and stable."""
    return f"{value:.1f}".removesuffix(".0")
