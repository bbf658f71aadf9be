"""The kinds of the detection surface."""

from __future__ import annotations

import re

from undersign.workflow.kind import Kind

_SIGMA_KEYS = re.compile(r"^(detection|correlation|filter)[ \t]*:", re.MULTILINE)


def _looks_like_sigma(text: str) -> bool:
    return bool(_SIGMA_KEYS.search(text))


def _parse_sigma(text: str) -> object:
    from undersign.languages.sigma import parse  # pySigma takes 0.3 s to import

    return parse(text)


DETECT_KINDS = (
    Kind(
        name="sigma",
        surface="detect",
        suffixes=(".yml", ".yaml"),
        matches=_looks_like_sigma,
        parse=_parse_sigma,
        template="{rules}/{slug}.yml",
        prompt=("sigma",),
    ),
)
