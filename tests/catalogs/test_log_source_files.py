"""Log sources are read whole or refused with a place; rules find the tables that answer them."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest

from undersign.catalogs.log_source_files import read_texts
from undersign.catalogs.log_sources import LogSources, load
from undersign.errors import BadInput

GOOD = """
name = "shop"
title = "Shop log"
family = "flat"
time = ["at"]
time_zone = "UTC"
host = ["till"]
user = []
address = []
text_fields = ["at", "till"]
[[detect]]
till = "*"
[[sigma]]
product = "shop"
"""


def test_a_small_source_reads() -> None:
    (source,) = read_texts({"shop.toml": GOOD}).sources
    assert source.column("TILL") is not None
    assert source.detect == ({"till": ("*",)},)


@pytest.mark.parametrize(
    ("change", "into", "reason"),
    [
        ('name = "shop"', 'name = "other"', "not the file's name"),
        ('family = "flat"', 'family = "square"', "none of"),
        ('time_zone = "UTC"', 'time_zone = "Mars/Base"', "no IANA zone"),
        ('host = ["till"]', 'host = ["desk"]', "desk is used but not declared"),
        ('host = ["till"]', 'host = "till"', "host must be a list"),
        ('title = "Shop log"', "", "title must be a text"),
        ('text_fields = ["at", "till"]', 'include = ["_none"]', "has no file"),
        ('product = "shop"', 'prodct = "shop"', "names no logsource or an unknown key"),
        ("user = []", 'user = []\ncolour = "red"', "unknown key colour"),
        ("[[sigma]]", '[fields]\nx = "int"\n[[sigma]]', "'int' is not understood"),
        ("[[sigma]]", '[fields]\nx = {aliases = ["TILL"]}\n[[sigma]]', "stands for both"),
        ("[[detect]]", "[detect]", "written as [[detect]]"),
        ("[[detect]]", "[[detect", "not TOML"),
    ],
)
def test_a_broken_source_is_refused_with_its_file(change: str, into: str, reason: str) -> None:
    with pytest.raises(BadInput, match=r"^shop\.toml: ") as caught:
        read_texts({"shop.toml": GOOD.replace(change, into, 1)})
    assert reason in str(caught.value)


def _tables(product: str | None, category: str | None, service: str | None) -> dict[str, object]:
    return {a.source.name: dict(a.route.where) for a in load().answers(product, category, service)}


def test_process_creation_is_answered_by_sysmon_and_by_security() -> None:
    found = _tables("Windows", "Process_Creation", None)
    assert found == {
        "windows_sysmon": {"EventID": ("1",)},
        "windows_security": {"EventID": ("4688",)},
    }
    (security,) = (
        a.route
        for a in load().answers("windows", "process_creation", None)
        if a.source.name == "windows_security"
    )
    assert security.rename["Image"] == "NewProcessName"


def test_a_product_alone_is_every_table_of_it_once() -> None:
    found = [a.source.name for a in load().answers("windows", None, None)]
    assert len(found) == len(set(found)) == 6
    assert all(not a.route.where for a in load().answers("windows", None, None))


def test_category_and_service_together_ask_for_both() -> None:
    assert _tables("windows", "process_creation", "sysmon") == {
        "windows_sysmon": {"EventID": ("1",)}
    }
    assert _tables("windows", "ps_classic_start", "powershell") == {}


def test_a_service_is_its_channels() -> None:
    assert _tables("windows", None, "bits-client") == {
        "windows_other": {"Channel": ("Microsoft-Windows-Bits-Client/Operational",)}
    }


def test_known_nearest_and_nobody_knows() -> None:
    sources: LogSources = load()
    assert sources.known("okta", None, "okta") and not sources.answers("okta", None, "okta")
    assert sources.known("macos", "process_creation", None)
    assert not sources.known("windows", "proces_creation", None)
    assert not sources.known(None, None, None)
    nearest = sources.nearest("windows", "proces_creation", None)
    assert nearest[0] == "product: windows, category: process_creation"
    assert sources.nearest("zzz", "qqq", "xxx") == ()


def test_every_logsource_of_the_published_rules_is_known(shared_data: Path) -> None:
    asked: set[tuple[str | None, str | None, str | None]] = set()
    with tarfile.open(shared_data / "sigma" / "sigmahq_rules.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".yml") else None
            block = (
                re.search(r"^logsource:\n((?:[ #].*\n)+)", file.read().decode(), re.M)
                if file
                else None
            )
            if block:
                found = dict(re.findall(r"^ +(\w+): *['\"]?([\w.-]+)", block[1], re.M))
                asked.add((found.get("product"), found.get("category"), found.get("service")))
    assert len(asked) > 100
    assert [a for a in asked if not load().known(*a)] == []
    windows = [a for a in asked if a[0] == "windows" and not load().answers(*a)]
    assert {category for _, category, _ in windows} == {"file_access", "file_rename"}
