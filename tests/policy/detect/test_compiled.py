"""The compiled database is kept for this user alone; a spoiled or foreign one is not used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from policy.detect.formats import FORMATS, Maker
from undersign.policy.detect import compiled, detector
from undersign.policy.detect.scan import HyperscanScanner, PlainScanner

TOKEN = FORMATS[0].make(Maker("compiled"))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "undersign"


def finds() -> bool:
    return len(detector().spot(f"x {TOKEN} y")) == 1


def kept(cache: Path) -> Path:
    (only,) = cache.iterdir()
    return only


def test_it_is_kept_readable_for_this_user_alone(cache: Path) -> None:
    assert finds()
    assert kept(cache).stat().st_mode & 0o777 == 0o600
    before = kept(cache).stat().st_mtime_ns
    assert finds()
    assert kept(cache).stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [b"", b"x" * 10_000, None])
def test_a_spoiled_one_is_made_anew(cache: Path, content: bytes | None) -> None:
    assert finds()
    path = kept(cache)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"?" if content is None else content)
    assert finds()
    assert path.read_bytes() == whole


def test_one_that_others_may_write_is_not_trusted(cache: Path) -> None:
    assert finds()
    path = kept(cache)
    path.chmod(0o666)
    assert compiled._read(path) is None
    assert finds()
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_a_place_to_write_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert finds()


def test_other_rules_have_another_database(cache: Path) -> None:
    assert finds()
    detector(ranges=["203.0.113.0/24"])
    assert len(list(cache.iterdir())) == 2


def test_only_the_newest_are_kept(cache: Path) -> None:
    for number in range(compiled.KEPT + 3):
        compiled.database([b"abc%d" % number])
    assert len(list(cache.iterdir())) == compiled.KEPT


def test_without_hyperscan_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(detector().scanner, HyperscanScanner)
    assert not detector().slow
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    slow = detector()
    assert isinstance(slow.scanner, PlainScanner)
    assert "Hyperscan" in slow.slow
    assert len(slow.spot(f"x {TOKEN} y")) == 1
