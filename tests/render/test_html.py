"""The report is one file that needs nothing, runs nothing, and shows hostile text as text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from render.sample_report import sample_report
from undersign.records.artifact import Artifact
from undersign.records.report import Report
from undersign.records.work import Work
from undersign.render import svg
from undersign.render.card_html import to_html
from undersign.render.html import render
from undersign.render.report_view import banner, verify_command

EVIL = "</script><script>alert(1)</script><img src=x onerror=1>{{7*7}}\u202e\x1b[31m&quot;'\""


class Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, name: str) -> list[str]:
        return [v for _, attributes in self.tags if (v := attributes.get(name))]


@pytest.fixture(params=[False, True], ids=["open", "signed"])
def report(request: pytest.FixtureRequest) -> Report:
    return sample_report(signed=request.param)


def evil_report() -> Report:
    """Put hostile text into every place that an artifact, a log or a person can fill."""
    report = sample_report()
    work = report.work
    assert work.draft and report.example and report.tests
    finding = replace(work.outcomes[0].findings[0], message=EVIL, suggestion=EVIL,
        evidence={EVIL: EVIL})  # fmt: skip
    outcomes = (
        replace(work.outcomes[0], findings=(finding,)),
        *(replace(o, reason=EVIL) for o in work.outcomes[1:]),
    )
    history = replace(report.histories[0], title=EVIL, per_host={EVIL: 3}, missing=(EVIL,),
        per_day={EVIL: 2}, top=(replace(report.histories[0].top[0], value=EVIL),))  # fmt: skip
    example = replace(report.example, values={EVIL: EVIL}, origin=EVIL,
        tree={"kind": "atom", "outcome": False, "written": EVIL, "field": EVIL,
              "values": [EVIL], "hint": EVIL})  # fmt: skip
    return replace(
        report,
        title=EVIL,
        work=replace(
            work,
            artifact=Artifact(EVIL, "sigma", EVIL + "\n" + work.artifact.text),
            outcomes=outcomes,
            draft=replace(work.draft, brief=EVIL, open_questions=(EVIL,), unused_words=(EVIL,)),
            verdicts=tuple(replace(v, reason=EVIL, person=EVIL) for v in work.verdicts),
        ),
        histories=(history, replace(history, status="unmeasured")),
        example=example,
        tests=replace(
            report.tests, cases=(replace(report.tests.cases[0], name=EVIL, detail=EVIL),)
        ),
        remarks=(EVIL,),
        cards=dict.fromkeys(report.cards, (EVIL, f"# {EVIL}\n\n- {EVIL}\n\n```yaml\n{EVIL}\n```")),
    )


def test_the_page_is_well_formed_and_the_same_every_time(report: Report) -> None:
    page = Page(render(report))
    assert page.open == []
    assert render(report) == render(report)


def test_nothing_comes_from_outside_and_nothing_runs(report: Report) -> None:
    for some in (report, evil_report()):
        text = render(some)
        page = Page(text)
        tags = {tag for tag, _ in page.tags}
        assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
        assert not {name for _, attrs in page.tags for name in attrs if name.startswith("on")}
        assert all(target.startswith("#") for target in page.values("href"))
        assert page.values("src") == []
        assert "url(" not in text.partition("</style>")[0]
        policy = page.values("content")[0]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_hostile_text_is_shown_as_text_and_cannot_reorder_the_page() -> None:
    text = render(evil_report())
    assert "&lt;script&gt;" in text
    assert "{{7*7}}" in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "\\u202e" in text


def test_every_link_has_a_target_and_every_id_is_one(report: Report) -> None:
    page = Page(render(report))
    ids = Counter(page.values("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    named = [n for v in page.values("aria-labelledby") for n in v.split()]
    linked = [target.removeprefix("#") for target in page.values("href")]
    assert set(named) | set(linked) <= set(ids)


def test_a_check_without_a_card_is_named_but_not_linked() -> None:
    page = Page(render(replace(sample_report(), cards={})))
    assert [target for target in page.values("href") if target.startswith("#card-")] == []


def test_tables_have_captions_pictures_have_words_and_there_is_one_main(report: Report) -> None:
    text = render(report)
    page = Page(text)
    count = Counter(tag for tag, _ in page.tags)
    assert count["main"] == count["h1"] == count["header"] == count["footer"] == 1
    assert count["table"] == count["caption"]
    assert count["svg"] == text.count("<svg") == count["desc"]


def test_the_banner_tells_the_truth() -> None:
    report = sample_report()
    assert banner(report).state == "open"
    assert "2 matters need" in banner(report).sentence
    assert any("needs Corpus" in sentence for sentence in banner(report).blind)
    signed = sample_report(signed=True)
    assert banner(signed).headline == "Signed by detections@corp.example"
    assert "3 things were not looked at" in banner(signed).sentence
    edited = replace(signed, verified=None, voided="edited after signing")
    assert (banner(edited).state, banner(edited).headline) == ("open", "Not signed")
    assert banner(replace(report, work=Work(report.work.artifact))).state == "unchecked"


def test_an_unmeasured_rule_never_shows_a_zero() -> None:
    report = sample_report()
    blind = replace(report.histories[0], status="unmeasured", matches=0, per_day={},
        rate_per_day=None, missing=("field X is absent",))  # fmt: skip
    text = render(replace(report, histories=(blind,)))
    assert "Unmeasured, which is not zero." in text
    assert "<b>0</b> matches" not in text
    assert "unmeasured</small>" in text


def test_the_command_quotes_what_a_shell_would_read() -> None:
    verified = sample_report(signed=True).verified
    assert verified
    plain = verify_command(verified)
    assert plain == (
        "ssh-keygen -Y verify -f .undersign/allowed_signers -I detections@corp.example "
        "-n undersign/v1 -s rules/kerberoasting.yml.sig < rules/kerberoasting.yml.statement.json"
    )
    odd = verify_command(replace(verified, signer="a b; rm -rf /", statement_path="x y.json"))
    assert "-I 'a b; rm -rf /'" in odd
    assert odd.endswith("< 'x y.json'")


def test_charts_say_what_they_show() -> None:
    words = svg.Words("w", "Title & more", "said")
    drawn = svg.histogram(((1, 100), (2, 10), (30, 1)), 5, words)
    assert "Title &amp; more" in drawn
    assert drawn.count('class="bar hot"') == 1
    assert drawn.count('class="bar"') == 2
    assert "threshold 5" in drawn
    assert svg.day_bars([], words).startswith("<svg")
    assert svg.sparkline([], words).startswith("<svg")
    assert "nan" not in svg.interval(svg.Interval(0.0, 0.0, 0.0), words)


def test_a_histogram_of_large_counts_has_few_bins_and_none_straddles_the_threshold() -> None:
    counts = tuple((n, 1000 - n) for n in range(1, 900, 7))
    drawn = svg.histogram(counts, 450, svg.Words("w", "t", "d"))
    assert drawn.count("<rect") <= 62
    assert 'class="bar hot"' in drawn


def test_cards_become_html_and_stay_text() -> None:
    made = to_html("# name\n\nSays `x` & <b>.\n\n- one\n  more\n- two\n\n```yaml\na: <b>\n```\n")
    assert made == (
        "<h4>name</h4>\n<p>Says <code>x</code> &amp; &lt;b&gt;.</p>\n"
        "<ul><li>one more</li><li>two</li></ul>\n<pre><code>a: &lt;b&gt;</code></pre>"
    )


def _luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_of_its_background(scheme: str) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for text."""
    css = files("undersign.render").joinpath("templates/report.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[scheme == "dark"]))
    pairs = [
        (text, back) for text in ("ink", "soft", "accent") for back in ("paper", "sheet", "tint")
    ]
    pairs += [(name, f"{name}-bg") for name in ("error", "warn", "note", "clean")]
    pairs += [(name, "sheet") for name in ("error", "warn", "note", "hot")]
    pairs += [("ink", f"{name}-bg") for name in ("error", "warn", "note")]
    pairs += [("soft", f"{name}-bg") for name in ("error", "warn", "note")]
    pairs += [("ink", "mark"), ("key", "mark"), ("accent", "error-bg"), ("accent", "warn-bg")]
    for text, back in pairs:
        light, dark = sorted((_luminance(colours[text]), _luminance(colours[back])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, back)
