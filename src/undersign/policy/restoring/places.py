"""The places a text names: hosts, mail boxes and paths, written in one way however they are spelt.

Places are strings: `host:db.example.org`, `mail:ada@example.org`, `path:/srv/app/.env`. One host
has one spelling: letter case, a dot at the end, Unicode and punycode, a user name before `@`, and
decimal, octal or hexadecimal addresses make no difference. A host that cannot be read for certain
is `host:?`, which nothing ever knows. Rather too much is taken for a place than too little: what is
named here only ever holds a value back.
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
import unicodedata

UNREADABLE = "host:?"
"""A host that is written so that two readers may read two."""

# Every pattern begins where a word begins: one long word must not be read again from each letter.
_ADDRESS = re.compile(
    r"(?<![a-z0-9+.-])[a-z0-9+.-]+:/{2,}|(?<![\w:/])//(?=\w)|\\\\(?=\w)", re.IGNORECASE
)
_AUTHORITY_ENDS = re.compile(r"[/?#\s\"'<>\\^`{|}]")
_ADDRESS_ENDS = re.compile(rf"[?\s\"'<>`]|{_ADDRESS.pattern}", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@\[?([\w.:-]+)\]?")
_NAME = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+(?:[^\W\d_][\w-]*)\.?")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{0,4}|\d+(?:\.\d+){3})", re.I)
_NUMBERS = re.compile(
    r"(?<![\w.-])(?:(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){3}|0x[0-9a-f]{1,8}|\d{8,12})(?![\w-])",
    re.IGNORECASE,
)
_PATH = re.compile(
    r"(?<![\w:/.~-])(?:(?:~[\w-]*|\.{1,2})?/[^\s\"'`<>|;&,]*|[\w.-]+(?:/[\w.@-]+)+/?)"
    r"|(?<=:)[\w.-]+(?:/[\w.@-]+)+/?"
)
_DRIVE = re.compile(r"(?<![\w])[a-z]:[\\/][^\s\"'`<>|;&,]*", re.IGNORECASE)
_HIDES = re.compile(
    r"[$`\\]|%[0-9a-f]{2}|&#|\b(?:data|javascript|blob):|\b(?:https?|wss?|ftps?):(?!//[\w\[])"
    r"|\b(?:base64|b64decode|atob|eval|exec|xxd|fromcharcode|unhexlify|urldecode|rot13)\b|\bchr\("
    r"|\b(?:dblink|xp_cmdshell|utl_http|lo_export|(?:in)?to\s+(?:program|outfile|dumpfile))\b",
    re.IGNORECASE,
)


def named(text: str) -> frozenset[str]:
    """Return every place a text names."""
    found: set[str] = set()
    rest = _addresses(unicodedata.normalize("NFKC", text), found)
    return frozenset(found | _words(rest))


def host(name: str) -> str:
    """Return the place of one host name or address."""
    name = unicodedata.normalize("NFKC", name).strip().strip("[]").rstrip(".").lower()
    number = _number(name)
    if number:
        return f"host:{number}"
    if ":" in name:
        return _six(name)
    try:
        plain = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError:
        return UNREADABLE
    return f"host:{plain}" if re.fullmatch(r"[a-z0-9_](?:[a-z0-9_.-]*)", plain) else UNREADABLE


def path(text: str) -> str:
    """Return the place of a file, with `.` and `..` resolved as far as the text says."""
    return f"path:{posixpath.normpath(text.strip().replace(chr(92), '/'))}"


def kind(place: str) -> str:
    """Return what a place is, in words."""
    return {"host": "host", "mail": "mail address"}.get(place.partition(":")[0], "path")


def leads_off(text: str) -> bool:
    """Whether reading a path can reach another machine: a share, a device, an automounter."""
    plain = text.replace("\\", "/")
    return (
        plain.startswith(("//", "/dev/", "/net/", "/afs/", "/proc/", "/mnt/", "/Volumes/"))
        or "://" in plain
        or ".." in plain.split("/")
    )


def hides(text: str) -> bool:
    """Whether a text has signs that can spell a place without naming it."""
    unseen = any(unicodedata.category(letter) in {"Cf", "Cc"} for letter in _odd(text))
    return unseen or _HIDES.search(text) is not None


def _odd(text: str) -> list[str]:
    return [c for c in text if (not c.isascii() or c < " ") and c not in "\n\t"]


def _addresses(text: str, found: set[str]) -> str:
    """Take the addresses (`scheme://host/path`) out of a text; add their hosts to `found`.

    What an address asks for after its `?` stays: a redirect names its target there.
    """
    rest: list[str] = []
    position = 0
    while begins := _ADDRESS.search(text, position):
        rest += [text[position : begins.start()], " "]
        stop = _AUTHORITY_ENDS.search(text, begins.end())
        path_begins = stop.start() if stop else len(text)
        found.update(_authority(text[begins.end() : path_begins]))
        end = _ADDRESS_ENDS.search(text, path_begins)
        position = end.start() if end else len(text)
        if "\\" in text[path_begins:position]:
            # Some readers take the backslash for a slash and read another host.
            found.add(UNREADABLE)
    return "".join([*rest, text[position:]])


def _authority(text: str) -> set[str]:
    hosts = text.rpartition("@")[2]
    # A database address may name several hosts; each gets the password.
    return {host(re.sub(r":\d*\Z", "", one)) for one in hosts.split(",")}


def _words(text: str) -> set[str]:
    found = {f"mail:{mail[0].lower()}" for mail in _MAIL.finditer(text)}
    text = _MAIL.sub(" ", text)
    found |= {_six(word[0].lower()) for word in _IPV6.finditer(text)} - {UNREADABLE}
    found |= {host(word[0]) for word in _NUMBERS.finditer(text) if _number(word[0].lower())}
    for pattern in (_PATH, _DRIVE):
        found |= {path(file[0]) for file in pattern.finditer(text)}
        text = pattern.sub(" ", text)
    return found | {host(word[0]) for word in _NAME.finditer(text)}


def _number(name: str) -> str:
    """Return the usual spelling of an IPv4 address in any of the spellings of `inet_aton`."""
    try:
        parts = [_digits(part) for part in name.split(".")]
    except ValueError:
        return ""
    *high, low = parts
    if len(parts) > 4 or any(part > 255 for part in high) or low >= 256 ** (5 - len(parts)):
        return ""
    value = low + sum(part << (8 * (3 - n)) for n, part in enumerate(high))
    # A short number is a count or a port and no address.
    return str(ipaddress.IPv4Address(value)) if len(parts) > 1 or value >= 1 << 24 else ""


def _digits(part: str) -> int:
    if not part.isascii() or not part.isalnum():
        raise ValueError("not a number")
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") and len(part) > 1 else 10)


def _six(name: str) -> str:
    try:
        address = ipaddress.IPv6Address(name.partition("%")[0])
    except ValueError:
        return UNREADABLE
    return f"host:{address.ipv4_mapped or address}"
