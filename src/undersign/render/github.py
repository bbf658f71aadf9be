"""The outcomes of `check` as GitHub workflow commands, which become annotations of a pull request.

Everything that comes from an artifact is escaped, so that no line of it can become a command.
"""

from __future__ import annotations

from collections.abc import Sequence

from undersign.records.finding import Finding, Severity
from undersign.records.work import Work
from undersign.render.tally import (
    Cards,
    findings,
    grounds_missing,
    is_settled,
    not_run,
    verdict_on,
)
from undersign.render.terminal import safe_lines
from undersign.render.text import summary

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(works: Sequence[Work], cards: Cards) -> str:
    """Write one command a finding, one notice for each ground that was missing, and a summary."""
    lines = [_finding(work, finding) for work, _, finding in findings(works)]
    lines += _missing(works)
    lines.append(inert(summary(works)))
    return "\n".join(lines) + "\n"


def _finding(work: Work, finding: Finding) -> str:
    verdict = verdict_on(work, finding.id)
    name = "notice" if is_settled(verdict) else _COMMANDS[finding.severity]
    said = f" ({verdict.decision.value} by {verdict.person}: {verdict.reason})" if verdict else ""
    hint = f"\n{finding.suggestion}" if finding.suggestion else ""
    properties = {"file": work.artifact.path}
    if finding.span:
        properties["line"] = str(finding.span.line)
        properties["endLine"] = str(finding.span.end_line)
        if finding.span.line == finding.span.end_line:
            properties["col"] = str(finding.span.column)
            properties["endColumn"] = str(finding.span.end_column)
    properties["title"] = f"{finding.code} {finding.check}"
    return command(name, properties, f"{finding.message}{hint} [{finding.id}]{said}")


def _missing(works: Sequence[Work]) -> list[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for work, outcome in not_run(works):
        key = (grounds_missing(outcome), outcome.reason or "no reason was given")
        groups.setdefault(key, []).append(f"{work.artifact.path}: {outcome.check}")
    return [
        command("notice", {"title": f"not run: needs {needs}"}, "\n".join([reason, *checks]))
        for (needs, reason), checks in groups.items()
    ]


def command(name: str, properties: dict[str, str], message: str) -> str:
    """Write one workflow command; nothing in its texts can end it or begin another."""
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(safe_lines(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def inert(text: str) -> str:
    """Keep a plain line from being read as a command."""
    return text.replace("::", ": :")
