"""Secret rules of the workspace: its own, and those of a `gitleaks.toml`.

Their expressions are RE2's. One that cannot be compiled is an error that names the rule: a rule
that is skipped in silence is a secret that leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from tomllib import TOMLDecodeError, loads
from typing import Any, Protocol

from undersign.errors import BadInput
from undersign.policy.detect.doubt import entropy
from undersign.policy.detect.found import Hit, Meaning, Rank


class SecretShape(Protocol):
    """What a rule must have; `policy.SecretRule` has it."""

    @property
    def id(self) -> str:
        """Return what findings are called."""

    @property
    def regex(self) -> str:
        """Return an expression in RE2's syntax; group 1, if there is one, is the secret."""

    @property
    def data_class(self) -> str:
        """Return the class of the findings."""

    @property
    def label(self) -> str:
        """Return what their tokens are called."""


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule of a `gitleaks.toml`."""

    id: str
    regex: str
    data_class: str = "secrets"
    label: str = "TOKEN"
    group: int = 0
    """Which group is the secret; 0: the first that there is, else the whole."""
    least: float = 0.0
    """Bits of entropy a character."""
    keywords: tuple[str, ...] = ()
    """One of them, in lower case, must stand in the text; none: always looked for."""
    allowed: tuple[str, ...] = ()
    """Expressions over the secret that make it none."""


@dataclass(frozen=True, slots=True)
class OwnFinder:
    """One rule, ready to search."""

    meaning: Meaning
    expression: Any
    rule: OwnRule
    allowed: tuple[Any, ...]

    def hits(self, text: str, lower: str) -> Iterator[Hit]:
        """Yield what the rule finds in a text, given in lower case too."""
        if self.rule.keywords and not any(word in lower for word in self.rule.keywords):
            return
        byte = character = 0
        for found in self.expression.finditer(text):
            start, end = self._secret(found)
            value = text[start:end]
            if (
                start < end
                and entropy(value.encode()) >= self.rule.least
                and not any(one.search(value) for one in self.allowed)
            ):
                byte += len(text[character:start].encode())
                character = start
                yield Hit(byte, byte + len(value.encode()), self.meaning)

    def _secret(self, found: Any) -> tuple[int, int]:
        if self.rule.group:
            return found.span(self.rule.group)  # type: ignore[no-any-return]
        for group in range(1, self.expression.groups + 1):
            if found.start(group) >= 0:
                return found.span(group)  # type: ignore[no-any-return]
        return found.span()  # type: ignore[no-any-return]


def own_finders(rules: Iterable[SecretShape]) -> tuple[OwnFinder, ...]:
    """Return the rules, compiled. Raises BadInput that names a rule RE2 cannot compile."""
    finders = []
    for shape in rules:
        rule = (
            shape
            if isinstance(shape, OwnRule)
            else OwnRule(shape.id, shape.regex, shape.data_class, shape.label)
        )
        expression = _compiled(rule.id, rule.regex)
        if rule.group > expression.groups:
            raise BadInput(f"secret rule {rule.id!r} has no group {rule.group}")
        allowed = tuple(_compiled(rule.id, a) for a in rule.allowed)
        meaning = Meaning(rule.id, rule.data_class, rule.label, Rank.OWN)
        finders.append(OwnFinder(meaning, expression, rule, allowed))
    return tuple(finders)


def _compiled(rule: str, expression: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as e:
        reason = e.args[0].decode() if isinstance(e.args[0], bytes) else e.args[0]
        raise BadInput(f"secret rule {rule!r}: RE2 cannot compile its expression: {reason}") from e


def searchable(text: str) -> str:
    """Return a text of the same length without lone surrogates, which RE2 cannot read."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def read_gitleaks(text: str, where: str = "gitleaks.toml") -> tuple[OwnRule, ...]:
    """Return the rules of a configuration in the format of gitleaks.

    Rules of a path alone look at file names and have no meaning for a text: they are left out.
    Raises BadInput for what cannot be read, and for `extend`, whose rules stand elsewhere.
    """
    try:
        content = loads(text)
    except TOMLDecodeError as e:
        raise BadInput(f"{where}: {e}") from e
    extend = content.get("extend", {})
    if not isinstance(extend, Mapping) or extend.get("path") or extend.get("url"):
        raise BadInput(f"{where}: `extend` names rules that stand elsewhere: put them in one file")
    listed = content.get("rules", [])
    if not isinstance(listed, Sequence) or not all(isinstance(r, Mapping) for r in listed):
        raise BadInput(f"{where}: `rules` must be a list of tables")
    everywhere = _allowed(content, where)
    return tuple(_rule(r, everywhere, where) for r in listed if "regex" in r or "path" not in r)


def _rule(rule: Mapping[str, Any], everywhere: tuple[str, ...], where: str) -> OwnRule:
    name, expression = rule.get("id"), rule.get("regex")
    if not isinstance(name, str) or not isinstance(expression, str):
        raise BadInput(f"{where}: a rule needs an `id` and a `regex`: {name!r}")
    group, least = rule.get("secretGroup", 0), rule.get("entropy", 0)
    keywords = rule.get("keywords", [])
    if not isinstance(group, int) or not isinstance(least, int | float):
        raise BadInput(f"{where}: rule {name!r}: `secretGroup` and `entropy` are numbers")
    if not isinstance(keywords, list) or not all(isinstance(k, str) for k in keywords):
        raise BadInput(f"{where}: rule {name!r}: `keywords` is a list of words")
    return OwnRule(
        name,
        expression,
        group=group,
        least=float(least),
        keywords=tuple(k.lower() for k in keywords),
        allowed=everywhere + _allowed(rule, f"{where}: rule {name!r}"),
    )


def _allowed(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """Return the expressions over a secret that make it none.

    An allow list over lines, matches, paths or commits, or with AND, is not followed: what it
    would let through is hidden all the same, which is the safe side.
    """
    lists = [table[k] for k in ("allowlist",) if k in table]
    lists += table.get("allowlists", [])
    expressions: list[str] = []
    for one in lists:
        if not isinstance(one, Mapping):
            raise BadInput(f"{where}: an allow list is a table")
        if one.get("regexTarget", "secret") == "secret" and one.get("condition", "OR") != "AND":
            expressions += [str(e) for e in one.get("regexes", [])]
            expressions += [f"(?i){re.escape(str(w))}" for w in one.get("stopwords", [])]
    return tuple(expressions)
