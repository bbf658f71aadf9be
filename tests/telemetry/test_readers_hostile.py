"""Hostile and damaged files: located rejects, bounded memory, never a crash, never silence."""

from __future__ import annotations

import gzip
import random
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from undersign.errors import BadInput
from undersign.records.event import Record, Reject
from undersign.telemetry.readers import READERS, Limits, read

SMALL = Limits(line=1000)
LINES = b"".join(b'{"number":%d}\n' % i for i in range(100_000))


def _read(folder: Path, content: bytes, name: str = "log.json") -> list[Record | Reject]:
    path = folder / name
    path.write_bytes(content)
    return list(read(path, limits=SMALL))


def _reasons(items: list[Record | Reject]) -> list[tuple[int, str]]:
    return [(i.line, i.reason) for i in items if isinstance(i, Reject)]


def test_bad_lines_say_where_and_why(tmp_path: Path) -> None:
    deep = b'{"a":' * 65 + b"1" + b"}" * 65
    items = _read(
        tmp_path,
        b'{"a":1}\nxx\n{"b":"\xff"}\n\n{"a":\n[1]\n' + deep + b'\n{"x":"' + b"y" * 1000 + b'"}\n'
        b'{"a":"\0"}\n' + b"[" * 90 + b'\n{"a":"\\ud800"}\n{"z":1}',
    )
    assert [i.line for i in items if isinstance(i, Record)] == [1, 12]
    assert _reasons(items) == [
        (2, "not JSON at column 1: unexpected character, expected a JSON value"),
        (3, "not UTF-8 at byte 7 of the line"),
        (5, "not JSON at column 6: unexpected end of data"),
        (6, "JSON, but a list"),
        (7, "nested deeper than 64"),
        (8, "1,008 bytes long, more than the limit of 1,000"),
        (9, "not JSON at column 7: unexpected control character in string"),
        (10, "not JSON at column 91: unexpected end of data"),
        (11, "not JSON at column 7: no low surrogate in string"),
    ]


def test_64_levels_are_not_too_deep(tmp_path: Path) -> None:
    (record,) = _read(tmp_path, b'{"a":' * 64 + b"1" + b"}" * 64)
    assert isinstance(record, Record)


