"""What one shell command names, as far as it can be told for certain.

A shell can spell a place in a thousand ways, so commands are not searched for signs of danger: a
command is read only if it is one plain program with plain words, and of a program in the two tables
below whose every option is known. Everything else is unreadable, and what is unreadable gets no
value back unless the very same command carried it before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from undersign.policy.restoring import places

READERS = frozenset({"echo", "printf", "grep", "egrep", "fgrep"})
"""Programs that show text on the terminal and do nothing else, whatever their words are."""
SHOWS_FILE = frozenset({"cat", "head", "tail", "nl", "less", "more"})
_BARE = re.compile(r"[A-Za-z0-9_./:@=,+%-]")
_TOKEN_FREE_SQL = re.compile(
    r"\s*(?:select|show|describe|explain|insert|update|delete)\b[^\\]*", re.IGNORECASE
)
_SQL_REACHES_OUT = re.compile(
    r"program|dblink|outfile|dumpfile|load_file|lo_export|system|source|\bcopy\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Command:
    """What a command names."""

    places: frozenset[str] = frozenset()
    harmless: bool = False
    """It names no place because it only shows text to whoever runs it."""
    unreadable: str = ""
    """Why it cannot be told; empty when it can."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command."""

    text: str
    quote: str
    """What protects a value in it least: nothing (a space), `"` or `'`."""


def read(command: str, values: dict[str, str]) -> Command:
    """Return what a command names; `values` are the tokens in it with what they hide.

    The command is read with its tokens, so that a value can never change how it is cut into words.
    """
    words = _words(command)
    if words is None:
        return Command(unreadable="the command is more than one plain program with plain words")
    if not all(_fits(word, values) for word in words):
        return Command(unreadable="a value would change what the command does")
    texts = [_put_back(word.text, values) for word in words]
    while texts and re.fullmatch(r"(?:PGPASSWORD|MYSQL_PWD)=.*", texts[0]):
        del texts[0], words[0]
    tokens = [any(token in word.text for token in values) for word in words]
    if not texts:
        return Command(unreadable="the command names no program")
    if texts[0] in READERS:
        off = any(places.leads_off(text) for text in texts[1:])
        return Command(harmless=not off, unreadable="it reads off this machine" if off else "")
    client = _CLIENTS.get(texts[0])
    if client is None:
        return Command(unreadable="it is not known where this program sends what it is given")
    return _client(texts[1:], tokens[1:], client)


def shown_file(command: str) -> str | None:
    """Return the path of the one file that a command shows and does nothing else with."""
    words = _words(command) or []
    rest = [w.text for w in words[1:] if not re.fullmatch(r"-\w*|\d+", w.text)]
    if words and words[0].text in SHOWS_FILE and len(rest) == 1:
        return rest[0]
    # `sed -n 1,20p FILE`, as coding agents page through a file.
    if len(words) == 4 and [w.text for w in words[:2]] == ["sed", "-n"]:
        return words[3].text if re.fullmatch(r"[\d,$]+p", words[2].text) else None
    return None


@dataclass(frozen=True, slots=True)
class _Client:
    """How a program is told where to connect.

    A value is a `host`, the `address` of a server, a `database` (its name or its address), `sql`,
    or `text` that is sent.
    """

    flags: str
    """Letters of its options without a value."""
    options: dict[str, str]
    """Its options with a value -> what the value is."""
    word: str
    """What a word is that is no option."""
    glued: str = ""
    """An option of text whose value follows without a space."""


def _options(**names: str) -> dict[str, str]:
    """Return option -> kind of its value."""
    return {option: kind for kind, options in names.items() for option in options.split()}


_CURL_TEXT = "-H --header -X --request -d --data --data-raw --json -u --user -A -m --max-time"
_CLIENTS = {
    "curl": _Client("sSfvig", _options(text=_CURL_TEXT), word="address"),
    "psql": _Client(
        "AtqX",
        _options(
            host="-h --host",
            database="-d --dbname",
            text="-U --username -p --port",
            sql="-c --command",
        ),
        word="database",
    ),
    "mysql": _Client(
        "Nsr",
        _options(
            host="-h --host",
            text="-u --user -P --port -D --database --password",
            sql="-e --execute",
        ),
        word="text",
        glued="-p",
    ),
}
_PAIR = r"(?:(?:host|port|user|password|sslmode)=[^\s'\\]+|dbname=[\w-]+)"
_CONNINFO = re.compile(rf"{_PAIR}(?: {_PAIR})*")


