from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from undersign.telemetry.event_ids import FileIds, encoded, event_id

LINES = st.lists(st.text(st.characters(codec=None), max_size=3), max_size=60)


@given(LINES, st.integers(1, 7))
def test_the_nth_equal_line_has_the_nth_id_however_the_file_is_cut(
    lines: list[str], size: int
) -> None:
    numbering = FileIds()
    ids = [i for at in range(0, len(lines), size) for i in numbering.ids(lines[at : at + size])]
    expected = [event_id(encoded(t), lines[:n].count(t)) for n, t in enumerate(lines)]
    assert ids == expected
    same = {encoded(t) for t in lines}
    assert len(set(ids)) == len(lines) or len(same) < len(set(lines))


def test_an_id_is_24_hex_digits_of_blake2b() -> None:
    # The figure is what `printf abc | b2sum -l 96` prints.
    assert event_id(b"abc") == "48b4f1f9042a2d5033b382b5"
    assert len(event_id(b"")) == 24
