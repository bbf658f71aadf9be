"""Where a SARIF run says that something is: URIs, bases and indexes, made paths of a checkout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath
from typing import Any
from urllib.parse import unquote

from undersign.surfaces.review.imports.texts import at, items, objects

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Two characters at least: one would be the drive of a Windows path."""
_DRIVE = re.compile(r"/?([A-Za-z]):(?=/|$)")
_HOPS = 8


class Places:
    """Resolves the artifact locations of one run.

    What a tool names by an absolute path is made relative to the checkout it ran in, as far as the
    run says where that was; `root` is where the checkout is now. A path that leads elsewhere stays
    as it is written, for `unsafe` to refuse: nothing is ever opened here.
    """

    def __init__(self, run: Mapping[str, Any], root: str = "") -> None:
        self._bases = at(run, "originalUriBaseIds")
        self._artifacts = items(run.get("artifacts"))
        self._known: dict[tuple[str, str], str] = {}
        self._roots = tuple(self._first_roots(run, root))
        other = (self._base(name) for name in self._bases)
        folders = (at(one, "workingDirectory") for one in objects(run.get("invocations")))
        last = [*(self._absolute(one) for one in folders), *sorted(other, key=len)]
        self._last_roots = tuple(last)

    def of(self, location: Mapping[str, Any]) -> str:
        """Return the path of an artifact location; empty when it names none."""
        location = self._indexed(location)
        uri, base = location.get("uri"), location.get("uriBaseId")
        if not isinstance(uri, str) or not uri:
            return ""
        key = (uri, base if isinstance(base, str) else "")
        if key not in self._known:
            self._known[key] = self._relative(*key).encode("utf-8", "replace").decode()
        return self._known[key]

    def _indexed(self, location: Mapping[str, Any]) -> Mapping[str, Any]:
        index = location.get("index")
        if isinstance(location.get("uri"), str) or not isinstance(index, int):
            return location
        here = self._artifacts[index] if 0 <= index < len(self._artifacts) else None
        return at(here, "location")

    def _relative(self, uri: str, base: str) -> str:
        path = self._absolute({"uri": uri, "uriBaseId": base})
        own = (self._base(base),) if base else ()
        for root in (*self._roots, *own, *self._last_roots):
            folder = root.rstrip("/") + "/"
            if _is_absolute(root) and path.startswith(folder) and len(path) > len(folder):
                return path[len(folder) :]
        return path

    def _first_roots(self, run: Mapping[str, Any], root: str) -> Iterator[str]:
        if root:
            yield self._absolute({"uri": root})
        for one in objects(run.get("versionControlProvenance")):
            if path := self._absolute(at(one, "mappedTo")):
                yield path
        for name in self._bases:
            if "ROOT" in name.upper() and (path := self._base(name)).strip("/"):
                yield path

    def _base(self, name: str) -> str:
        """Return the folder that a base id stands for; empty when the run does not say."""
        return self._absolute({"uri": "", "uriBaseId": name})

    def _absolute(self, location: Mapping[str, Any], hops: int = _HOPS) -> str:
        """Return a path as far as bases make it absolute, `..` resolved only then."""
        uri, base = location.get("uri"), location.get("uriBaseId")
        uri = uri if isinstance(uri, str) else ""
        if not uri and not (isinstance(base, str) and base):
            return ""
        if _SCHEME.match(uri):
            return _of_file(uri) if uri[:5].lower() == "file:" else uri
        path = unquote(uri)
        above = at(self._bases, base) if isinstance(base, str) and hops else {}
        folder = self._absolute(above, hops - 1) if above else ""
        if not folder or path.startswith("/"):
            return path
        joined = f"{folder.rstrip('/')}/{path}"
        return normpath(joined) if _is_absolute(folder) else joined


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or bool(_DRIVE.match(path))


def _of_file(uri: str) -> str:
    """Return the path of a `file:` URI, with the drive of a Windows path in upper case."""
    rest = uri[5:]
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        # A share of another machine keeps its name, and is refused as no relative path.
        rest = slash + path if host.lower() in ("", "localhost") else rest
    path = unquote(rest).replace("\\", "/")
    if drive := _DRIVE.match(path):
        path = f"{drive[1].upper()}:{path[drive.end() :]}"
        return normpath(path)
    return "/" + normpath(path).lstrip("/") if path.startswith("/") and path[:2] != "//" else path