def _client(words: list[str], tokens: list[bool], client: _Client) -> Command:
    found: set[str] = set()
    named = False
    rest = list(zip(words, tokens, strict=True))
    while rest:
        word, has_token = rest.pop(0)
        kind, value = _option(word, client)
        if kind == "flag":
            continue
        if kind == "next" and rest:
            kind = client.options[word]
            value, has_token = rest.pop(0)
        said = _value(kind, value, has_token)
        if said is None:
            return Command(unreadable="an option or a part of the command can reach other places")
        named = named or (bool(said) and kind in {"host", "address", "database"})
        found |= said
    if not named:
        return Command(unreadable="it does not say which host it connects to")
    return Command(frozenset(found))


def _option(word: str, client: _Client) -> tuple[str, str]:
    """Return the kind of a word and the value in it; `next` for one whose value follows."""
    option, equals, after = word.partition("=")
    if word in client.options:
        return "next", ""
    if equals and option.startswith("--") and option in client.options:
        return client.options[option], after
    if client.glued and word.startswith(client.glued):
        return "text", word[len(client.glued) :]
    if re.fullmatch(f"-[{client.flags}]+", word):
        return "flag", ""
    return ("unknown", "") if word.startswith("-") else (client.word, word)


def _value(kind: str, value: str, has_token: bool) -> frozenset[str] | None:
    """Return the places one value names; None when it may name more than can be seen."""
    if kind == "host":
        return frozenset(places.host(one) for one in value.split(","))
    if kind == "address":
        return _address(value, ("http", "https"))
    if kind == "database":
        return _database(value)
    if kind == "sql":
        plain = _TOKEN_FREE_SQL.fullmatch(value) and not _SQL_REACHES_OUT.search(value)
        return frozenset() if plain and not has_token else None
    if kind != "text" or value.startswith(("@", "<")):
        return None
    # Backslashes and dollars reach the program as they are (single quotes): only places matter.
    return frozenset(p for p in places.named(value) if not p.startswith("path:"))


def _database(value: str) -> frozenset[str] | None:
    if re.fullmatch(r"\w[\w-]*", value):
        return frozenset()
    if _CONNINFO.fullmatch(value):
        hosts = re.findall(r"\bhost=(\S+)", value)
        return frozenset(places.host(one) for text in hosts for one in text.split(","))
    # A `?` can name another host; only how to encrypt is let through.
    plain = re.fullmatch(r"[^?]*(?:\?sslmode=\w+)?", value)
    return _address(value, ("postgres", "postgresql")) if plain else None


def _address(value: str, schemes: tuple[str, ...]) -> frozenset[str] | None:
    scheme, _, rest = value.partition("://")
    if scheme not in schemes or re.search(r"[\[\]{}\\]|\A[^/]*%", rest):
        return None
    return frozenset(p for p in places.named(value) if not p.startswith("path:"))


def _words(command: str) -> list[Word] | None:
    """Cut a command into words; None for anything but plain words and plain quotes."""
    words: list[Word] = []
    position = 0
    while position < len(command):
        if command[position] == " ":
            position += 1
            continue
        read_word = _word(command, position)
        if read_word is None:
            return None
        word, position = read_word
        words.append(word)
    return words


def _word(command: str, position: int) -> tuple[Word, int] | None:
    text, quotes = "", ""
    while position < len(command) and command[position] != " ":
        letter = command[position]
        if letter in "\"'":
            end = command.find(letter, position + 1)
            inner = command[position + 1 : end]
            if end < 0 or "\n" in inner or (letter == '"' and re.search(r"[$`\\!]", inner)):
                return None
            text, quotes, position = text + inner, quotes + letter, end + 1
        elif _BARE.match(letter):
            text, quotes, position = text + letter, quotes + " ", position + 1
        else:
            return None
    return Word(text, _loosest(quotes)), position


def _loosest(quotes: str) -> str:
    """Return the quotes that protect least: a value may stand in any part of the word."""
    return next((mark for mark in (" ", '"', "'") if mark in quotes), " ")


def _fits(word: Word, values: dict[str, str]) -> bool:
    """Whether putting the values back leaves the word one word without a meaning of its own."""
    inside = [value for token, value in values.items() if token in word.text]
    if word.quote == "'":
        return not any("'" in v or "\n" in v for v in inside)
    if word.quote == '"':
        return not any(re.search(r"[\"$`\\!\n]", v) for v in inside)
    return all(all(map(_BARE.match, v)) for v in inside)


def _put_back(text: str, values: dict[str, str]) -> str:
    for token, value in values.items():
        text = text.replace(token, value)
    return text
