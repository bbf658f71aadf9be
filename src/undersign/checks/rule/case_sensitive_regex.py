"""The check `case-sensitive-regex`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.checks.reading.trees import atoms
from undersign.checks.reading.wording import quoted
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.languages.sigma.tree import Regex
from undersign.records.finding import Fault

_PLAIN_WORD = re.compile(r"(?<![\\%])[A-Za-z]{3,}")
_CLASSES = re.compile(r"\[[^\]]*\]|\\[pPx][{\w}]*|\(\?P?<\w+>|\\[A-Za-z]")


def case_sensitive_regex(file: SigmaFile) -> Iterator[Fault]:
    """Report a regular expression that spells words in one case where Windows ignores case."""
    for rule in file.rules:
        if _ignores_case(rule):
            for selection in rule.selections.values():
                for atom in atoms(selection):
                    if isinstance(atom.test, Regex) and _spells_one_case(atom.test):
                        yield Fault(
                            f"{quoted(atom.test.pattern)} only matches in exactly this case",
                            atom.span,
                            {"pattern": atom.test.pattern[:500]},
                            f"write `{atom.field}|re|i` unless the case is the point",
                        )


def _ignores_case(rule: Rule) -> bool:
    """Paths, commands and account names of Windows are the same in any case."""
    return rule.logsource.product == "windows"


def _spells_one_case(regex: Regex) -> bool:
    if regex.ignore_case or "(?i" in regex.pattern:
        return False
    return _PLAIN_WORD.search(_CLASSES.sub(" ", regex.pattern)) is not None
