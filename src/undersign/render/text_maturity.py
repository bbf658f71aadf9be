"""What a workspace shows of AI RMF and SAMM, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from undersign.records.maturity import Assessed, Standing
from undersign.render.terminal import Paint, counted, safe

_WORDS = {"ai-rmf": "NIST AI RMF 1.0", "samm": "OWASP SAMM 2"}


def render(assessed: Sequence[Assessed], *, colour: bool = False) -> str:
    """Write each practice with what speaks for it and what is missing; no grade."""
    paint = Paint(colour)
    colours = {
        Standing.SHOWN: paint.green,
        Standing.PARTLY: paint.yellow,
        Standing.NOT_SHOWN: paint.red,
        Standing.UNSEEN: paint.dim,
    }
    lines: list[str] = []
    for framework, practices in groupby(assessed, key=lambda one: one.framework):
        lines.append(paint.bold(_WORDS.get(framework, framework)))
        for one in practices:
            mark = colours[one.standing](f"{one.standing:<11}")
            lines.append(f"  {mark}  {safe(one.id)}: {safe(one.about)}")
            lines += [f"      {paint.green('+')} {safe(line)}" for line in one.evidence]
            sign = paint.dim("·") if one.standing is Standing.UNSEEN else paint.yellow("-")
            lines += [f"      {sign} {safe(line)}" for line in one.gaps]
        lines.append("")
    return "\n".join([*lines, _summary(assessed)]) + "\n"


def _summary(assessed: Sequence[Assessed]) -> str:
    standings = Counter(one.standing for one in assessed)
    parts = [f"{standings[s]} {s}" for s in Standing if standings[s]]
    total = counted(len(assessed), "practice", "practices")
    return f"{total}: {', '.join(parts)}; evidence and gaps, no grade"
