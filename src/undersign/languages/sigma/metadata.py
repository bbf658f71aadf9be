"""Title, id, dates, tags and log source of a document as pySigma judges them, with places."""

from __future__ import annotations

from typing import Any

from undersign.languages.sigma.document import Problem
from undersign.languages.sigma.yaml_spans import Items, Pairs, Scalar, YamlNode, plain
from undersign.records.artifact import Span

_KEY_OF_ERROR = {
    "SigmaAuthorError": "author",
    "SigmaDateError": "date",
    "SigmaDescriptionError": "description",
    "SigmaFalsePositivesError": "falsepositives",
    "SigmaFieldsError": "fields",
    "SigmaIdentifierError": "id",
    "SigmaLevelError": "level",
    "SigmaLicenseError": "license",
    "SigmaModifiedError": "modified",
    "SigmaNameError": "name",
    "SigmaReferencesError": "references",
    "SigmaRelatedError": "related",
    "SigmaScopeError": "scope",
    "SigmaStatusError": "status",
    "SigmaTagError": "tags",
    "SigmaTaxonomyError": "taxonomy",
    "SigmaTitleError": "title",
    "SigmaTypeError": "name",
    "SigmaValueError": "tags",
}
_SECTIONS = frozenset({"detection", "logsource", "correlation", "filter"})


def check_metadata(root: Pairs) -> list[Problem]:
    """Return what pySigma finds wrong outside of log source, detection and correlation."""
    from sigma.exceptions import SigmaError
    from sigma.rule import SigmaRule

    problems: list[Problem] = []
    facts: dict[str, Any] = {}
    for key, value in root.entries:
        if key.raw in _SECTIONS:
            continue
        if key.raw == "id" and not (isinstance(value, Scalar) and isinstance(value.value, str)):
            problems.append(Problem("an id must be a UUID", value.span))
        elif key.raw == "tags" and isinstance(value, Items):
            problems += _check_tags(value)
        else:
            facts[key.raw] = plain(value)
    try:
        _, errors = SigmaRule.from_dict_common_params(facts, collect_errors=True)
    except SigmaError as error:
        errors = [error]
    # pySigma reads facts of any shape here, and trips over some (a list of lists in `related`).
    except (TypeError, AttributeError, KeyError, ValueError, IndexError) as error:
        problems.append(Problem(f"not readable as Sigma: {_one_line(error)}", root.span))
        return problems
    problems += [Problem(_one_line(error), _place(root, error)) for error in errors]
    return problems


def check_log_source(section: Pairs) -> list[Problem]:
    """Return what pySigma finds wrong with a log source."""
    from sigma.exceptions import SigmaError
    from sigma.rule import SigmaLogSource

    try:
        SigmaLogSource.from_dict(plain(section))
    except SigmaError as error:
        named = [key for key in ("category", "product", "service") if f" {key} " in str(error)]
        node: YamlNode | None = section.get(named[0]) if named else None
        return [Problem(_one_line(error), node.span if node else section.span)]
    return []


def _check_tags(tags: Items) -> list[Problem]:
    problems = []
    for tag in tags.items:
        if not isinstance(tag, Scalar) or not isinstance(tag.value, str):
            problems.append(Problem("a tag must be text", tag.span))
        elif not all(tag.value.partition(".")):
            message = "a tag is a namespace and a name, such as `attack.t1059`"
            problems.append(Problem(message, tag.span))
    return problems


def _place(root: Pairs, error: Exception) -> Span:
    key = _KEY_OF_ERROR.get(type(error).__name__, "")
    node = root.get(key)
    if node is not None:
        return node.span
    return root.entries[0][0].span if root.entries else root.span


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
