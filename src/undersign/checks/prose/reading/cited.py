"""The evidence that a sentence cites, ready to be compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from undersign.checks.prose.reading.named import in_place_of_a_name
from undersign.checks.prose.reading.stated import Stated, Thing
from undersign.records.claim import Claim, Entry
from undersign.records.document import Sentence
from undersign.records.evidence import CaseFile, Evidence, Medium
from undersign.records.timeline import Timeline

_PARTS = re.compile(r"[\\/@:,=;|\s\"'()\[\]{}<>]+")
_WORD = re.compile(r"[A-Za-z][\w.$-]*[\w$]")
_NUMBERS = re.compile(r"(?<![\w.])\d+(?![\w])")


@dataclass(frozen=True)
class Cited:
    """What one sentence cites."""

    evidence: tuple[Evidence, ...]
    claims: tuple[Claim, ...] = ()
    entries: tuple[Entry, ...] = ()
    """Entries of the claims it cites, and of the evidence when an entry has no other."""
    unknown: tuple[str, ...] = ()
    """Addresses and ids that nothing is at."""

    @cached_property
    def times(self) -> tuple[datetime, ...]:
        """Every moment of the evidence and of the entries, UTC."""
        found = [one.time for one in self.evidence if one.time]
        found += [t for entry in self.entries for t in (entry.start, entry.end) if t]
        return tuple(dict.fromkeys(found))

    @cached_property
    def by_role(self) -> Mapping[str, frozenset[str]]:
        """Role -> typed values, in lower case."""
        found: dict[str, set[str]] = {}
        for one in self.evidence:
            for role, value in one.values():
                found.setdefault(role, set()).add(value.casefold())
            if one.author:
                found.setdefault("actor", set()).add(one.author.casefold())
        return {role: frozenset(values) for role, values in found.items()}

    @cached_property
    def parts(self) -> frozenset[str]:
        """Typed values, and the pieces that people name them by: a file of a path, a short host."""
        found: set[str] = set()
        for values in self.by_role.values():
            for value in values:
                found |= set(pieces(value))
        return frozenset(found)

    @cached_property
    def templates(self) -> frozenset[str]:
        """What alike lines of an entry have in common, in lower case."""
        texts = [entry.template for entry in self.entries]
        texts += [claim.slots.get("template", "") for claim in self.claims]
        return frozenset(text.casefold() for text in texts if text)

    @cached_property
    def text(self) -> str:
        """The raw lines and messages, in lower case."""
        return "\n".join(f"{one.raw}\n{one.text}" for one in self.evidence).casefold()

    @cached_property
    def numbers(self) -> frozenset[int]:
        """Whole numbers that stand in typed fields or messages, and counts of entries."""
        found = {entry.count for entry in self.entries}
        for one in self.evidence:
            for _, value in one.values():
                found |= {int(n) for n in _NUMBERS.findall(value) if len(n) < 19}
            if one.medium is not Medium.LOG:
                found |= {int(n) for n in _NUMBERS.findall(one.text) if len(n) < 19}
        return frozenset(found)

    @property
    def messages(self) -> tuple[Evidence, ...]:
        """What people wrote."""
        return tuple(one for one in self.evidence if one.medium is not Medium.LOG)

    @property
    def logs(self) -> tuple[Evidence, ...]:
        """Lines of logs."""
        return tuple(one for one in self.evidence if one.medium is Medium.LOG)


def pieces(value: str) -> Iterator[str]:
    """Yield a value and the pieces that people name it by, in lower case."""
    lowered = value.casefold()
    yield lowered
    yield from (part for part in _PARTS.split(lowered) if part)
    for part in _PARTS.split(lowered):
        first, dot, _ = part.partition(".")
        if dot and not first.isdigit():
            yield first
    if lowered.endswith(".amazonaws.com"):
        yield lowered.removesuffix(".amazonaws.com")


class Reader:
    """Looks up what sentences cite in the evidence and the timeline of an incident."""

    def __init__(self, case: CaseFile, timeline: Timeline | None) -> None:
        self._case = case
        self._claims: dict[str, tuple[Claim, Entry | None]] = {}
        self._groups: dict[str, list[Entry]] = {}
        for claim in timeline.claims if timeline else ():
            self._claims[claim.id] = (claim, None)
        for entry in timeline.entries if timeline else ():
            self._claims[entry.claim.id] = (entry.claim, entry)
            if entry.count > 1 and entry.claim.evidence:
                self._groups.setdefault(entry.claim.evidence[-1], []).append(entry)

    def cited(self, sentence: Sentence) -> Cited:
        """Return what a sentence cites; a claim stands for its evidence and its entry."""
        evidence: dict[str, Evidence] = {}
        claims: list[Claim] = []
        entries: list[Entry] = []
        unknown: list[str] = []
        for one in sentence.cited:
            if ":" in one:
                found = self._case.get(one)
                if found is None:
                    unknown.append(one)
                else:
                    evidence[one] = found
            elif one in self._claims:
                claims.append(self._claims[one][0])
                self._add_claim(one, evidence, entries)
            else:
                unknown.append(one)
        # Who cites the first and the last line of a run cites all of it.
        for one in list(evidence):
            entries += [e for e in self._groups.get(one, ()) if e.claim.evidence[0] in evidence]
        return Cited(tuple(evidence.values()), tuple(claims), tuple(entries), tuple(unknown))

    def _add_claim(
        self, claim_id: str, evidence: dict[str, Evidence], entries: list[Entry]
    ) -> None:
        claim, entry = self._claims[claim_id]
        entries += [entry] if entry else []
        evidence |= {a: e for a in claim.evidence if (e := self._case.get(a)) is not None}
        for inner in claim.claims:
            if inner in self._claims and (other := self._claims[inner][1]):
                entries.append(other)


def known_names(case: CaseFile) -> Mapping[str, str]:
    """Return lower-case name -> its spelling, of the users, hosts and actions of an incident.

    Words that are also plain English are left out: `root cause` names no user.
    """
    return {
        value.casefold(): value
        for one in case.evidence.values()
        for role, value in one.values()
        if role in ("actor", "target", "host", "region", "action") and _is_a_name(value)
    }


def things_of(said: Stated, names: Mapping[str, str]) -> Iterator[Thing]:
    """Yield every name of a sentence: by its shape, because it is known, or by where it stands."""
    yield from said.things
    yield from (part for one in said.things for part in domains_of(one, names))
    known = list(unmarked(said, names))
    yield from known
    taken = {one.start for one in known}
    yield from (one for one in in_place_of_a_name(said) if one.start not in taken)


def unmarked(said: Stated, names: Mapping[str, str]) -> Iterator[Thing]:
    """Yield plain words of a sentence that are names of its incident."""
    for match in _WORD.finditer(said.words):
        word = match[0].removesuffix("'s").rstrip(".")
        bare = word.rstrip("$")
        if any(names.get(one.casefold()) == one for one in (word, bare)):
            yield Thing("name", word, match.start(), match.start() + len(word), "")


def domains_of(thing: Thing, names: Mapping[str, str]) -> Iterator[Thing]:
    """Yield the host before an account, as in `WS01\\alice`, when it is one of the incident."""
    host, mark, _ = thing.value.partition("\\")
    if mark and thing.kind in ("account", "code") and host.casefold() in names:
        yield Thing("name", host, thing.start, thing.start + len(host), "")


_PLAIN = frozenset(
    [
        "admin",
        "administrator",
        "root",
        "test",
        "user",
        "users",
        "guest",
        "system",
        "deploy",
        "service",
        "services",
        "monitor",
        "backup",
        "support",
        "default",
        "local",
        "public",
        "network",
        "login",
        "logon",
        "logout",
        "session",
        "get",
        "post",
        "put",
        "delete",
        "list",
        "read",
        "write",
        "create",
        "update",
        "patch",
        "watch",
        "head",
        "options",
        "command",
        "process",
        "file",
        "host",
        "server",
        "client",
        "database",
        "web",
        "mail",
        "app",
        "api",
        "data",
        "alert",
        "alerts",
        "incident",
        "true",
        "false",
        "none",
        "null",
        "unknown",
        "anonymous",
        "security",
        "disconnect",
        "cron",
        "sudo",
        "allowed",
        "blocked",
        "dns",
        "http",
        "tls",
        "conn",
        "ssl",
        "and",
        "the",
        "for",
        "with",
        "from",
        "that",
        "this",
        "was",
        "were",
        "are",
        "not",
        "has",
        "have",
        "had",
        "who",
        "what",
        "when",
        "where",
        "why",
        "how",
        "all",
        "any",
        "one",
        "two",
        "info",
        "warning",
        "error",
        "account",
        "accounts",
        "group",
        "groups",
        "role",
        "roles",
        "policy",
        "key",
        "keys",
        "device",
        "devices",
        "bot",
    ]
)


def _is_a_name(value: str) -> bool:
    return (
        3 <= len(value) <= 64
        and value.casefold() not in _PLAIN
        and " " not in value
        and (not value.isdigit())
    )
