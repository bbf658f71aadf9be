"""Channels of every form as evidence; hostile archives are bounded and lose nothing else."""

from __future__ import annotations

import json
import shutil
import stat
import struct
import subprocess
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from undersign.errors import BadInput
from undersign.records.evidence import Medium
from undersign.telemetry.channels import ChannelTold, read_channel
from undersign.telemetry.channels.archive import Archive, ArchiveLimits
from undersign.telemetry.channels.screenshot import MISSING
from undersign.telemetry.channels.transcript import read as read_lines

AS_OF = datetime(2026, 3, 5, 12, tzinfo=UTC)
TOLD = ChannelTold("chat", as_of=AS_OF)


def message(second: int, text: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "user": "U1",
        "text": text,
        "ts": f"177262086{second}.000100",
        **more,
    }


def slack(path: Path, messages: list[dict[str, Any]], **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(
            "users.json", json.dumps([{"id": "U1", "profile": {"display_name": "alice"}}])
        )
        made.writestr("inc/2026-03-04.json", json.dumps(messages))
        for name, body in members.items():
            made.writestr(name, body)
    return path


def test_a_slack_export_as_zip(tmp_path: Path) -> None:
    path = slack(
        tmp_path / "x.zip",
        [
            message(1, "hi <@U1> see <https://a.example/x|the graph> &amp; <#C9|ops>"),
            message(3, "later words", edited={"user": "U1", "ts": "1"}),
            message(2, "", blocks=[{"type": "section", "text": {"text": "from a block"}}]),
            message(4, "an answer", thread_ts="1772620861.000100"),
            message(5, "joined", subtype="channel_join"),
            {"type": "message", "subtype": "message_deleted", "ts": "1772620866.000100",
             "previous_message": message(6, "taken back")},
        ],
    )  # fmt: skip
    channel = read_channel(path, TOLD)
    texts = [(one.id, one.author, one.text) for one in channel.evidence]
    assert texts == [
        ("chat:1", "alice", "hi @alice see the graph (https://a.example/x) & #ops"),
        ("chat:2", "alice", "from a block"),
        ("chat:3", "alice", "later words"),
        ("chat:4", "alice", "an answer"),
        ("chat:5", "alice", "taken back"),
    ]
    assert [one.edited for one in channel.evidence] == [False, False, True, False, False]
    assert channel.evidence[4].deleted
    assert channel.evidence[3].thread == "chat:1"
    assert channel.evidence[0].time is not None
    assert channel.evidence[0].time.isoformat() == "2026-03-04T10:41:01.000100+00:00"
    assert json.loads(channel.evidence[0].raw)["user"] == "U1"


def test_members_that_lead_out_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = slack(tmp_path / "x.zip", [message(1, "kept")])
    with zipfile.ZipFile(path, "a") as made:
        made.writestr("../../etc/cron.d/2026-03-04.json", "[]")
        made.writestr("/abs/2026-03-04.json", "[]")
        made.writestr("C:\\x\\2026-03-04.json", "[]")
        link = zipfile.ZipInfo("inc/2026-03-05.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
        made.writestr("inc/2026-03-06.json", b'[{"type": broken')
    channel = read_channel(path, TOLD)
    assert [one.text for one in channel.evidence] == ["kept"]
    said = " ".join(why for _, why in channel.source.rejected)
    assert channel.source.rejects == 5
    assert said.count("leads out") == 3 and "a link" in said and "no JSON" in said
    assert not (tmp_path / "etc").exists()


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """Ten gigabytes of zeros, made without ever holding them."""
    path = tmp_path / "bomb.zip"
    # A fully flushed block stands for itself, so that the same one may follow itself.
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = block * 640 + packer.flush()
    name = b"inc/2026-03-04.json"
    # The headers lie about the size, as such files do.
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(body), 1000, len(name), 0)
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(body), 1000,
                        len(name), 0, 0, 0, 0, 0, 0)  # fmt: skip
    at = len(head) + len(name) + len(body)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry) + len(name), at, 0)
    path.write_bytes(head + name + body + entry + name + end)
    begun = process_time()
    with pytest.raises(BadInput):
        read_channel(path, TOLD)
    assert process_time() - begun < 5


def test_limits_hold_over_all_members(tmp_path: Path) -> None:
    path = slack(tmp_path / "x.zip", [message(1, "x" * 3000)])
    archive = Archive(path, ArchiveLimits(member=2000))
    with pytest.raises(BadInput, match="unpacks to more than 2,000 bytes"):
        archive.read("inc/2026-03-04.json")
    archive = Archive(path, ArchiveLimits(members=1))
    assert len(archive.names) == 1
    assert any("more than 1 members" in why for why in archive.refused)


def test_a_cut_zip_says_so(tmp_path: Path) -> None:
    path = slack(tmp_path / "x.zip", [message(1, "kept")])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BadInput, match="no zip that can be read"):
        read_channel(path, TOLD)


def test_ten_thousand_messages_are_read_fast(tmp_path: Path) -> None:
    many = [
        {"type": "message", "user": "U1", "text": f"message {n}", "ts": f"{1772620861 + n}.000100"}
        for n in range(10_000)
    ]
    path = slack(tmp_path / "x.zip", many)
    begun = process_time()
    assert len(read_channel(path, TOLD).evidence) == 10_000
    assert process_time() - begun < 3


