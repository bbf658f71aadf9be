"""A timeline from logs: nothing is lost, order does not matter, alike lines become one entry."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from undersign.records.evidence import Source
from undersign.surfaces.respond import timeline_file
from undersign.surfaces.respond.entities import defang, entities, refang
from undersign.surfaces.respond.timeline import Builder, Built
from undersign.telemetry.logbook import Told, open_log

AS_OF = datetime(2026, 11, 25, tzinfo=UTC)
SAID = (
    "sshd[{n}]: Failed password for root from 198.51.100.{b} port {n} ssh2",
    "sshd[{n}]: Accepted publickey for alice from 192.0.2.{b} port {n} ssh2",
    "kernel: [{n}.{n}] eth0: link up",
    "app[{n}]: request 0123456789abcdef0123456789abcdef took {n} ms",
)


def log_of(path: Path, rng: random.Random, lines: int, start: int = 0) -> Path:
    rows = []
    at = start
    for _ in range(lines):
        at += rng.choice((1, 2, 60, 7200))
        when = datetime.fromtimestamp(1_772_000_000 + at, UTC)
        said = rng.choice(SAID).format(n=rng.randint(1, 60_000), b=rng.randint(1, 250))
        rows.append(f"{when:%Y-%m-%dT%H:%M:%SZ} web1 {said}\n")
    path.write_text("".join(rows))
    return path


def built(*paths: Path, **told: object) -> Built:
    builder = Builder(**told)  # type: ignore[arg-type]
    for path in paths:
        builder.add(open_log(path, Told(path.name, as_of=AS_OF)))
    return builder.build("x", "X")


def counted(made: Built) -> int:
    return sum(entry.count for entry in made.timeline.entries) + made.timeline.duplicates


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 10_000), st.integers(1, 300), st.integers(1, 6))
def test_every_line_is_in_one_entry(tmp_path: Path, seed: int, lines: int, most: int) -> None:
    rng = random.Random(seed)
    one = log_of(tmp_path / "one.log", rng, lines)
    two = log_of(tmp_path / "two.log", rng, lines, start=3)
    made = built(one, two, most_templates=most)
    assert counted(made) == 2 * lines
    assert len({entry.claim.id for entry in made.timeline.entries}) == len(made.timeline.entries)
    for entry in made.timeline.entries:
        assert set(entry.claim.evidence) <= made.evidence.keys()
        assert entry.end is None or entry.end >= entry.start


def test_the_order_of_sources_does_not_matter(tmp_path: Path) -> None:
    paths = [log_of(tmp_path / f"{n}.log", random.Random(n), 200) for n in range(3)]
    texts = {timeline_file.write(built(*order).timeline) for order in (paths, paths[::-1])}
    assert len(texts) == 1
    (text,) = texts
    assert timeline_file.write(timeline_file.read(text).timeline) == text


def test_since_and_until_leave_out_and_say_so(tmp_path: Path) -> None:
    path = log_of(tmp_path / "a.log", random.Random(1), 300)
    middle = datetime.fromtimestamp(1_772_000_000 + 200_000, UTC)
    made = built(path, since=middle)
    assert counted(made) + made.timeline.left_out == 300
    assert 0 < made.timeline.left_out < 300
    assert all(entry.start >= middle for entry in made.timeline.entries)


def test_too_many_templates_share_one_entry(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    words = ["".join(random.Random(n).choices("abcdefgh", k=9)) for n in range(400)]
    path.write_text("".join(
        f"2026-03-04T10:00:0{n % 10}Z web1 app: {w} {w[::-1]} {w[2:]}\n"
        for n, w in enumerate(words)
    ))  # fmt: skip
    made = built(path, most_templates=20)
    others = [e for e in made.timeline.entries if e.template == "other lines"]
    assert counted(made) == 400
    assert sum(e.count for e in others) == 380


def test_a_burst_days_later_is_an_entry_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    row = "sshd[{n}]: Failed password for root from 198.51.100.7 port {n} ssh2"
    path.write_text("".join(
        f"2026-03-0{day}T10:00:{n:02}Z web1 {row.format(n=4000 + n)}\n"
        for day in (1, 4) for n in range(30)
    ))  # fmt: skip
    made = built(path)
    assert [(e.count, e.start.day) for e in made.timeline.entries] == [(30, 1), (30, 4)]
    assert made.timeline.entries[0].claim.slots["address"] == "198.51.100.7"
    assert made.timeline.entries[0].claim.slots["outcome"] == "failure"


def test_a_field_that_varies_is_not_told_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(
        f"2026-03-04T10:00:{n:02}Z web1 sshd[{n}]: Failed password for root from 192.0.2.{n} port "
        f"{n} ssh2\n" for n in range(40)
    ))  # fmt: skip
    made = built(path)
    runs = [e for e in made.timeline.entries if e.count > 3 and "Failed" in e.template]
    assert [e.count for e in runs] == [40]
    assert "address" not in runs[0].claim.slots
    assert runs[0].claim.slots["actor"] == "root"


def test_what_two_sources_tell_alike_is_told_once(tmp_path: Path) -> None:
    line = "2026-03-04T10:00:00Z web1 app: payment 17 was declined by the bank\n"
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(line)
    made = built(tmp_path / "a.log", tmp_path / "b.log")
    (entry,) = made.timeline.entries
    assert entry.claim.evidence == ("a.log:1", "b.log:1")
    assert made.timeline.duplicates == 1


def test_clocks_that_disagree_are_said_and_not_corrected(tmp_path: Path) -> None:
    ids = [f"{n:08x}-0000-4000-8000-{n:012x}" for n in range(1, 7)]
    for name, off in (("a.log", 0), ("b.log", 37)):
        (tmp_path / name).write_text("".join(
            f"2026-03-04T1{n}:00:{off:02}Z web1 {name}: step {'abcdef'[n]} of request {one}\n"
            for n, one in enumerate(ids)
        ))  # fmt: skip
    said = built(tmp_path / "a.log", tmp_path / "b.log").timeline.warnings
    assert said == (
        "the clock of b.log runs 37.0 s ahead of that of a.log (6 shared ids, spread 0.0 s): "
        "nothing was corrected",
    )


def test_silence_of_a_source_that_usually_speaks(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    minutes = [*range(60), *range(300, 360)]
    path.write_text("".join(
        f"2026-03-04T{m // 60:02}:{m % 60:02}:00Z web1 app: beat\n" for m in minutes
    ))  # fmt: skip
    (gap,) = built(path).timeline.gaps
    assert (gap.source, f"{gap.start:%H:%M}", f"{gap.end:%H:%M}") == ("a.log", "00:59", "05:00")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from 192.0.2.7 to 192[.]0[.]2[.]8", [("address", "192.0.2.7"), ("address", "192.0.2.8")]),
        ("see hxxps://evil[.]example/x.", [("url", "https://evil.example/x")]),
        ("mail a.b@example.org", [("email", "a.b@example.org")]),
        ("sha256 " + "a" * 64, [("hash", "a" * 64)]),
        ("CVE-2026-12345 and T1558.003", [("cve", "CVE-2026-12345"), ("technique", "T1558.003")]),
        ("version 1.2.3.4.5 and 999.1.1.1", []),
        (r"ran C:\Windows\System32\cmd.exe", [("file", r"C:\Windows\System32\cmd.exe")]),
        ("read /etc/shadow", [("file", "/etc/shadow")]),
    ],
)
def test_entities(text: str, found: list[tuple[str, str]]) -> None:
    assert list(entities(text)) == found


@given(st.from_regex(r"https?://[a-z]{1,9}\.[a-z]{2,5}/[a-z]{0,5}", fullmatch=True))
def test_what_is_defanged_can_be_read_again(url: str) -> None:
    assert "http" not in defang(url)
    assert refang(defang(url)) == url


def test_a_source_without_lines_is_no_trouble() -> None:
    builder = Builder()
    builder.add_messages(Source("chat", "chat", "", "card"), ())
    assert builder.build("x", "X").timeline.entries == ()
