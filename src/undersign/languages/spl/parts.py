"""What every command's parser starts from: its words, options, fields and `old AS new` pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from undersign.languages.spl.scan import SplError, Word, words
from undersign.languages.spl.stats_arguments import name_of
from undersign.languages.spl.tree import Command, Name, Pair, Tree


@dataclass(frozen=True, slots=True)
class Part:
    """What a command's parser is handed: where its arguments are, and how to read a subsearch."""

    text: str
    name: str
    start: int
    """Of the command's name."""
    begin: int
    """Of its arguments."""
    end: int
    subsearch: Callable[[int, int], Tree]
    continued: Callable[[int, int], Tree]
    """Reads a pipeline that goes on from rows."""

    def command(self) -> Command:
        """Return the command without any arguments yet."""
        return Command(self.name, self.start, self.end)

    def words(self) -> list[Word]:
        """Cut the arguments into words."""
        return words(self.text, self.begin, self.end)


def take_options(tokens: list[Word]) -> tuple[dict[str, Name], list[Word]]:
    """Take `key=value` out of a command's words."""
    options: dict[str, Name] = {}
    rest: list[Word] = []
    at = 0
    while at < len(tokens):
        if at + 2 < len(tokens) and tokens[at + 1].kind == "=" and tokens[at].kind == "word":
            options[tokens[at].value.lower()] = name_of(tokens[at + 2])
            at += 3
        else:
            rest.append(tokens[at])
            at += 1
    return options, rest


def read_names(tokens: list[Word]) -> tuple[Name, ...]:
    """Return words as fields; raises SplError for anything else."""
    for token in tokens:
        if token.kind not in ("word", "string", "name", ","):
            raise SplError(f"unexpected {token.value[:40]!r}", token.start, token.end)
    return tuple(name_of(t) for t in tokens if t.kind != ",")


def read_pairs(tokens: list[Word], needed: bool = False) -> tuple[Pair, ...]:
    """Read `old AS new`, or just a name where it is not `needed`."""
    tokens = [t for t in tokens if t.kind != ","]
    found: list[Pair] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind not in ("word", "string", "name"):
            raise SplError(f"unexpected {token.value[:40]!r}", token.start, token.end)
        renamed = at + 2 < len(tokens) and tokens[at + 1].value.lower() == "as"
        if needed and not renamed:
            raise SplError("rename needs `old AS new`", token.start, token.end)
        found.append(Pair(name_of(token), name_of(tokens[at + 2] if renamed else token)))
        at += 3 if renamed else 1
    return tuple(found)
