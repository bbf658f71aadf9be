"""Which of our categories a finding of another tool is of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from undersign.catalogs import weaknesses

_OF_WORDS = 400
"""Characters of a message in which a category is looked for: the rest is advice."""
_CODE = re.compile(r"(?:^|[./])([SB]\d{3})$")
"""A rule of flake8-bandit as ruff writes it, or of bandit itself; `python:S107` is Sonar's."""


@cache
def _rules() -> Mapping[str, Mapping[str, str]]:
    text = files("undersign.catalogs.code").joinpath("rules.toml").read_text("utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=16_384)
def category_of(rule: str, cwe: tuple[str, ...], message: str) -> str:
    """Return our category of a finding: by its rule, its CWE, or the words of its message.

    Empty when nothing tells, or when it is known to be of none.
    """
    named = _by_rule(rule)
    if named is not None:
        return named
    ids = tuple(i for one in cwe for i in weaknesses.ids_in(one))
    known = weaknesses.load()
    if ids and (found := _by_ids(ids)):
        return found
    said = known.category_of((), f"{rule[:200]} {message[:_OF_WORDS]}")
    if said and (not ids or _fits(ids, said)):
        return said
    low = _plain(rule)
    words = {category for word, category in _rules()["words"].items() if f"-{word}-" in low}
    return words.pop() if len(words) == 1 else ""


def said_category(word: str) -> str:
    """Return the category that a model means by a word of its own; empty when it is none."""
    plain = _plain(word).strip("-")
    if plain in weaknesses.load().categories:
        return plain
    return _rules()["said"].get(plain, "") or weaknesses.load().category_of((), word[:200])


@lru_cache(maxsize=4_096)
def _by_rule(rule: str) -> str | None:
    """Return the category of a rule that is known by its id; None for any other."""
    rules = _rules()
    if code := _CODE.search(rule):
        bandit = code[1][0] == "B" and code[1] in rules["bandit"]
        return rules["bandit"][code[1]] if bandit else rules["ruff"].get(f"S{code[1][1:]}")
    language, _, query = rule.partition("/")
    if language in ("py", "js", "go", "java", "rb", "cs", "cpp", "swift", "rust", "actions"):
        return rules["codeql"].get(query)
    if rule.startswith(("CVE-", "GHSA-", "PYSEC-", "SNYK-")):
        return "dependency"
    return rules["snyk"].get(query) if query else None


@lru_cache(maxsize=4_096)
def _by_ids(ids: tuple[str, ...]) -> str:
    return weaknesses.load().category_of(ids, "")


@lru_cache(maxsize=4_096)
def _fits(ids: tuple[str, ...], category: str) -> bool:
    known = weaknesses.load()
    return any(known.fits(one, known.categories[category]) for one in ids)


def _plain(rule: str) -> str:
    """Write a rule's name as words between hyphens, one hyphen at either end."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", rule[:200])
    return "-" + "-".join(re.findall(r"[a-z0-9]+", split.lower())) + "-"
