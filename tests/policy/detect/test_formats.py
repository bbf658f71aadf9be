"""Every published format of a secret is found, whole and exactly, wherever it usually stands."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from policy.detect.formats import BARE, CONTEXTS, FORMATS, Format, Maker, placed
from undersign.policy.detect import Detector, detector


@lru_cache(maxsize=1)
def spotter() -> Detector:
    return detector()


def test_there_are_many_formats() -> None:
    assert len(FORMATS) >= 60
    assert len({f.name for f in FORMATS}) == len(FORMATS)
    readme = Path(__file__).resolve().parents[3] / "README.md"
    assert f"{len(FORMATS)} token formats" in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize("one", FORMATS, ids=lambda f: f.name)
def test_a_token_is_found_exactly(one: Format) -> None:
    contexts = {**CONTEXTS, **(BARE if one.alone else {})}
    wrong = []
    for where, context in contexts.items():
        for seed in range(3):
            token = one.make(Maker(f"{one.name}/{where}/{seed}"))
            text = placed(one, context, token)
            start = text.index(token)
            spans = {
                (s.start, s.end): s
                for s in spotter().spot(text)
                if s.start < start + len(token) and s.end > start
            }
            found = spans.get((start, start + len(token)))
            if len(spans) != 1 or found is None:
                wrong.append(f"{where}: {text!r} -> {spans}")
            elif found.data_class not in ("secrets", "credentials"):
                wrong.append(f"{where}: {found}")
    assert not wrong, "\n".join(wrong)
