"""Sentences made wrong in one place: another time, address, user, outcome, count, citation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from undersign.languages.when import times
from undersign.records.evidence import CITATION, Evidence

CAUSES = (
    "because the key had been exposed", "due to a missing policy", "in order to read the backups",
    "which led to the outage", "as a result of the phishing mail", "so that it could persist",
    "caused by an open port", "thereby allowing the attacker in",
)  # fmt: skip
ATTRIBUTIONS = (
    "consistent with APT29", "the work of Scattered Spider", "by a nation-state actor",
    "typical of UNC2452", "by a disgruntled employee", "linked to Lazarus", "by FIN7",
    "by a ransomware gang", "as Volt Typhoon does",
)  # fmt: skip
USERS = (
    "mallory",
    "kwilson",
    "svc_report",
    "j.smith",
    "deploybot",
    "priya",
    "Administrator2",
    "hanna",
    "backupadmin",
    "eve",
    "t.nguyen",
    "oracle",
    "www-data",
    "jdoe",
    "contractor7",
    "yusuf",
)
HOSTS = (
    "fileserver",
    "WEB-SRV-9",
    "jumpbox",
    "DC02",
    "printsrv",
    "build-agent-3",
    "LAPTOP-7Q2",
    "bastion",
    "sqlprod",
    "mx1",
    "exchange",
    "ip-10-0-4-9",
)
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:(?:\.|\[\.\])\d{1,3}){3}(?![\w.]*\d)")
_OK = re.compile(
    r"\b(?:succeeded|successfully|was successful|was allowed|was granted|went through|worked|"
    r"completed without errors)\b"
)
_BAD = re.compile(r"\b(?:failed|was rejected|was unsuccessful|did not succeed)\b")
_CALLED = re.compile(r"\bwas called\b|\blogged on\b(?! attempt)")
_COUNT = re.compile(
    r"\b(?:(two|three|four)|([2-9]|\d{2,4})) (?=(?:calls|events|times|lines|users|hosts|logons|"
    r"[A-Z]\w+ calls|Decrypt|Describe\w+|Get\w+|Put\w+|accesses|Kerberos|privilege)\b)", re.I
)  # fmt: skip
_WORDS = ("two", "three", "four", "five", "six", "seven")


@dataclass(frozen=True)
class Corpus:
    """What a value may be replaced with: others of the same kind, from the same logs."""

    evidence: Mapping[str, Evidence]

    def values(self, *roles: str) -> list[str]:
        found = {v for e in self.evidence.values() for r in roles for v in e.facts.get(r, ())}
        return sorted(v for v in found if 2 < len(v) < 60)


Mutation = Callable[[str, Corpus, Random], str | None]


def _cited(sentence: str, corpus: Corpus) -> list[Evidence]:
    ids = [a.strip() for m in CITATION.finditer(sentence) for a in m[1].split(",")]
    return [corpus.evidence[i] for i in ids if i in corpus.evidence]


def _swap(sentence: str, corpus: Corpus, rng: Random, own: str, *roles: str) -> str | None:
    """Replace a name that stands in the sentence with one that its evidence does not have."""
    cited = _cited(sentence, corpus)
    known = {p.casefold() for e in cited for _, v in e.values() for p in re.split(r"[\\/@.]", v)}
    known |= {v.casefold() for e in cited for _, v in e.values()}
    others = [
        v for v in corpus.values(*roles)
        if v.casefold() not in known and re.split(r"[.@\\]", v)[0].casefold() not in known
        and re.fullmatch(r"[\w.$-]+", v) and not v.isdigit() and v.casefold() not in PLAIN
    ]  # fmt: skip
    if not others:
        return None
    place = re.compile(rf"(?<![\w.-]){re.escape(own)}(?![\w-])")
    return place.sub(lambda _: rng.choice(others), sentence, count=1)


PLAIN = frozenset(["system", "administrator", "admin", "none", "win", "local service", "root"])


def _own(sentence: str, corpus: Corpus, *roles: str) -> list[str]:
    body = CITATION.sub("", sentence)
    found = []
    for one in _cited(sentence, corpus):
        for role in roles:
            for value in one.facts.get(role, ()):
                forms = (value, value.split(".")[0], value.split("\\")[-1])
                found += [f for f in forms if _stands(f, body)]
    return found


def _stands(form: str, body: str) -> bool:
    if len(form) < 3 or form.casefold() in PLAIN:
        return False
    return re.search(rf"(?<![\w.\\-]){re.escape(form)}(?![\w-])", body) is not None


def time(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    found = [w for w in times(CITATION.sub(lambda m: " " * len(m[0]), sentence)) if w.time]
    loose = re.compile(r"(?:about|after|before|noon|between)\W*$")
    found = [w for w in found if not loose.search(sentence[max(0, w.start - 10) : w.start])]
    if not found:
        return None
    when = rng.choice(found)
    piece = sentence[when.start : when.end]
    clock = re.search(r"(\d{1,2}):(\d\d)", piece)
    if clock is None:
        return None
    moved = timedelta(hours=int(clock[1]), minutes=int(clock[2])) + timedelta(
        minutes=rng.choice((-1, 1)) * rng.randrange(1, 60)
    )
    minutes = int(moved.total_seconds() // 60) % (24 * 60)
    hour = minutes // 60
    if re.search(r"[AP]M", piece):
        hour = hour % 12 or 12
    new = piece.replace(clock[0], f"{hour:0{len(clock[1])}d}:{minutes % 60:02d}", 1)
    return sentence[: when.start] + new + sentence[when.end :]


def address(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    found = list(_ADDRESS.finditer(CITATION.sub(lambda m: " " * len(m[0]), sentence)))
    if not found:
        return None
    match = rng.choice(found)
    known = {v for e in _cited(sentence, corpus) for v in e.facts.get("address", ())}
    others = [v for v in corpus.values("address") if v[0].isdigit() and "." in v and v not in known]
    others = [v for v in others if not any(v in k or k in v for k in known)]
    other = rng.choice(others)
    if "[.]" in match[0]:
        other = other.replace(".", "[.]")
    return sentence[: match.start()] + other + sentence[match.end() :]


def user(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    own = _own(sentence, corpus, "actor")
    return _swap(sentence, corpus, rng, rng.choice(own), "actor") if own else None


def host(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    own = _own(sentence, corpus, "host")
    return _swap(sentence, corpus, rng, rng.choice(own), "host") if own else None


def _invent(
    sentence: str, corpus: Corpus, rng: Random, names: Sequence[str], *roles: str
) -> str | None:
    """Put a name that is nowhere in the incident, as a model does that makes one up."""
    own = _own(sentence, corpus, *roles)
    if not own:
        return None
    place = re.compile(rf"(?<![\w.-]){re.escape(rng.choice(own))}(?![\w-])")
    return place.sub(lambda _: rng.choice(names), sentence, count=1)


def user_invented(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    return _invent(sentence, corpus, rng, USERS, "actor")


def host_invented(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    return _invent(sentence, corpus, rng, HOSTS, "host")


def region(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    own = _own(sentence, corpus, "region")
    if not own:
        return None
    return sentence.replace(own[0], rng.choice(("eu-central-1", "ap-south-1", "us-west-2")), 1)


def outcome(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    outcomes = {e.outcome for e in _cited(sentence, corpus)}
    if outcomes == {"success"}:
        if _OK.search(sentence):
            return _OK.sub("failed", sentence, 1)
        if _CALLED.search(sentence):
            return _CALLED.sub(rng.choice(("was denied", "failed", "was rejected")), sentence, 1)
    if outcomes == {"failure"} and _BAD.search(sentence):
        return _BAD.sub("succeeded", sentence, 1)
    return None


def event(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    body = CITATION.sub(lambda m: " " * len(m[0]), sentence)
    number = re.search(r"(?<=[Ee]vent )\d{1,4}\b|(?<=event ID )\d{1,4}\b", body)
    if number is not None:
        known = {v for e in _cited(sentence, corpus) for v in e.facts.get("event", ())}
        others = [v for v in corpus.values("event") if v not in known] or ["4663"]
        return sentence[: number.start()] + rng.choice(others) + sentence[number.end() :]
    own = [n for n in _own(sentence, corpus, "action") if re.fullmatch(r"[A-Z][a-z]+[A-Z]\w+", n)]
    if not own:
        return None
    known = {v for e in _cited(sentence, corpus) for v in e.facts.get("action", ())}
    others = [v for v in corpus.values("action") if re.fullmatch(r"[A-Z][a-z]+[A-Z]\w+", v)]
    return sentence.replace(own[0], rng.choice([o for o in others if o not in known]), 1)


def count(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    match = _COUNT.search(CITATION.sub(lambda m: " " * len(m[0]), sentence))
    if match is None:
        return sentence.replace(". [", ", 47 times in all. [", 1) if ". [" in sentence else None
    new = rng.choice(("17", "46", "120", "nine"))
    return sentence[: match.start()] + new + " " + sentence[match.end() :]


def citation_dropped(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    return CITATION.sub("", sentence)


def citation_other(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    own = {e.id for e in _cited(sentence, corpus)}
    return CITATION.sub(f"[{rng.choice([i for i in corpus.evidence if i not in own])}]", sentence)


def citation_invented(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    source, line = rng.choice(("trail", "evtx", "chat")), rng.randrange(900_000, 999_999)
    return CITATION.sub(f"[{source}:{line}]", sentence)


def cause(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    return _inserted(sentence, " " + rng.choice(CAUSES))


def attribution(sentence: str, corpus: Corpus, rng: Random) -> str | None:
    return _inserted(sentence, ", " + rng.choice(ATTRIBUTIONS))


def _inserted(sentence: str, words: str) -> str | None:
    match = re.search(r"\.? \[[^\]]+\]\s*$", sentence)
    if match is None:
        return None
    return f"{sentence[: match.start()]}{words}.{sentence[match.start() :].lstrip('.')}"


MUTATIONS: Mapping[str, Mutation] = {
    "time": time, "address": address, "user": user, "user made up": user_invented, "host": host,
    "host made up": host_invented, "region": region,
    "outcome": outcome, "event": event, "count": count, "citation dropped": citation_dropped,
    "citation of another line": citation_other, "citation invented": citation_invented,
    "added cause": cause, "added attribution": attribution,
}  # fmt: skip


def mutated(name: str, sentence: str, corpus: Corpus, rng: Random, tries: int = 3) -> Iterator[str]:
    """Yield different wrong forms of a sentence; none when the mutation does not apply."""
    seen = {sentence}
    for _ in range(tries):
        made = MUTATIONS[name](sentence, corpus, rng)
        if made is not None and made not in seen:
            seen.add(made)
            yield made
