"""The packaged ATT&CK data: complete, consistent, and quick to read."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from undersign.catalogs import attack
from undersign.catalogs.load import catalogs


def test_techniques_carry_name_tactics_and_status() -> None:
    kerberoasting = attack.load().techniques["T1558.003"]
    assert kerberoasting.name == "Kerberoasting"
    assert kerberoasting.tactics == ("credential-access",)
    assert kerberoasting.status == "active"


def test_every_tactic_of_a_technique_is_a_known_tactic() -> None:
    data = attack.load()
    used = {t for technique in data.techniques.values() for t in technique.tactics}
    retired_with_mobile = {"network-effects", "remote-service-effects"}
    assert used - set(data.tactics) <= retired_with_mobile
    assert set(data.tactic_ids.values()) <= set(data.tactics)


def test_every_replacement_is_a_known_technique() -> None:
    techniques = attack.load().techniques
    replaced = [t for t in techniques.values() if t.replaced_by]
    assert len(replaced) > 150
    assert {t.replaced_by for t in replaced} <= set(techniques)


def test_changes_of_the_later_edition_are_marked() -> None:
    techniques = attack.load().techniques
    assert techniques["T1685"].since == "19"
    assert techniques["T1562.001"].withdrawn_in == "19"
    assert techniques["T1562.001"].status == "active"
    assert techniques["T1562.001"].replaced_by == "T1685"
    assert {"defense-evasion", "stealth"} <= set(techniques["T1218.011"].tactics)


def test_the_copyright_line_travels_with_the_data() -> None:
    assert "The MITRE Corporation" in attack.load().notice


def test_it_says_the_same_as_the_published_edition(shared_data: Path) -> None:
    if not (path := shared_data / "catalogs" / "attack-enterprise-18.1.json").is_file():
        pytest.skip("needs catalogs/attack-enterprise-18.1.json")
    published = json.loads(path.read_text(encoding="utf-8"))
    packaged = attack.load().techniques
    for entry in (e for e in published["entries"] if e["kind"] == "technique"):
        mine = packaged[entry["id"]]
        assert mine.name == entry["name"]
        assert set(entry.get("tactics", ())) <= set(mine.tactics)
        assert (mine.status == "revoked") == bool(entry.get("revoked"))


def test_reading_costs_little() -> None:
    program = (
        "import time, undersign.catalogs.attack as a; t = time.process_time(); a.load();"
        "print(time.process_time() - t)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert float(done.stdout) < 0.1


def test_catalog_list_says_edition_date_and_terms() -> None:
    by_name = {info.name: info for info in catalogs()}
    assert by_name["attack"].entries > 1000
    assert by_name["attack"].edition.startswith("18.1")
    assert by_name["attack"].licence
    assert by_name["log-sources"].entries > 10
    assert not by_name["attack"].stale(date(2026, 6, 1))
    assert by_name["attack"].stale(date(2028, 1, 1))
