"""The report as one HTML file that needs nothing else: no script, no font, no picture from outside.

Everything from an artifact or a log is escaped by the template engine, and whatever cannot be
printed (control and bidirectional characters) is shown as its escape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from undersign import __version__
from undersign.records.history import History
from undersign.records.report import Report
from undersign.render import report_view as view
from undersign.render import svg
from undersign.render.card_html import to_html
from undersign.render.days import UNDATED, daily, fewest_digits, hosts
from undersign.render.page import environment, ours, style

_MOST_BARS = 120


def render(report: Report) -> str:
    """Write the whole page; the same report gives the same bytes."""
    work = report.work
    example = report.example
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            work=work,
            version=__version__,
            style=style(),
            banner=view.banner(report),
            totals=view.totals(report),
            headline=view.headline_rate(report),
            general=view.general(work),
            code=view.code(work),
            rows=view.check_rows(work),
            clean=view.clean(work),
            charts=[_charts(history, n) for n, history in enumerate(report.histories, start=1)],
            why=list(view.why_rows(example.tree)) if example else [],
            cards=_cards(report),
            carded=frozenset(report.cards),
            command=view.verify_command(report.verified) if report.verified else "",
        )
    )


def _charts(history: History, number: int) -> dict[str, Any]:
    """Draw what there is to draw of one history; a chart without data is None."""
    rate = history.rate_per_day
    band = svg.Interval(rate.mean, rate.low, rate.high) if rate else None
    days = daily(history)[-_MOST_BARS:]
    ranked = hosts(history)
    name = f"h{number}"
    measured = history.status == "measured"
    drawn: dict[str, Any] = {"history": history, "days": days, "hosts": ranked}
    drawn["undated"] = history.per_day.get(UNDATED, 0)
    drawn["day_bars"] = (
        ours(svg.day_bars(days, _day_words(name, days), band)) if measured and days else None
    )
    drawn["interval"] = ours(svg.interval(band, _rate_words(name, band))) if band else None
    drawn["host_bars"] = (
        ours(svg.host_bars(ranked, _host_words(name, ranked))) if measured and ranked else None
    )
    drawn["histogram"] = _histogram(history, name)
    return drawn


def _histogram(history: History, name: str) -> Markup | None:
    proposal = history.threshold
    if proposal is None or not proposal.distribution:
        return None
    words = svg.Words(
        f"{name}-windows",
        "How many events one group had in one window",
        f"{proposal.windows} windows; the highest has {proposal.observed_max} events; "
        f"the proposed threshold is {proposal.value}",
    )
    return ours(svg.histogram(proposal.distribution, proposal.value, words))


def _day_words(name: str, days: Sequence[tuple[str, int]]) -> svg.Words:
    total, most = sum(n for _, n in days), max(days, key=lambda pair: pair[1])
    said = f"{total} matches on {len(days)} days, most on {most[0]}: {most[1]}"
    return svg.Words(f"{name}-days", "Matches per day", said)


def _host_words(name: str, ranked: Sequence[tuple[str, int]]) -> svg.Words:
    said = ", ".join(f"{host}: {count}" for host, count in ranked)
    return svg.Words(f"{name}-hosts", "Matches per host", said)


def _rate_words(name: str, rate: svg.Interval) -> svg.Words:
    low, mean, high = (fewest_digits(v) for v in (rate.low, rate.mean, rate.high))
    said = f"mean {mean}, 95% interval from {low} to {high}"
    return svg.Words(f"{name}-rate", "Matches per day, mean and interval", said)


def _cards(report: Report) -> list[tuple[str, str, str, Markup]]:
    """Return (check, code, summary, card as HTML) for every check that was asked."""
    return [
        (o.check, o.code, report.cards[o.check][0], ours(to_html(report.cards[o.check][1])))
        for o in report.work.outcomes
        if o.check in report.cards
    ]
