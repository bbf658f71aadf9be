"""Filters and correlations reach into other files that are measured with them."""

from __future__ import annotations

from pathlib import Path

from faces.cli_runner import Terminal

RULE = """\
title: Any logon
id: 5f1d2f4e-33b5-4c0a-8f0e-6c1f1b1d6a01
name: any_logon
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4624}
  condition: selection
"""
FILTER = """\
title: Not over the network
logsource: {product: windows, service: security}
filter:
  rules: [any_logon]
  network: {LogonType: 3}
  condition: not network
"""
CORRELATION = """\
title: Many logons of one user
correlation:
  type: event_count
  rules: [any_logon]
  group-by: [TargetUserName]
  timespan: 1h
  condition: {gte: 3}
"""


def test_a_filter_in_another_file_is_applied(workspace: Terminal) -> None:
    Path("rules/logon.yml").write_text(RULE)
    alone = workspace("baseline", "rules", "--json").json["rules"][0]["matches"]
    Path("rules/filter.yml").write_text(FILTER)
    filtered = workspace("baseline", "rules", "--json").json["rules"]
    assert 0 < filtered[0]["matches"] < alone
    checked = workspace("check", "rules", "--json")
    assert checked.code in (0, 1)


def test_a_correlation_over_a_rule_in_another_file(workspace: Terminal) -> None:
    Path("rules/logon.yml").write_text(RULE)
    Path("rules/many.yml").write_text(CORRELATION)
    rules = workspace("baseline", "rules", "--json").json["rules"]
    many = next(r for r in rules if r["title"] == "Many logons of one user")
    assert many["status"] == "measured" and many["matches"] > 0
    (lonely,) = workspace("baseline", "rules/many.yml", "--json").json["rules"]
    assert lonely["status"] == "unmeasured"
    assert any("any_logon" in sentence for sentence in lonely["missing"])
