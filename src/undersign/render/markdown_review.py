"""A review as a comment of a pull request: short, escaped, with the coverage in it.

GitHub cuts a comment at 65,536 characters; ours is cut before, by whole candidates, and says so.
"""

from __future__ import annotations

import re
from html import escape

from undersign.records.review import Examined, FileState, Review
from undersign.render.review_words import (
    counts_line,
    lookers_line,
    open_areas,
    verdict_words,
    way_of,
)
from undersign.render.terminal import clip, counted, safe

_MOST = 60_000
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~@:-])")


def render(review: Review, path: str | None = None) -> str:
    """Write the comment; nothing of a candidate becomes markup, a link or a mention."""
    tail = _coverage(review, path)
    head = [f"### Undersign review: {plain(counts_line(review))}", ""]
    used = sum(map(len, (*head, *tail)))
    shown: list[str] = []
    for number, one in enumerate(review.findings):
        block = _finding(one)
        used += sum(len(line) + 1 for line in block)
        if used > _MOST:
            left = len(review.findings) - number
            shown += [f"_{left:,} more candidates do not fit here; the review lists them all._", ""]
            break
        shown += block
    return "\n".join([*head, *shown, *tail]) + "\n"


def plain(text: str) -> str:
    """Escape text of others so that Markdown shows it and does nothing with it."""
    return _MARKUP.sub(r"\\\1", escape(safe(text), quote=False))


def code_span(text: str) -> str:
    """Write text of others as code, whatever backticks it holds."""
    shown = safe(text)
    runs = [len(run) for run in re.findall(r"`+", shown)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else ""


def _finding(one: Examined) -> list[str]:
    candidate = one.candidate
    place = f"{candidate.file}:{candidate.line}" if candidate.line else candidate.file
    name = candidate.category or candidate.rule or "uncategorised"
    head = f"- **{one.standing.value}** {code_span(place)} {plain(name)} (`{one.id}`)"
    lines = [head, f"  {plain(clip(candidate.message, 400))}"]
    lines.append(f"  _{plain(one.why)}_; says {plain(', '.join((candidate.origin, *one.also)))}")
    steps = way_of(one)
    if steps:
        lines.append("  <details><summary>the way</summary>")
        lines.append("")
        lines += [
            f"  {n}. {code_span(f'{one.file}:{one.line}')} {plain(one.what)} "
            f"{code_span(clip(one.text, 120))}"
            for n, one in enumerate(steps[:20], 1)
        ]
        lines += ["", "  </details>"]
    if one.judged:
        lines.append(f"  {plain(verdict_words(one.judged))}")
    return [*lines, ""]


def _coverage(review: Review, path: str | None) -> list[str]:
    files = review.coverage.files
    whole = sum(one.state is FileState.ASSESSED for one in files)
    lines = ["#### What was not looked at", ""]
    unsaid = "not assessed by machine, and no person has said more"
    lines += [f"- {plain(area.title)}: {unsaid}" for area in open_areas(review)[:20]]
    for file in [f for f in files if f.state is not FileState.ASSESSED][:20]:
        by = f" by {plain(file.by)}" if file.by else ""
        lines.append(f"- {code_span(file.path)}: {file.state.value}{by} {plain(file.why)}".rstrip())
    blind = [one.id for one in review.coverage.categories if not one.looked]
    if blind:
        lines.append(f"- no check looks for {plain(', '.join(blind))}")
    lines += ["", f"{counted(len(files), 'file', 'files')}, {whole:,} assessed."]
    lines += [f"Looked: {plain('; '.join(lookers_line(review)))}."]
    lines += [plain(one) for one in review.remarks]
    kept = f" Kept in {code_span(path)}." if path else ""
    return [*lines, f"A person decides, and signs.{kept}"]
