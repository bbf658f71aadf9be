"""Readers: every format in every wrapping, whatever the pieces in which the bytes come."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.errors import BadInput
from undersign.records.event import Record, Reject
from undersign.telemetry.readers import Limits, read
from undersign.telemetry.readers.json_document import records as document_records
from undersign.telemetry.readers.stream import Stream

XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
    '<Provider Name="P"/><EventID Qualifiers="0">7045</EventID><Channel>System</Channel></System>'
    '<EventData><Data Name="ServiceName">a &lt;b&gt;</Data><Data Name="Empty"/></EventData></Event>'
)


def _read(folder: Path, content: bytes, name: str = "log", **options: Any) -> list[Record | Reject]:
    path = folder / name
    path.write_bytes(content)
    return list(read(path, **options))


def _data(items: list[Record | Reject]) -> list[dict[str, Any]]:
    assert all(isinstance(i, Record) for i in items), items
    return [dict(i.data) for i in items if isinstance(i, Record)]


def _reasons(items: list[Record | Reject]) -> list[tuple[int, str]]:
    return [(i.line, i.reason) for i in items if isinstance(i, Reject)]


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1}\n{"a":2}\n',
        b'\xef\xbb\xbf{"a":1}\r\n\r\n   \n{"a":2}',
        b'[{"a":1},{"a":2}]',
        b' [\n  {"a": 1},\n  {"a": 2}\n]\n',
        b'{\n  "a": 1\n}\n{\n  "a": 2\n}\n',
        b'{"Records":[{"a":1},{"a":2}]}',
        b'{"Records":[{"a":1}]}\n{"Records":[{"a":2}]}',
        b'{"@odata.context":"x{[","value":[{"a":1},{"a":2}],"@odata.nextLink":"y"}',
        '\ufeff{"a":1}\r\n{"a":2}\r\n'.encode("utf-16-le"),
    ],
    ids=["lines", "bom", "array", "spaced", "pretty", "wrapped", "wraps", "odata", "utf16"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_json_in_every_form(tmp_path: Path, content: bytes, pack: Any) -> None:
    assert _data(_read(tmp_path, pack(content))) == [{"a": 1}, {"a": 2}]


def test_raw_is_the_line_exactly(tmp_path: Path) -> None:
    (record,) = _read(tmp_path, b' {"a" : "\xc3\xa4"} \r\n')
    assert isinstance(record, Record)
    assert (record.line, record.raw) == (1, ' {"a" : "ä"} ')


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
VALUES = st.recursive(
    TEXTS | st.integers(-(2**63), 2**63 - 1) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES.map(lambda v: {"k": v}), min_size=1, max_size=5), st.integers(1, 7))
def test_an_array_is_cut_the_same_in_any_pieces(values: list[dict[str, Any]], size: int) -> None:
    text = json.dumps(values, ensure_ascii=False).encode()
    stream = Stream("x", io.BytesIO(text), Limits())
    stream._ahead = [text[i : i + size] for i in range(0, len(text), size)]
    assert _data(list(document_records(stream))) == values


def test_csv_with_quotes_that_run_over_lines(tmp_path: Path) -> None:
    items = _read(tmp_path, b'id;text;more\r\n1;"x\r\ny";\r\n\r\n2;;"a;b"\r\n')
    assert [i.line for i in items] == [2, 5]
    assert _data(items) == [{"id": "1", "text": "x\ny"}, {"id": "2", "more": "a;b"}]


def test_csv_that_is_none_in_places(tmp_path: Path) -> None:
    items = _read(tmp_path, b"a,b\n1,2\n3\n4,\xff\n5,6\n", "x.csv")
    assert _reasons(items) == [
        (3, "CSV: 1 values for 2 columns"),
        (4, "not UTF-8 at byte 3 of the line"),
    ]
    assert len(items) == 4


def test_zeek_tsv(tmp_path: Path) -> None:
    head = (
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
        "#fields\tts\tuid\tid.orig_p\tquery\tanswers\tTTLs\tAA\n"
        "#types\ttime\tstring\tport\tstring\tvector[string]\tvector[interval]\tbool\n"
    )
    rows = "1.25\tC1\t53\ta\\x09b\tx,y\t1.5,2\tT\n1.5\tC2\t53\t-\t(empty)\t-\tF\n1\t2\n#close\tx\n"
    items = _read(tmp_path, (head + rows).encode())
    assert _data(items[:2]) == [
        {"_path": "dns", "ts": "1.25", "uid": "C1", "id.orig_p": 53, "query": "a\tb"}
        | {"answers": ["x", "y"], "TTLs": [1.5, 2.0], "AA": True},
        {"_path": "dns", "ts": "1.5", "uid": "C2", "id.orig_p": 53, "answers": [], "AA": False},
    ]
    assert _reasons(items) == [(10, "Zeek: 2 values for 7 fields")]


def test_audit_log(tmp_path: Path) -> None:
    text = (
        'type=EXECVE msg=audit(1364481363.243:24287): argc=2 a0="ls" a1=2D6C2061\n'
        "node=srv type=USER_LOGIN msg=audit(1.2:3): pid=1 uid=0 "
        'msg=\'op=login acct="root" exe="/usr/sbin/sshd" res=failed\'\x1dUID="root"\n'
        "type=PROCTITLE msg=audit(1.2:4): proctitle=6C73002D6C\n"
        "nonsense\n"
    )
    items = _read(tmp_path, text.encode())
    first, login, title = _data(items[:3])
    assert first == {"type": "EXECVE", "timestamp": "1364481363.243", "serial": "24287"} | {
        "argc": "2",
        "a0": "ls",
        "a1": "-l a",
    }
    assert (login["node"], login["acct"], login["res"], login["UID"]) == (
        ("srv", "root", "failed", "root")
    )
    assert title["proctitle"] == "ls -l"
    assert _reasons(items) == [(4, "no audit record: msg=audit(...) is missing")]


@pytest.mark.parametrize("form", ["<Events>{0}{0}</Events>", "{0}\r\n{0}", "\ufeff<?xml?>{0}{0}"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_windows_xml(tmp_path: Path, form: str, encoding: str) -> None:
    text = form.format(XML) if encoding == "utf-8" else f"\ufeff{form.format(XML)}"
    first, second = _data(_read(tmp_path, text.replace("\ufeff\ufeff", "\ufeff").encode(encoding)))
    assert first == second
    system = first["Event"]["System"]
    assert system["EventID"] == {"#attributes": {"Qualifiers": "0"}, "#text": "7045"}
    assert first["Event"]["EventData"]["Data"] == [
        {"#attributes": {"Name": "ServiceName"}, "#text": "a <b>"},
        {"#attributes": {"Name": "Empty"}, "#text": ""},
    ]


def test_parquet(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1, None], "b": [["x"], []]}), tmp_path / "p")
    packed = gzip.compress((tmp_path / "p").read_bytes())
    for items in (list(read(tmp_path / "p")), _read(tmp_path, packed)):
        assert _data(items) == [{"a": 1, "b": ["x"]}, {"a": None, "b": []}]


def test_progress_counts_every_byte_of_the_file(tmp_path: Path) -> None:
    content = gzip.compress(b'{"a":1}\n' * 1000)
    told: list[int] = []
    assert len(_read(tmp_path, content, on_bytes=told.append)) == 1000
    assert sum(told) == len(content)


def test_nothing_to_read(tmp_path: Path) -> None:
    assert _read(tmp_path, b"") == []
    assert _read(tmp_path, b" \n\n\t\r\n") == []
    assert _read(tmp_path, gzip.compress(b"")) == []
    assert _read(tmp_path, b"[]") == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary data in no format"),
        (b"Jan  1 00:00:00 host sshd[1]: hello, world\nand more\n", "text in no format"),
        (b"PAR1 and nothing else", "no whole Parquet file"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><Events><Event>&b;</Event></Events>', "document type"),
    ],
)
def test_files_that_are_no_logs_are_one_clear_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(BadInput, match=reason) as caught:
        _read(tmp_path, content)
    assert str(caught.value).startswith(str(tmp_path)) and "\n" not in str(caught.value)


def test_a_folder_a_missing_file_and_one_without_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="is a folder"):
        list(read(tmp_path))
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        list(read(tmp_path / "none"))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x").write_bytes(b"{}")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(BadInput, match="cannot be read: Permission denied"):
        list(read(tmp_path / "x"))
