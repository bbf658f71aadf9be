"""A review as GitHub workflow commands: annotations at their lines, notices of blind spots."""

from __future__ import annotations

from undersign.records.review import Examined, FileState, Review, Standing
from undersign.render.github import command, inert
from undersign.render.review_words import counts_line, is_open, open_areas, verdict_words

_LOUD = {Standing.SUPPORTED: "error", Standing.STANDS: "warning", Standing.NOT_SHOWN: "warning"}


def render(review: Review) -> str:
    """Write one command a candidate, one notice for each blind spot, and a summary."""
    lines = [_finding(one) for one in review.findings]
    for file in review.coverage.files:
        if file.state is not FileState.ASSESSED:
            title = f"not assessed: {file.state.value}"
            lines.append(command("notice", {"file": file.path, "title": title}, file.why or title))
    left = open_areas(review)
    if left:
        titles = "\n".join(f"{area.title}: {area.why}" for area in left)
        lines.append(command("notice", {"title": "not assessed by machine"}, titles))
    lines.append(inert(counts_line(review)))
    return "\n".join(lines) + "\n"


def _finding(one: Examined) -> str:
    candidate = one.candidate
    name = _LOUD.get(one.standing, "notice") if is_open(one) else "notice"
    properties = {"file": candidate.file}
    if candidate.line:
        properties |= {"line": str(candidate.line), "endLine": str(candidate.last_line)}
    properties["title"] = f"{one.standing.value}: {candidate.category or candidate.rule}"
    said = f"\n{verdict_words(one.judged)}" if one.judged else ""
    text = f"{candidate.message}\n{one.why} (says {candidate.origin}) [{one.id}]{said}"
    return command(name, properties, text)
