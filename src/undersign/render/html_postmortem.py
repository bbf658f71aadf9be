"""A postmortem as one HTML page: what it cites opens, its whys are drawn; it needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from undersign import __version__
from undersign.languages.markdown.front_matter import front_matter
from undersign.records.evidence import CITATION, Evidence
from undersign.render.page import environment, ours, style
from undersign.render.terminal import safe_lines
from undersign.surfaces.respond.why_graph import Node

_MOST_RAW = 4_000
"""Characters of one raw line that the page shows."""
_WHYS = re.compile(r"\bwhys?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """What a postmortem cites."""

    opens: Mapping[str, tuple[str, ...]]
    """Address or claim id -> the addresses that show it, in order of appearance."""
    evidence: Mapping[str, Evidence]
    said: Mapping[str, str]
    """Claim id -> its sentence as plain text."""

    def addresses(self) -> dict[str, None]:
        """Return every address that is opened, in order."""
        return dict.fromkeys(address for every in self.opens.values() for address in every)


def render(title: str, text: str, whys: Sequence[Node], cited: Cited, *, signed: str = "") -> str:
    """Write the whole page of a postmortem's Markdown; the same input gives the same bytes.

    Its text is of people, drafters and logs: HTML in it is shown as text, and its links and
    pictures stay text, too. `signed` says in words who signed it.
    """
    places = {one: f"e{n}" for n, one in enumerate((*cited.opens, *cited.addresses()), 1)}
    before, after = _around_whys(text, places) if whys else (_html(text, places), "")
    claims = [one for one in cited.opens if one in cited.said]
    return (
        environment()
        .get_template("postmortem.html.j2")
        .render(
            title=title,
            signed=signed,
            before=ours(before),
            tree=_tree(whys),
            after=ours(after),
            places=places,
            claims=[(one, CITATION.sub("", cited.said[one]), cited.opens[one]) for one in claims],
            lines=[(one, _raw(cited.evidence.get(one))) for one in cited.addresses()],
            version=__version__,
            style=style(),
        )
    )


def _raw(one: Evidence | None) -> str | None:
    if one is None:
        return None
    return one.raw if len(one.raw) <= _MOST_RAW else one.raw[:_MOST_RAW] + " [cut]"


def _tree(whys: Sequence[Node]) -> list[dict[str, Any]]:
    """Return the roots of the graph, each with the whys that ask about it."""
    below: dict[int | None, list[dict[str, Any]]] = {None: []}
    for one in whys:
        below[one.number] = []
        below[one.parent].append({"node": one, "below": below[one.number]})
    return below[None]


def _around_whys(text: str, places: Mapping[str, str]) -> tuple[str, str]:
    """Return what stands up to the heading of the whys, and what follows their section."""
    reader = _reader(places)
    tokens = _body(reader, text)
    heads = [n for n, t in enumerate(tokens) if t.type == "heading_open"]
    for head in heads:
        if not _WHYS.search(tokens[head + 1].content):
            continue
        deep = tokens[head].tag
        end = next((n for n in heads if n > head and tokens[n].tag <= deep), len(tokens))
        return _written(reader, tokens[: head + 3], places), _written(reader, tokens[end:], places)
    return _written(reader, tokens, places), ""


def _html(text: str, places: Mapping[str, str]) -> str:
    reader = _reader(places)
    return _written(reader, _body(reader, text), places)


def _body(reader: MarkdownIt, text: str) -> list[Token]:
    tokens = reader.parse(safe_lines(text[front_matter(text).end :]))
    # The page has its own title.
    return tokens[3:] if tokens and tokens[0].tag == "h1" else tokens


def _written(reader: MarkdownIt, tokens: list[Token], places: Mapping[str, str]) -> str:
    html: str = reader.renderer.render(tokens, reader.options, {"places": places})
    return html.replace("<table>", '<div class="scroll"><table>').replace(
        "</table>", "</table></div>"
    )


def _reader(places: Mapping[str, str]) -> MarkdownIt:
    """Return a reader that makes a link of nothing but what is cited here."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.disable(["link", "image", "autolink", "reference"])
    reader.add_render_rule("text", _text)
    return reader


def _text(_self: Any, tokens: Sequence[Token], at: int, _options: Any, env: Any) -> str:
    text, done, parts = tokens[at].content, 0, []
    for match in CITATION.finditer(text):
        links = ", ".join(_link(one.strip(), env["places"]) for one in match[1].split(","))
        parts += [escape(text[done : match.start()]), f'<span class="cite">[{links}]</span>']
        done = match.end()
    return "".join((*parts, escape(text[done:])))


def _link(one: str, places: Mapping[str, str]) -> str:
    return f'<a href="#{places[one]}">{escape(one)}</a>' if one in places else escape(one)
