"""Values of Kubernetes Secrets, in YAML and in JSON, also in JSON within a string."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from undersign.policy.detect.doubt import is_placeholder
from undersign.policy.detect.found import Anchor, Hit, Meaning, Rank, since, until
from undersign.policy.detect.pattern import literal

CLUSTER = Meaning("kubernetes-secret", "secrets", "SECRET", Rank.ASSIGNED)

_DOCUMENT = 1 << 13
"""Bytes before and after the kind that are read."""
_KINDS = (
    "kind: Secret", 'kind: "Secret"', '"kind": "Secret"', '"kind":"Secret"',
    '\\"kind\\":\\"Secret\\"', '\\"kind\\": \\"Secret\\"',
)  # fmt: skip
_EDGE = re.compile(rb"\n---|kind\\?[\"']?:")
"""Where the next document begins: no place is read for two of them."""
_OPENED = re.compile(
    rb"(?m)(?:(?P<indent>^[ \t]*)|(?<=[{,\s]))\\?[\"']?(?P<name>data|stringData)\\?[\"']?:"
    rb"[ \t]*(?P<brace>\{)?"
)
_ENCODED = rb"([A-Za-z0-9+/]{4,}={0,2})"
_IN_BRACES = {
    b"data": re.compile(rb":\s*\\?[\"']" + _ENCODED + rb"\\?[\"']"),
    b"stringData": re.compile(rb":\s*\\?[\"']([^\"'\\\r\n]+)\\?[\"']"),
}
_KEY = rb"(?m)^[ \t]+[\"']?[\w.-]{1,253}[\"']?:[ \t]*"
_INDENTED = {
    b"data": re.compile(_KEY + rb"[\"']?" + _ENCODED + rb"[\"']?[ \t]*\r?$"),
    b"stringData": re.compile(_KEY + rb"[\"']?([^\s\"'|>{\[#][^\r\n\"']*)[\"']?[ \t]*\r?$"),
}


@dataclass(frozen=True, slots=True)
class ClusterSecret:
    """Finds the values under `data` (base64) and `stringData` of a document of the kind Secret."""

    anchors: tuple[Anchor, ...] = tuple(literal(kind) for kind in _KINDS)
    window: None = None
    glance: None = None
    meanings: tuple[Meaning, ...] = (CLUSTER,)

    def find(self, data: bytes, start: int, end: int) -> Iterator[Hit]:
        """Yield every value of the document around the anchor."""
        before, after = since(data, start - _DOCUMENT, start), until(data, end, end + _DOCUMENT)
        if after[:1].isalnum():
            return  # Of another kind: `SecretStore`.
        edges = (before.rfind(b"\n---"), before.rfind(b"kind"))
        first = start - len(before) + max(edges) + 1
        edge = _EDGE.search(after)
        document = data[first : end + (edge.start() if edge else len(after))]
        for opened in _OPENED.finditer(document):
            for at, value in _values(document, opened):
                if not is_placeholder(value):
                    yield Hit(first + at, first + at + len(value), CLUSTER)


def _values(document: bytes, opened: re.Match[bytes]) -> Iterator[tuple[int, bytes]]:
    name = opened["name"]
    if opened["brace"]:
        close = document.find(b"}", opened.end())
        stop = len(document) if close < 0 else close
        entries = _IN_BRACES[name].finditer(document, opened.end(), stop)
    elif opened["indent"] is not None:
        # To the first line that stands no deeper than `data:` itself.
        deeper = rb"\n[ \t]{0,%d}[^\s]" % len(opened["indent"])
        outside = re.compile(deeper).search(document, opened.end())
        stop = outside.start() if outside else len(document)
        entries = _INDENTED[name].finditer(document, opened.end(), stop)
    else:
        return
    for entry in entries:
        yield entry.start(1), entry.group(1)
