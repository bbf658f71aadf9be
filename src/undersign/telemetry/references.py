"""Which rule of a file a correlation means by a name or an id."""

from __future__ import annotations

from undersign.languages.sigma.document import Correlation, Rule, SigmaFile


def base_rules(correlation: Correlation, file: SigmaFile) -> dict[str, Rule]:
    """Return reference as written -> the detection rule, for those that this file holds."""
    found = {}
    for reference in correlation.rules:
        for rule in file.rules:
            if reference in (rule.name, rule.id):
                found[reference] = rule
    return found
