"""What a check is: one function, one card, one line in a table.

The function takes the parsed artifact first; every further annotated argument names a ground of
truth it needs. A ground that is missing makes the outcome `not run: needs X`, never silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, get_args, get_type_hints

from undersign.records.artifact import Artifact
from undersign.records.finding import (
    Fault,
    Finding,
    Outcome,
    Seen,
    Severity,
    Status,
    finding_id,
)

CheckFunction = Callable[..., Iterator[Fault | Seen]]

_UNREADABLE = "part of the text cannot be read, so nothing can be said of it here"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table in `checks/__init__.py`."""

    code: str
    """Stable, e.g. `SIG001`."""
    name: str
    """Names the fault, e.g. `unknown-field`."""
    module: str
    """Dotted, below `undersign.checks`; holds a function named like the module. Imported late."""
    severity: Severity
    kinds: tuple[str, ...]
    only_drafted: bool = False
    """Asks about the draft's record, so it does not apply to what a person wrote by hand."""
    reads_broken: bool = False
    """Does not depend on readable text: it runs, and may be clean, on a broken file too."""
    whole: bool = False
    """Speaks of what is missing or of all there is, so it does not run on a broken file at all."""

    def load(self) -> CheckFunction:
        """Import and return the function."""
        module = import_module(f"undersign.checks.{self.module}")
        function: CheckFunction = getattr(module, self.module.rpartition(".")[2])
        return function


class CannotRun(Exception):
    """Raised by a check that finds, once it looks, that it cannot answer."""

    def __init__(self, needs: str, reason: str) -> None:
        super().__init__(f"needs {needs}: {reason}")
        self.needs = needs
        self.reason = reason


class DoesNotApply(Exception):
    """Raised by a check of candidates when this one makes no claim of the kind it verifies."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """The grounds of truth at hand, by type, and for the missing ones the next step in words."""

    by_type: Mapping[type, Any]
    missing: Mapping[str, str]
    """Type name -> why it is not there and what would bring it."""


def ground_name(ground: type) -> str:
    """Return what people call a ground: its `ground` attribute, or else the type's name."""
    name = getattr(ground, "ground", ground.__name__)
    return name if isinstance(name, str) else ground.__name__


@cache
def needs_of(function: CheckFunction) -> Mapping[str, type]:
    """Return argument name -> ground type for every argument after the parsed artifact.

    An argument annotated `X | None` is used when there and does without when not.
    """
    hints = get_type_hints(function)
    hints.pop("return", None)
    return dict(list(hints.items())[1:])


def run(check: Check, artifact: Artifact, parsed: object, grounds: Grounds) -> Outcome:
    """Run one check on one artifact.

    Raises DoesNotApply as the check does; only checks of candidates may.
    """
    if check.whole and getattr(parsed, "unreadable", False):
        return _not_run(check, ("readable text",), _UNREADABLE)
    function = check.load()
    arguments: dict[str, Any] = {}
    missing: list[str] = []
    for name, hint in needs_of(function).items():
        options = get_args(hint) or (hint,)
        wanted = next(o for o in options if o is not type(None))
        found = grounds.by_type.get(wanted)
        if found is None and type(None) not in options:
            missing.append(ground_name(wanted))
        arguments[name] = found
    if missing:
        reasons = [grounds.missing.get(m, f"no {m} here") for m in missing]
        return _not_run(check, tuple(missing), "; ".join(dict.fromkeys(reasons)))
    try:
        said = list(function(parsed, **arguments))
    except CannotRun as answer:
        return _not_run(check, (answer.needs,), answer.reason)
    faults = [one for one in said if isinstance(one, Fault)]
    seen = tuple(one for one in said if isinstance(one, Seen))
    if not faults and not check.reads_broken and getattr(parsed, "unreadable", False):
        return _not_run(check, ("readable text",), _UNREADABLE)
    if not faults:
        return Outcome(check.name, check.code, Status.CLEAN, seen=seen)
    findings = _findings(check, artifact, faults)
    return Outcome(check.name, check.code, Status.FOUND, findings=findings, seen=seen)


def _not_run(check: Check, needs: tuple[str, ...], reason: str) -> Outcome:
    return Outcome(check.name, check.code, Status.NOT_RUN, needs=needs, reason=reason)


def _findings(check: Check, artifact: Artifact, faults: list[Fault]) -> tuple[Finding, ...]:
    seen: Counter[str] = Counter()
    findings = []
    for fault in faults:
        findings.append(
            Finding(
                id=finding_id(artifact.path, check.name, fault.message, seen[fault.message]),
                check=check.name,
                code=check.code,
                severity=fault.severity or check.severity,
                message=fault.message,
                span=fault.span,
                evidence=fault.evidence,
                suggestion=fault.suggestion,
            )
        )
        seen[fault.message] += 1
    return tuple(findings)
