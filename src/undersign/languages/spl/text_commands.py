"""Commands with an expression or a table of their own: rex, regex, lookup, inputlookup."""

from __future__ import annotations

import re
from dataclasses import replace

from undersign.languages.spl.parts import Part, read_pairs, take_options
from undersign.languages.spl.scan import SplError, Word, string_end, trimmed, words
from undersign.languages.spl.search_terms import search_expression
from undersign.languages.spl.tree import Command, Name

_REX_OPTION = re.compile(r"\s*([a-z_]+)\s*=\s*(\"[^\"]*\"|[^\s\"]+)(?=\s|$)")


def rex(part: Part) -> Command:
    """Read rex: options, and one regular expression with or without quotes."""
    options: dict[str, Name] = {}
    pattern = ""
    at = part.begin
    while at < part.end:
        option = _REX_OPTION.match(part.text, at, part.end)
        if option:
            value = option[2].strip('"')
            options[option[1]] = Name(value, option.start(2), option.end(2))
            at = option.end()
        elif pattern:
            raise SplError("rex needs one regular expression", at, part.end)
        else:
            word = _pattern(part, at)
            pattern, at = word.value, word.end
        at, _ = trimmed(part.text, at, part.end)
    mode = options["mode"].value.lower() if "mode" in options else ""
    return replace(part.command(), options=options, text=pattern, mode=mode)


def _pattern(part: Part, at: int) -> Word:
    """Return a regular expression, with or without quotes."""
    if part.text[at] == '"':
        return words(part.text, at, string_end(part.text, at, part.end))[0]
    end = at
    while end < part.end and not part.text[end].isspace():
        end += 1
    return Word("word", part.text[at:end], at, end)


def regex(part: Part) -> Command:
    """Read regex: a field and an expression in quotes."""
    found = re.compile(r"\s*(?:([\w.{}:*-]+)\s*(!?=)\s*)?(?=\")").match(part.text, part.begin)
    tokens = words(part.text, found.end() if found else part.begin, part.end)
    if not found or len(tokens) != 1 or tokens[0].kind != "string":
        raise SplError('regex needs field="expression"', part.start, part.end)
    name = Name(found[1] or "_raw", found.start(1) if found[1] else part.begin, found.end())
    return replace(part.command(), fields=(name,), mode=found[2] or "=", text=tokens[0].value)


def lookup(part: Part) -> Command:
    """Read lookup: its name, what to look up, and OUTPUT fields."""
    options, rest = take_options(part.words())
    rest = [t for t in rest if t.kind != ","]
    if not rest:
        raise SplError("lookup needs the name of a lookup", part.start, part.end)
    at = next(
        (i for i, t in enumerate(rest) if t.value.upper() in ("OUTPUT", "OUTPUTNEW")), len(rest)
    )
    return replace(
        part.command(),
        options=options,
        text=rest[0].value,
        pairs=read_pairs(rest[1:at]),
        outputs=read_pairs(rest[at + 1 :]),
        mode=rest[at].value.upper() if at < len(rest) else "",
    )


def inputlookup(part: Part) -> Command:
    """Read inputlookup: its name and a where."""
    tokens = part.words()
    at = next((i for i, t in enumerate(tokens) if t.value.lower() == "where"), len(tokens))
    options, rest = take_options(tokens[:at])
    if not rest:
        raise SplError("inputlookup needs the name of a lookup", part.start, part.end)
    where = None
    if at < len(tokens):
        where = search_expression(part.text, tokens[at].end, part.end, part.subsearch)
    return replace(part.command(), options=options, text=rest[0].value, search=where)
