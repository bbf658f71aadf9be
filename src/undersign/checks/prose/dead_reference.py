"""dead-reference: a link to a file that is not there, or to a heading that nobody wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.records.document import Document
from undersign.records.finding import Fault
from undersign.records.surroundings import Nearby

_UNDEFINED = re.compile(r"(?<![\]\\!`\w])\[([^\[\]\n^]{1,80})\]\[([^\[\]\n]{1,80})\]")
_DEFINED = re.compile(r"^[ \t]{0,3}\[([^\]\n]{1,200})\]:", re.MULTILINE)
_NOT_IN_A_SLUG = re.compile(r"[^\w\- ]+")


def dead_reference(document: Document, nearby: Nearby) -> Iterator[Fault]:
    """Look up relative links, anchors and reference links; the web is never asked."""
    anchors = set(_anchors(document))
    for target, at in document.links:
        path, _, anchor = target.partition("#")
        bare = path.partition("?")[0]
        if bare and nearby.exists.get(bare) is False:
            yield Fault(f"there is no file {bare!r}", document.span(at, at + len(target)))
        elif not path and anchor and anchor.casefold() not in anchors:
            yield Fault(f"no heading here is #{anchor}", document.span(at, at + len(target)))
    defined = {name.casefold() for name in _DEFINED.findall(document.text)}
    for block in document.blocks:
        for match in _UNDEFINED.finditer(block.text) if block.kind != "code" else ():
            if match[2].casefold() not in defined:
                start = block.start + match.start()
                yield Fault(
                    f"[{match[2]}] is defined nowhere",
                    document.span(start, start + len(match[0])),
                )


def _anchors(document: Document) -> Iterator[str]:
    """Yield the anchors that GitHub and others give headings, and those written in HTML."""
    seen: dict[str, int] = {}
    for block in document.blocks:
        if block.kind == "heading":
            words = _NOT_IN_A_SLUG.sub("", re.sub(r"\]\([^)]*\)|[`*~]", "", block.text).casefold())
            slug = words.strip().replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            yield f"{slug}-{count}" if count else slug
    yield from (a.casefold() for a in re.findall(r"(?:id|name)=[\"']([^\"']+)[\"']", document.text))
    yield from (a.casefold() for a in re.findall(r"\{#([\w-]+)\}", document.text))