def test_stray_and_cut_elements_of_an_array(tmp_path: Path) -> None:
    items = _read(tmp_path, b'[{"a":"]}\\""}, 3, [1], {"x":"' + b"y" * 1000 + b'"},{"b":1},{"c":')
    assert [i.line for i in items if isinstance(i, Record)] == [1, 5]
    assert _reasons(items) == [
        (2, "JSON, but no object"),
        (3, "JSON, but a list"),
        (4, "1,008 bytes long, more than the limit of 1,000"),
        (6, "truncated: the JSON ends before its last bracket"),
    ]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_truncated_compression_gives_the_good_records_then_says_so(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    content = pack(LINES)
    items = _read(tmp_path, content[: len(content) // 2])
    *good, last = items
    assert len(good) > 10_000
    assert [g.data["number"] for g in good if isinstance(g, Record)] == list(range(len(good)))
    assert isinstance(last, Reject) and last.line == len(good) + 1
    assert last.reason.startswith("truncated: ")


def test_damaged_compression_gives_the_good_records_then_says_so(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(LINES))
    content[len(content) // 2 : len(content) // 2 + 64] = b"\xff" * 64
    items = _read(tmp_path, bytes(content))
    assert len(items) > 1000
    (place,) = [r for r in _reasons(items) if r[1].startswith("damaged gzip data")]
    assert place[0] == len(items)


def test_compression_of_nothing_good(tmp_path: Path) -> None:
    assert _reasons(_read(tmp_path, b"\x1f\x8b")) == [
        (1, "truncated: the gzip data ends before its end mark")
    ]
    assert "damaged zstd data" in _reasons(_read(tmp_path, b"\x28\xb5\x2f\xfdnonsense!" * 9))[0][1]


def test_xml_cannot_smuggle_entities_or_depth(tmp_path: Path) -> None:
    items = _read(
        tmp_path,
        b'<Events><Event><!DOCTYPE x [<!ENTITY y "z">]><a>&y;</a></Event><Event>&y;</Event>'
        + b"<Event>" + b"<a>" * 70 + b"</a>" * 70 + b"</Event>"
        + b"<Event><a>" + b"x" * 1000 + b"</a></Event><Event><a></Event>"
        b"<Event><b>\xff</b></Event><Event><c>1</c></Event><Event><d>",
        "x.xml",
    )  # fmt: skip
    assert [i.raw for i in items if isinstance(i, Record)] == ["<Event><c>1</c></Event>"]
    reasons = [r for _, r in _reasons(items)]
    assert reasons == [
        "not XML at line 1, column 10 of the event: not well-formed (invalid token)",
        "not XML at line 1, column 8 of the event: undefined entity",
        "nested deeper than 64",
        "1,022 bytes long, more than the limit of 1,000",
        "not XML at line 1, column 13 of the event: mismatched tag",
        "not UTF-8 at byte 11 of the event",
        "truncated: the XML ends inside an event",
    ]


def test_a_quote_that_never_ends_costs_its_lines_only(tmp_path: Path) -> None:
    rows = b"".join(b"%d,x\n" % i for i in range(400))
    items = _read(tmp_path, b'id,text\n1,"open\n' + rows, "x.csv")
    assert _reasons(items)[0] == (2, "CSV: a quoted text does not end; skipped to line 223")
    assert len(items) == 180


SAMPLES = {
    "JSON lines": b'{"a":1}\n{"b":[1,{"c":"d\\""}]}\n' * 4,
    "JSON array or document": b'[{"a":1},{"b":[1,{"c":"d\\""}]}]',
    "CSV": b'a,b\n1,"2\n3"\n4,5\n' * 4,
    "Zeek TSV": b"#separator \\x09\n#path\tx\n#fields\ta\tb\n#types\tcount\tbool\n1\tT\n2\tF\n",
    "Linux audit log": b'type=A msg=audit(1.2:3): a=1 b="2"\n' * 4,
    "Windows event XML": b'<Events><Event><a b="c">d</a></Event><Event><e/></Event></Events>',
}


@pytest.mark.parametrize("name", [r.name for r in READERS if r.name in SAMPLES])
def test_no_flipped_byte_raises_anything_but_bad_input(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    for _ in range(150):
        content = bytearray(SAMPLES[name])
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        cut = bytes(content[: chance.randint(1, len(content))])
        try:
            items = _read(tmp_path, cut, "x.log")
        except BadInput:
            continue
        assert all(isinstance(i, Record | Reject) for i in items)
        assert all("\n" not in i.reason for i in items if isinstance(i, Reject))


OPENINGS = {"line": b'{"a":"', "array": b'[{"a":"', "xml": b"<Event><a>", "csv": b'a,b\n1,"'}


@pytest.mark.parametrize("form", OPENINGS)
def test_one_endless_record_is_never_held(tmp_path: Path, form: str) -> None:
    path = tmp_path / ("x.csv" if form == "csv" else "x.json")
    with path.open("wb") as file:
        file.write(OPENINGS[form])
        for _ in range(64):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    items = list(read(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert items and all(isinstance(i, Reject) for i in items)
    assert peak < 56 << 20, "the limit is 16 MiB, held at most thrice"


@pytest.mark.parametrize("pack", [lambda b: gzip.compress(b, 1), zstandard.compress])
def test_a_bomb_is_only_streamed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "b").write_bytes(pack(b'{"a":1}\n') + pack(b" " * (400 << 20)))
    code = (
        "import sys; from pathlib import Path; from undersign.telemetry.readers import read;"
        "print(*(i.line for i in read(Path(sys.argv[1]))))"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "b")],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        check=False,
    )
    assert done.stdout == "1 2\n", done.stderr[-500:]
