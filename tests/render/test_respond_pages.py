"""Pages of an incident: everything cited opens, hostile text stays text, also in a real browser."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from render.test_chromium import FLAGS, HOSTILE, chromium
from surfaces.respond.conftest import Incident, incident
from undersign.checks.prose.reading.whys import whys
from undersign.languages.markdown import parse
from undersign.records.timeline import Timeline
from undersign.render import (
    html_postmortem,
    html_timeline,
    json_timeline,
    markdown_timeline,
    text_timeline,
)
from undersign.render.html_postmortem import Cited
from undersign.surfaces.respond import wording
from undersign.surfaces.respond.postmortem import postmortem
from undersign.surfaces.respond.why_graph import graph

__all__ = ["chromium", "incident"]
WHYS = f"""
## Five whys

1. Why could it be used? Because: It was printed {HOSTILE}. (inference, by x) [slack:23]
2. Why was it printed? Nothing scans

## After

<b>bold?</b> [link](https://evil.example) ![pic](https://evil.example/p) <https://evil.example>
"""


class Ids(HTMLParser):
    """Collects ids, fragments linked to, and everything else that is linked or loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.fragments: set[str] = set()
        self.outside: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src", "action") and value is not None:
                (self.fragments.add(value[1:]) if value.startswith("#")
                 else self.outside.append(value))  # fmt: skip


def said(timeline: Timeline) -> dict[str, str]:
    return {claim.id: wording.plain(claim) for claim in timeline.every_claim()}


def hostile(found: Incident) -> Incident:
    """The incident with hostile text in every message, title and source name shown."""
    evidence = {
        key: replace(one, raw=HOSTILE + one.raw, text=HOSTILE)
        for key, one in found.evidence.items()
    }
    entries = tuple(
        replace(e, claim=replace(e.claim, slots={**e.claim.slots, "quote": HOSTILE}))
        if "author" in e.claim.slots
        else e
        for e in found.timeline.entries
    )
    timeline = replace(found.timeline, title=HOSTILE, entries=entries, warnings=(HOSTILE,))
    return Incident(timeline, evidence)


def postmortem_page(found: Incident) -> str:
    text = postmortem(found.timeline, found.evidence, "ab" * 32) + WHYS
    document = parse(text)
    cited = dict.fromkeys(c for s in document.sentences for c in s.cited)
    opens = {
        one: claim.evidence if (claim := found.timeline.claim(one)) else (one,) for one in cited
    }
    told = Cited(opens, found.evidence, said(found.timeline))
    return html_postmortem.render(found.timeline.title, text, graph(whys(document)), told)


def test_every_citation_of_a_page_opens(incident: Incident) -> None:
    for page in (
        postmortem_page(incident),
        html_timeline.render(incident.timeline, incident.evidence, said(incident.timeline)),
    ):
        found = Ids(page)
        assert len(found.ids) == len(set(found.ids))
        assert found.fragments <= set(found.ids)
        assert not found.outside


def test_a_timeline_page_has_every_line_it_rests_on(incident: Incident) -> None:
    page = html_timeline.render(incident.timeline, incident.evidence, said(incident.timeline))
    for address in incident.evidence:
        assert f"<summary>{address}" in page


def test_the_raw_line_stands_where_the_citation_leads(incident: Incident) -> None:
    page = postmortem_page(incident)
    place = re.search(r'<a href="#(e\d+)">slack:23</a>', page)
    assert place is not None
    shown = page.partition(f'id="{place[1]}"')[2].partition("</pre>")[0]
    assert "5512" in shown, "the message's own text"


def test_nothing_hostile_is_live_in_any_form(incident: Incident) -> None:
    bad = hostile(incident)
    pages = [
        postmortem_page(bad),
        html_timeline.render(bad.timeline, bad.evidence, said(bad.timeline)),
    ]
    for page in pages:
        found = Ids(page)
        assert not {"script", "img", "iframe"} & found.tags
        assert not found.outside
        assert "&lt;script&gt;" in page
    safe = {t: wording.escaped(t) for t in markdown_timeline.texts(bad.timeline)}
    sentences = {c.id: wording.sentence(c) for c in bad.timeline.every_claim()}
    document = parse(markdown_timeline.render(bad.timeline, sentences, safe))
    assert not document.links
    assert not [b for b in document.blocks if b.kind == "html"]
    text = text_timeline.render(replace(bad.timeline, title="a\x1b[2J\u202eb"), said(bad.timeline))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_browser_runs_nothing_of_it(tmp_path: Path, chromium: str, incident: Incident) -> None:
    page = tmp_path / "postmortem.html"
    page.write_text(postmortem_page(hostile(incident)), encoding="utf-8")
    done = subprocess.run(
        [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "<title>owned</title>" not in done.stdout
    assert "<script" not in done.stdout
    assert "<img" not in done.stdout


def test_the_whys_are_drawn_in_their_section(incident: Incident) -> None:
    page = postmortem_page(incident)
    assert page.count('class="why') == 2
    assert page.count('class="why bare"') == 1
    assert "(inference, by x)" in page
    assert page.index("<h2>After</h2>") > page.rindex('class="why')


def test_the_same_incident_gives_the_same_bytes(incident: Incident) -> None:
    assert postmortem_page(incident) == postmortem_page(incident)
    told = said(incident.timeline)
    first = html_timeline.render(incident.timeline, incident.evidence, told)
    assert first == html_timeline.render(incident.timeline, incident.evidence, told)


def test_programs_get_every_claim_with_its_sentence(incident: Incident) -> None:
    told = said(incident.timeline)
    document = json_timeline.document(incident.timeline, told, "incidents/x/timeline.json")
    assert len(document["entries"]) == len(incident.timeline.entries)
    assert all(entry["sentence"] and entry["evidence"] for entry in document["entries"])
