"""One command of a search: its text -> a `Command`, by the table at the end.

A command that is not in the table is kept, marked as broken, and named in a problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from undersign.languages.spl import text_commands
from undersign.languages.spl.expressions import expression
from undersign.languages.spl.parts import Part, read_names, read_pairs, take_options
from undersign.languages.spl.scan import SplError, Word, each_word, is_count, words
from undersign.languages.spl.search_terms import search_expression
from undersign.languages.spl.stats_arguments import aggregation, by_fields, name_of
from undersign.languages.spl.tree import Assign, By, Command, Key, Name

_ASSIGNED = re.compile(r"[\s,]*(\"[^\"]*\"|'[^']*'|[^\s=,()\"'|]+)\s*=(?!=)")
_KEYWORD = re.compile(r"\b(from|where|by|groupby|over)\b", re.IGNORECASE)


def _search(part: Part) -> Command:
    found = search_expression(part.text, part.begin, part.end, part.subsearch)
    return replace(part.command(), search=found)


def _where(part: Part) -> Command:
    return replace(part.command(), where=expression(part.text, part.begin, part.end))


def _eval(part: Part) -> Command:
    assigns: list[Assign] = []
    at = part.begin
    while at < part.end:
        head = _ASSIGNED.match(part.text, at, part.end)
        if head is None:
            raise SplError("expected name=expression", at, part.end)
        stop = _assign_end(part.text, head.end(), part.end)
        raw = head[1]
        quoted = raw[0] in "\"'"
        name = Name(raw[1:-1] if quoted else raw, head.start(1), head.end(1), quoted)
        assigns.append(Assign(name, expression(part.text, head.end(), stop)))
        at = stop
        while at < part.end and (part.text[at] == "," or part.text[at].isspace()):
            at += 1
    if not assigns:
        raise SplError("eval needs name=expression", part.start, part.end)
    return replace(part.command(), assigns=tuple(assigns))


def _assign_end(text: str, start: int, end: int) -> int:
    """Return where one eval assignment ends: at a comma outside of parentheses, or at the end."""
    depth = 0
    for token in each_word(text, start, end):
        depth += (token.kind == "(") - (token.kind == ")")
        if token.kind == "," and depth == 0:
            return token.start
    return end


def _stats(part: Part) -> Command:
    found = aggregation(part.text, part.begin, part.end)
    if not found.aggregates:
        raise SplError(f"{part.name} needs an aggregate such as count", part.start, part.end)
    by: list[By] = []
    over = _KEYWORD.match(part.text, found.at, part.end)
    if over and over[0].lower() == "over":
        second = _KEYWORD.search(part.text, over.end(), part.end)
        by = by_fields(part.text, over.end(), second.start() if second else part.end)
        if second:
            by += by_fields(part.text, second.end(), part.end)
    elif over:
        by = by_fields(part.text, over.end(), part.end)
    return replace(
        part.command(),
        options=found.options,
        aggregates=tuple(found.aggregates),
        by=tuple(by),
        mode="over" if over and over[0].lower() == "over" else "",
    )


def _tstats(part: Part) -> Command:
    found = aggregation(part.text, part.begin, part.end)
    if not found.aggregates:
        raise SplError("tstats needs an aggregate such as count", part.start, part.end)
    options = dict(found.options)
    clauses = _clauses(part.text, found.at, part.end)
    search = None
    by: tuple[By, ...] = ()
    model = ""
    for keyword, start, end in clauses:
        if keyword == "from":
            model = _data_model(words(part.text, start, end))
        elif keyword == "where":
            search = search_expression(part.text, start, end, part.subsearch)
        else:
            by = tuple(by_fields(part.text, start, end))
    return replace(
        part.command(),
        options=options,
        aggregates=tuple(found.aggregates),
        text=model,
        search=search,
        by=by,
    )


def _clauses(text: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """Find from, where and by outside of strings, brackets and parentheses."""
    marks: list[tuple[str, int, int]] = []
    depth = 0
    for token in words(text, start, end):
        depth += (token.kind == "(") - (token.kind == ")")
        keyword = token.value.lower()
        if token.kind == "word" and depth == 0 and keyword in ("from", "where", "by", "groupby"):
            marks.append((keyword, token.start, token.end))
    ends = [start for _, start, _ in marks[1:]] + [end]
    return [(word, after, stop) for (word, _, after), stop in zip(marks, ends, strict=False)]


def _data_model(tokens: list[Word]) -> str:
    values = [t.value for t in tokens if t.kind in ("word", "string")]
    if values and values[0].lower() == "datamodel":
        return ".".join(values[1:])
    if values and values[0].lower().startswith("datamodel:"):
        return values[0].partition(":")[2]
    return ""


def _rename(part: Part) -> Command:
    return replace(part.command(), pairs=read_pairs(part.words(), needed=True))


def _fields(part: Part) -> Command:
    tokens = part.words()
    mode = ""
    if tokens and tokens[0].value in ("-", "+"):
        mode, tokens = tokens[0].value, tokens[1:]
    elif tokens and tokens[0].value[0] in "+-" and tokens[0].kind == "word":
        head = tokens[0]
        mode = head.value[0]
        tokens[0] = Word("word", head.value[1:], head.start + 1, head.end)
    if not tokens:
        raise SplError(f"{part.name} needs a field", part.start, part.end)
    return replace(part.command(), fields=read_names(tokens), mode=mode)


def _listed(part: Part) -> Command:
    """dedup, head, tail, fillnull, mvexpand, ...: options, a number, and fields."""
    options, rest = take_options(part.words())
    number = None
    by: tuple[By, ...] = ()
    at = next((i for i, t in enumerate(rest) if t.value.lower() in ("by", "sortby")), len(rest))
    tail, rest = rest[at + 1 :], rest[:at]
    order: tuple[Key, ...] = ()
    if tail and part.name == "dedup":
        order = _keys(tail)
    elif tail:
        by = tuple(By(n) for n in read_names(tail))
    if rest and rest[0].kind == "word" and is_count(rest[0].value):
        number, rest = int(rest[0].value), rest[1:]
    subs = tuple(part.subsearch(t.start + 1, t.end - 1) for t in rest if t.kind == "sub")
    names = read_names([t for t in rest if t.kind != "sub"])
    return replace(
        part.command(),
        options=options, number=number, fields=names, by=by, order=order, inner=subs,
    )  # fmt: skip


def _head(part: Part) -> Command:
    tokens = part.words()
    if not tokens or (len(tokens) == 1 and is_count(tokens[0].value)):
        return _listed(part)
    if tokens[0].value.lower() == "limit" and is_count(tokens[-1].value):
        return replace(part.command(), number=int(tokens[-1].value))
    return replace(part.command(), where=expression(part.text, part.begin, part.end))


def _sort(part: Part) -> Command:
    tokens = [t for t in part.words() if t.kind != ","]
    options, tokens = take_options(tokens)
    number = None
    if tokens and is_count(tokens[0].value):
        number, tokens = int(tokens[0].value), tokens[1:]
    elif "limit" in options and is_count(options["limit"].value):
        number = int(options["limit"].value)
    mode = ""
    if tokens and tokens[-1].value.lower() in ("d", "desc") and len(tokens) > 1:
        mode, tokens = "desc", tokens[:-1]
    return replace(part.command(), number=number, order=_keys(tokens), mode=mode)


def _keys(tokens: list[Word]) -> tuple[Key, ...]:
    found: list[Key] = []
    descending = False
    at = 0
    while at < len(tokens):
        token = tokens[at]
        value = token.value
        if token.kind == "word" and value in ("-", "+"):
            descending = value == "-"
            at += 1
            continue
        if token.kind == "word" and value[:1] in "+-":
            descending, value = value[0] == "-", value[1:]
        kind = "auto"
        if (
            value in ("num", "str", "ip", "auto")
            and at + 2 < len(tokens)
            and (tokens[at + 1].kind == "(")
        ):
            kind, token, at = value, tokens[at + 2], at + 3
            value = token.value
        if token.kind not in (",", "("):
            found.append(Key(Name(value, token.start, token.end), descending, kind))
            descending = False
        at += 1
    if not found:
        raise SplError("sort needs a field", tokens[0].start if tokens else 0)
    return tuple(found)


def _bin(part: Part) -> Command:
    options, rest = take_options(part.words())
    pairs = read_pairs(rest)
    if len(pairs) != 1:
        raise SplError(f"{part.name} needs one field", part.start, part.end)
    return replace(part.command(), name="bin", options=options, pairs=pairs)


def _convert(part: Part) -> Command:
    found = re.compile(r"\s*timeformat\s*=\s*(\"[^\"]*\"|\S+)").match(part.text, part.begin)
    begin = found.end() if found else part.begin
    read = aggregation(part.text, begin, part.end)
    options = (
        {"timeformat": Name(found[1].strip('"'), found.start(1), found.end(1))} if found else {}
    )
    return replace(part.command(), options=options, aggregates=tuple(read.aggregates))


def _join(part: Part) -> Command:
    options, rest = take_options(part.words())
    subs = [t for t in rest if t.kind == "sub"]
    if len(subs) != 1:
        raise SplError(f"{part.name} needs one subsearch in brackets", part.start, part.end)
    read = part.continued if part.name == "appendpipe" else part.subsearch
    inner = (read(subs[0].start + 1, subs[0].end - 1),)
    names = read_names([t for t in rest if t.kind != "sub" and t.value.lower() != "on"])
    return replace(part.command(), options=options, fields=names, inner=inner)


def _foreach(part: Part) -> Command:
    options, rest = take_options(part.words())
    subs = [t for t in rest if t.kind == "sub"]
    names = read_names([t for t in rest if t.kind != "sub"])
    template = subs[0].value.strip() if len(subs) == 1 else ""
    text = template[4:].strip() if template.lower().startswith("eval") else ""
    return replace(part.command(), options=options, fields=names, text=text)


def _from(part: Part) -> Command:
    return replace(part.command(), text=_data_model(part.words()))


def _transaction(part: Part) -> Command:
    options, rest = take_options(part.words())
    names = tuple(name_of(t) for t in rest if t.kind in ("word", "string", "name"))
    mode = "eval" if any(t.kind == "(" for t in rest) else ""
    return replace(part.command(), options=options, fields=names, mode=mode)


PARSERS: Mapping[str, Callable[[Part], Command]] = {
    "search": _search, "where": _where, "eval": _eval, "stats": _stats, "eventstats": _stats,
    "streamstats": _stats, "chart": _stats, "timechart": _stats, "tstats": _tstats,
    "rename": _rename, "fields": _fields, "table": _fields, "dedup": _listed, "head": _head,
    "tail": _listed, "fillnull": _listed, "mvexpand": _listed, "makemv": _listed, "nomv": _listed,
    "top": _listed, "rare": _listed, "reverse": _listed, "sort": _sort, "rex": text_commands.rex,
    "regex": text_commands.regex, "lookup": text_commands.lookup,
    "inputlookup": text_commands.inputlookup, "bin": _bin, "bucket": _bin, "convert": _convert,
    "join": _join, "append": _join, "appendcols": _join, "appendpipe": _join, "union": _listed,
    "spath": _listed, "transaction": _transaction, "makeresults": _listed, "from": _from,
    "foreach": _foreach,
}  # fmt: skip