def test_teams_messages_and_replies(tmp_path: Path) -> None:
    path = tmp_path / "teams.json"
    body = "<p>db <b>down</b></p><script>alert(1)</script><div>since ten</div>"
    path.write_text(json.dumps({"value": [
        {"id": "1", "createdDateTime": "2026-03-04T10:41:07Z", "from": {"user": {"displayName":
         "alice"}}, "body": {"contentType": "html", "content": body}, "replies": [
            {"id": "2", "replyToId": "1", "createdDateTime": "2026-03-04T10:42:07+01:00",
             "from": {"application": {"displayName": "bot"}},
             "lastEditedDateTime": "2026-03-04T11:00Z",
             "body": {"contentType": "text", "content": "alert"}}]},
    ]}))  # fmt: skip
    channel = read_channel(path, TOLD)
    assert [(e.author, e.text) for e in channel.evidence] == [
        ("bot", "alert"), ("alice", "db down\nsince ten"),
    ]  # fmt: skip
    assert channel.evidence[0].thread == "chat:2"
    assert channel.evidence[0].edited


TRANSCRIPTS = {
    "[10:41] alice: db down\nmore words\n[10:43] bob: ok\n": [
        ("10:41", "alice", "db down\nmore words"), ("10:43", "bob", "ok")],
    "2026-03-04 10:41:07 alice> one\n2026-03-04 10:42:00 bob> two\n": [
        ("10:41", "alice", "one"), ("10:42", "bob", "two")],
    "10:41 <bob> irc\n10:42 <al> yes\n": [("10:41", "bob", "irc"), ("10:42", "al", "yes")],
    "alice  10:41 AM\npasted words\nbob  1:02 PM\nyes\n": [
        ("10:41", "alice", "pasted words"), ("13:02", "bob", "yes")],
    "- 10:41 restarted the db\n- 11:02 all good\n": [
        ("10:41", "", "restarted the db"), ("11:02", "", "all good")],
}  # fmt: skip


@pytest.mark.parametrize("text", TRANSCRIPTS)
def test_transcripts(text: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(text)
    channel = read_channel(path, TOLD)
    found = [(f"{e.time:%H:%M}" if e.time else "", e.author, e.text) for e in channel.evidence]
    assert found == TRANSCRIPTS[text]
    assert channel.source.medium is (Medium.NOTE if text.startswith("- ") else Medium.MESSAGE)
    assert any("no zone" in said for said in channel.source.warnings)


def test_midnight_and_zones_are_told() -> None:
    found = read_lines("Wednesday, March 4th, 2026\n23:50 a: late\n00:10 a: next\n", TOLD)
    times = [f"{m.time:%d %H:%M}" for m in found.messages if m.time]
    assert times == ["04 23:50", "05 00:10"]
    assert any("past midnight" in said for said in found.warnings)
    told = ChannelTold("x", zone="Europe/Berlin", as_of=AS_OF)
    (one,) = read_lines("2026-03-04 10:41 a: x", told).messages
    assert one.time is not None and one.time.hour == 9


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from(
    ["10:41 a: x", "[2026-03-04 10:41] b: y", "March 4, 2026", "- 09:00 note", "  more", "\t"]
)), max_size=30))  # fmt: skip
def test_no_line_of_a_transcript_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = read_lines(text, TOLD)
    kept = sum(1 for m in found.messages for line in m.raw.split("\n") if line.strip())
    wanted = sum(1 for line in text.split("\n") if line.rstrip("\r").strip())
    assert kept + found.rejects == wanted


def test_what_is_no_channel_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("just words\nand more\n")
    with pytest.raises(BadInput, match="few of its lines begin with a time"):
        read_channel(path, TOLD)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("a.txt", "x")
    with pytest.raises(BadInput, match="no export of a channel"):
        read_channel(tmp_path / "x.zip", TOLD)


def _picture(path: Path, html: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("needs Chromium to draw a screenshot: scripts/install-test-tools")
    page = path.with_suffix(".html")
    page.write_text(html)
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=900,300",
               f"--screenshot={path}", page.as_uri()]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def test_a_screenshot_is_read_and_every_line_is_to_be_confirmed(tmp_path: Path) -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("needs tesseract: scripts/install-test-tools")
    path = tmp_path / "screen.png"
    _picture(path, "<body style='font:32px sans-serif'><p>10:41 alice: database is down</p>"
                   "<p>10:43 bob: looking at it</p></body>")  # fmt: skip
    channel = read_channel(path, ChannelTold("screen", as_of=AS_OF))
    assert [(e.author, e.text) for e in channel.evidence] == [
        ("alice", "database is down"), ("bob", "looking at it"),
    ]  # fmt: skip
    assert not any(e.confirmed for e in channel.evidence)
    assert any("to be confirmed" in said for said in channel.source.warnings)


def test_without_the_program_a_screenshot_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "screen.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    monkeypatch.setenv("PATH", str(tmp_path))
    channel = read_channel(path, TOLD)
    assert channel.not_run == MISSING
    assert not channel.evidence
    assert MISSING in channel.source.warnings


def test_a_picture_that_is_too_large_is_refused(tmp_path: Path) -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("needs tesseract: scripts/install-test-tools")
    path = tmp_path / "screen.png"
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + bytes(4))
    with pytest.raises(BadInput, match="too large"):
        read_channel(path, TOLD)
