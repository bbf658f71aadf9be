"""A whole search: macros put in, cut into commands, each read by the table in `commands.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from undersign.languages.spl.commands import PARSERS
from undersign.languages.spl.macros import DEFAULT, Macros, expand
from undersign.languages.spl.parts import Part
from undersign.languages.spl.placed import Placed
from undersign.languages.spl.scan import MAX_DEPTH, SplError, commands, trimmed
from undersign.languages.spl.tree import Command, Tree
from undersign.records.query import Problem

MAX_PROBLEMS = 10
"""After so many, the rest of a search is not read."""
MAX_COMMANDS = 2_000
_NAME = re.compile(r"([A-Za-z_][\w-]*)(?=[\s(\[\"|]|$)")
_GENERATING = ("tstats", "mstats", "makeresults", "inputlookup", "from", "union", "datamodel")
"""Commands that make rows, so that a search may begin with them."""
FORBIDDEN = {
    "outputlookup": "it writes a lookup", "outputcsv": "it writes a file",
    "outputtext": "it writes a file", "collect": "it writes events", "mcollect": "it writes events",
    "meventcollect": "it writes events", "tscollect": "it writes a file", "delete": "it deletes",
    "sendemail": "it sends mail", "sendalert": "it starts an action", "rest": "it reaches out",
    "script": "it runs a program", "run": "it runs a program", "dbxquery": "it reaches out",
    "dbxoutput": "it writes to a database", "map": "it starts other searches",
    "savedsearch": "it starts another search", "loadjob": "it reads another search's results",
    "multisearch": "it starts other searches", "curl": "it reaches out", "dump": "it writes files",
}  # fmt: skip
"""Commands that write or reach out: command -> what it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """A tree with its text, and what could not be read."""

    placed: Placed
    tree: Tree
    problems: tuple[Problem, ...] = ()
    hints: tuple[Problem, ...] = ()


@lru_cache(maxsize=256)
def tree(text: str, macros: Macros = DEFAULT) -> Parsed:
    """Parse a search; what cannot be read is in `problems`, nothing is raised."""
    try:
        placed, problems, hints = expand(text, macros)
    except SplError as error:
        here = Placed(text, text)
        problem = Problem(error.kind, error.message, here.span(error.start, error.end))
        return Parsed(here, Tree((), 0, 0), (problem,))
    reader = _Reader(placed, problems)
    found = reader.pipeline(0, len(placed.text))
    return Parsed(placed, found, tuple(reader.problems), tuple(hints))


class _Reader:
    def __init__(self, placed: Placed, problems: list[Problem]) -> None:
        self.placed = placed
        self.text = placed.text
        self.problems = problems
        self.depth = 0

    def continued(self, start: int, end: int) -> Tree:
        """Read a pipeline that goes on from rows, so that it begins with a command's name."""
        return self.pipeline(start, end, goes_on=True)

    def pipeline(self, start: int, end: int, goes_on: bool = False) -> Tree:
        """Read one pipeline; its unreadable commands stay in it, marked."""
        start, end = trimmed(self.text, start, end)
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH // 4:
                raise SplError("subsearches are nested too deeply", start)
            pieces = commands(self.text, start, end)
            if len(pieces) > MAX_COMMANDS:
                raise SplError("this search has too many commands", pieces[MAX_COMMANDS][0])
        except SplError as error:
            self._problem(error)
            return Tree((), start, end)
        finally:
            self.depth -= 1
        self.depth += 1
        first, count = int(goes_on), len(pieces)
        if goes_on and count > 1 and not self.text[slice(*pieces[0])].strip():
            pieces, count = pieces[1:], count - 1
        found = [c for i, p in enumerate(pieces, first) if (c := self._piece(i, *p, count))]
        self.depth -= 1
        return Tree(tuple(found), start, end)

    def _piece(self, index: int, start: int, end: int, count: int) -> Command | None:
        start, end = trimmed(self.text, start, end)
        if len(self.problems) > MAX_PROBLEMS:
            return None
        if start == end:
            if index > 0 or count == 1:
                self._problem(SplError("there is no command here", max(0, start - 1), start))
            return None
        part = self._part(index, start, end, piped=count > 1 and self._after_pipe(start))
        parser = PARSERS.get(part.name)
        if parser is None:
            self._problem(_unknown(part), part.name[:60])
            return replace(part.command(), text=self.text[part.begin : end], broken=True)
        try:
            return parser(part)
        except SplError as error:
            self._problem(error, part.name)
            return replace(part.command(), broken=True)

    def _after_pipe(self, start: int) -> bool:
        return self.text[:start].rstrip().endswith("|")

    def _part(self, index: int, start: int, end: int, piped: bool) -> Part:
        head = _NAME.match(self.text, start, end)
        name = head[1].lower() if head else ""
        explicit = index > 0 or piped or name == "search" or name in _GENERATING
        if not explicit or head is None:
            return Part(self.text, "search" if not piped else self._first_word(start, end),
                        start, start, end, self.pipeline, self.continued)  # fmt: skip
        return Part(self.text, name, start, head.end(), end, self.pipeline, self.continued)

    def _first_word(self, start: int, end: int) -> str:
        return self.text[start:end].split()[0][:40]

    def _problem(self, error: SplError, name: str = "") -> None:
        span = self.placed.span(error.start, error.end)
        self.problems.append(Problem(error.kind, error.message, span, name))


def _unknown(part: Part) -> SplError:
    name = part.name[:60]
    if name in FORBIDDEN:
        message = f"`{name}` is never run here: {FORBIDDEN[name]}"
        return SplError(message, part.start, part.begin, "forbidden")
    message = f"the command `{name}` is not supported"
    return SplError(message, part.start, part.begin, "unsupported")
