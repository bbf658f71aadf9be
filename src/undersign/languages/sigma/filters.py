"""A Sigma filter laid over a rule, as the specification and pySigma mean it."""

from __future__ import annotations

from dataclasses import replace

from undersign.languages.sigma.document import Filter, LogSource, Rule
from undersign.languages.sigma.tree import And, Atom, Node, Not, Or, Selection, Unsupported


def fits(rule: Rule, sigma_filter: Filter) -> bool:
    """Tell whether a filter is for a rule: its log source covers it, and it names it or is for any.

    A part of the log source that the filter leaves out covers everything; rules are named by id
    or by `name`, never by title.
    """
    if not _covers(sigma_filter.logsource, rule.logsource):
        return False
    known = {rule.name} | ({rule.id.lower()} if rule.id else set())
    named = {name for text in sigma_filter.rules for name in (text, text.lower())}
    return sigma_filter.rules == ("any",) or not named.isdisjoint(known - {None})


def apply_filter(rule: Rule, sigma_filter: Filter) -> Rule:
    """Return a rule whose every condition also demands the filter's; the rule itself if it is not
    for it.

    The filter's selections join the rule's under names that say where they are from, without
    spans: those would point into another text. A filter that could not be read makes the rule one
    that cannot be evaluated.
    """
    if not fits(rule, sigma_filter):
        return rule
    label = sigma_filter.name or sigma_filter.title or sigma_filter.id or "filter"
    wanted = sigma_filter.condition
    if wanted is None:
        reason = f"the filter `{label[:60]}` cannot be read"
        wanted = Atom(None, Unsupported(reason))
    extra = {
        f"{label}/{name}": _moved(node, label) for name, node in sigma_filter.selections.items()
    }
    demanded = _moved(wanted, label)
    return replace(
        rule,
        selections={**rule.selections, **extra},
        conditions=tuple(And((condition, demanded)) for condition in rule.conditions),
    )


def _covers(wide: LogSource, narrow: LogSource) -> bool:
    pairs = (
        (wide.product, narrow.product),
        (wide.category, narrow.category),
        (wide.service, narrow.service),
    )
    return all(mine is None or mine == theirs for mine, theirs in pairs)


def _moved(node: Node, label: str) -> Node:
    match node:
        case Atom():
            return replace(node, span=None)
        case Selection(name, arg):
            return Selection(f"{label}/{name}", _moved(arg, label))
        case Not(arg):
            return Not(_moved(arg, label))
        case And(args):
            return And(tuple(_moved(arg, label) for arg in args))
        case Or(args):
            return Or(tuple(_moved(arg, label) for arg in args))
