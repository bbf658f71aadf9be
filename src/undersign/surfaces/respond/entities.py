"""Names of things in a text: addresses, hashes, files and links; defanged ones are read too."""

from __future__ import annotations

import re
from functools import lru_cache

_DOT = r"(?:\.|\[\.\]|\(\.\)|\[dot\])"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ENTITY = re.compile(
    rf"""
    (?P<url>\b(?:h(?:tt|xx)ps?|ftp)(?::|\[:\])//[^\s"'<>()]{{3,300}})
  | (?P<email>[A-Za-z0-9._%+-]{{1,64}}(?:@|\[@\]|\[at\]){_LABEL}(?:{_DOT}{_LABEL}){{1,6}})
  | (?P<address>(?<![\w.-]){_OCTET}(?:{_DOT}{_OCTET}){{3}}(?![\w-]|\.\d))
  | (?P<address6>(?<![\w:.])(?:[0-9A-Fa-f]{{1,4}}:){{2,7}}(?::?[0-9A-Fa-f]{{1,4}}){{1,7}}(?![\w:.]))
  | (?P<hash>\b(?:[0-9a-f]{{64}}|[0-9a-f]{{40}}|[0-9a-f]{{32}}
      |[0-9A-F]{{64}}|[0-9A-F]{{40}}|[0-9A-F]{{32}})\b)
  | (?P<cve>\bCVE-\d{{4}}-\d{{4,7}}\b)
  | (?P<technique>\bT1\d{{3}}(?:\.\d{{3}})?\b)
  | (?P<arn>\barn:[a-z-]+:[^\s,;'"`]{{5,200}})
  | (?P<path>(?<![\w/.:])(?:[A-Za-z]:\\(?:[^\s\\/:*?"<>|]+\\){{0,20}}[^\s\\/:*?"<>|,;]+
      |/(?:etc|usr|var|tmp|home|opt|root|bin|sbin|srv|dev|proc|mnt)/[^\s"'`<>|,;]{{1,200}}))
  | (?P<domain>(?<![\w@./\\-])(?:{_LABEL}(?:\[\.\]|\(\.\))){{1,5}}[A-Za-z]{{2,24}}\b)
    """,
    re.VERBOSE,
)
_ROLE = {"address6": "address", "arn": "target", "path": "file"}
_FANGS = (("[.]", "."), ("(.)", "."), ("[dot]", "."), ("[:]", ":"), ("[@]", "@"), ("[at]", "@"))
_SCHEME = re.compile(r"\bhxxp(s?)\b", re.IGNORECASE)
_LIVE = re.compile(r"\bhttp(s?)(?=://)", re.IGNORECASE)
_MOST = 200


@lru_cache(maxsize=20_000)
def entities(text: str) -> tuple[tuple[str, str], ...]:
    """Return (role, value) of what a text names, in order, each once; values are refanged.

    Roles: address, url, email, hash, cve, technique, target (an ARN), file, domain.
    """
    found: dict[tuple[str, str], None] = {}
    for match in _ENTITY.finditer(text[:20_000]):
        kind = match.lastgroup or ""
        value = refang(match[0]).rstrip(".,;:")
        found[(_ROLE.get(kind, kind), value)] = None
        if len(found) >= _MOST:
            break
    return tuple(found)


def refang(text: str) -> str:
    """Return an indicator as it is: `hxxps://a[.]example` is `https://a.example`."""
    for written, real in _FANGS:
        text = text.replace(written, real)
    return _SCHEME.sub(r"http\1", text)


def defang(text: str) -> str:
    """Return an indicator so that nothing makes a link of it: `a.example` is `a[.]example`."""
    text = _LIVE.sub(r"hxxp\1", refang(text))
    return re.sub(r"\.(?=[\w-])", "[.]", text).replace("@", "[@]")
