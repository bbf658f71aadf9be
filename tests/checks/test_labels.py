"""Wrong labels are told and right ones are not: ids, editions, names, and how they fit together."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from undersign.catalogs import owasp, weaknesses
from undersign.catalogs.weaknesses import VAGUE
from undersign.checks import CHECKS
from undersign.checks.spec import DoesNotApply, Grounds, run
from undersign.records.artifact import Artifact
from undersign.records.candidate import Candidate
from undersign.records.finding import Outcome, Status

CWE, LISTS = weaknesses.load(), owasp.load()
GROUNDS = Grounds({type(CWE): CWE, type(LISTS): LISTS}, {})
LABELS = [c for c in CHECKS if c.code in ("REV020", "REV021", "REV022")]


def outcomes(cwe: Iterable[str], lists: Iterable[str], category: str = "") -> list[Outcome]:
    candidate = Candidate(
        "app.py", 1, "", "a", cwe=tuple(cwe), owasp=tuple(lists), category=category
    )
    found = []
    for check in LABELS:
        try:
            found.append(run(check, Artifact("app.py", "candidate", ""), candidate, GROUNDS))
        except DoesNotApply:
            continue
    return found


def told(cwe: Iterable[str], lists: Iterable[str], category: str = "") -> set[str]:
    return {o.code for o in outcomes(cwe, lists, category) if o.status is Status.FOUND}


def _rows(text: str) -> list[tuple[str, str, str, str]]:
    rows = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]
    return [(row[0], row[1], row[2], row[3] if len(row) > 3 else "") for row in rows]


# CWE | OWASP | our category | the check that tells
WRONG = _rows("""
CWE-9999 | | | REV020
CWE-1500 | | | REV020
CWE-46x | | | REV020
CWE-3 | | | REV020
CWE-0 | | | REV020
SQL injection | | | REV020
CWE-247 | | | REV020
CWE-132 | | | REV020
CWE-217 | | | REV020
CWE-1187 | | | REV020
CWE-16 | | | REV020
CWE-264 | | | REV020
CWE-310 | | | REV020
CWE-399 | | | REV020
CWE-1000 | | | REV020
CWE-699 | | | REV020
CWE-1026 | | | REV020
CWE-1347 | | | REV020
CWE-707 | | | REV020
CWE-20 | | | REV020
CWE-74 | | | REV020
CWE-693 | | | REV020
CWE-89: Cross-site Scripting | | | REV020
CWE-79: SQL Injection | | | REV020
CWE-78: Path Traversal | | | REV020
CWE-22: OS Command Injection | | | REV020
CWE-352: Server-Side Request Forgery (SSRF) | | | REV020
CWE-918 - Cross-Site Request Forgery | | | REV020
CWE-502 (XML External Entity) | | | REV020
CWE-798: Missing Authorization | | | REV020
CWE-306: Use of Weak Hash | | | REV020
CWE-601: Unrestricted Upload of File with Dangerous Type | | | REV020
CWE-94: Use of Hard-coded Credentials | | | REV020
CWE-611: Deserialization of Untrusted Data | | | REV020
CWE-295: Prototype dragon pollution of wizards | | | REV020
| A03 | | REV021
| A01 | | REV021
| A10 | | REV021
| LLM02 | | REV021
| LLM05 | | REV021
| LLM10 | | REV021
| A05 Injection | | REV021
| A11:2021 | | REV021
| A00:2021 | | REV021
| A03:2022 | | REV021
| A03:2023 | | REV021
| A03:2024 | | REV021
| A03:2026 | | REV021
| LLM05:2024 | | REV021
| LLM11:2025 | | REV021
| ASI11:2026 | | REV021
| ASI02:2025 | | REV021
| Injection | | REV021
| A03:2025 - Injection | | REV021
| A05:2025 - Security Misconfiguration | | REV021
| A10:2025 - Server-Side Request Forgery (SSRF) | | REV021
| A07:2021 - Cross-Site Scripting (XSS) | | REV021
| A01:2021 - Injection | | REV021
| LLM02:2025 Insecure Output Handling | | REV021
| LLM08:2025 Excessive Agency | | REV021
| LLM06:1.1 Excessive Agency | | REV021
| LLM07:2025 Insecure Plugin Design | | REV021
CWE-89 | A01:2021 | | REV022
CWE-89 | A03:2025 | | REV022
CWE-89 | A03:2021, A03:2025 | | REV022
CWE-79 | A07:2021 | | REV022
CWE-918 | A10:2025 | | REV022
CWE-918 | A03:2021 | | REV022
CWE-502 | A03:2021 | | REV022
CWE-502 | A01:2021 | | REV022
CWE-798 | A02:2021 | | REV022
CWE-798 | A05:2021 | | REV022
CWE-327 | A02:2025 | | REV022
CWE-611 | A03:2021 | | REV022
CWE-611 | A05:2025 | | REV022
CWE-117 | A03:2021 | | REV022
CWE-306 | A01:2021 | | REV022
CWE-862 | A07:2021 | | REV022
CWE-352 | A05:2021 | | REV022
CWE-295 | A02:2021 | | REV022
CWE-564 | A01:2021 | | REV022
CWE-89 | | cross-site-scripting | REV022
CWE-79 | | sql-injection | REV022
CWE-22 | | command-injection | REV022
CWE-352 | | server-side-request-forgery | REV022
CWE-798 | | weak-hash | REV022
CWE-502 | | path-traversal | REV022
CWE-306 | | request-forgery | REV022
CWE-117 | | header-injection | REV022
CWE-601 | | missing-authorization | REV022
 | A01:2021 | sql-injection | REV022
 | A03:2025 | command-injection | REV022
 | LLM02:2025 | llm-output-handling | REV022
 | LLM08:2025 | excessive-agency | REV022
CWE-1427 | LLM05:1.1 | | REV022
""")

RIGHT = _rows("""
CWE-89 | A03:2021 | sql-injection
CWE-89 | A05:2025 | sql-injection
CWE-89 | A1:2017 | sql-injection
CWE-89 | A03:2021, A05:2025 | sql-injection
CWE-89: SQL Injection | A03:2021 - Injection | sql-injection
CWE-89: Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection') | A03:2021 | sql-injection
CWE-564: SQL Injection: Hibernate | A03:2021 | sql-injection
cwe-089 | OWASP:2021-A03 | sql-injection
89 | A03:2021 | sql-injection
CWE-943 | A03:2021 | sql-injection
CWE-78 | A03:2021 | command-injection
CWE-77: Command Injection | A05:2025-Injection | command-injection
CWE-78: OS Command Injection | A01:2017 - Injection | command-injection
CWE-88 | A03:2021 | command-injection
CWE-94 | A03:2021 | code-injection
CWE-95: Eval Injection | A05:2025 | code-injection
CWE-96 | A03:2021 | code-injection
CWE-470 | A03:2021 | code-injection
CWE-22 | A01:2021 | path-traversal
CWE-22: Path Traversal | A5:2017-Broken Access Control | path-traversal
CWE-23 | A01:2025 | path-traversal
CWE-36 | A01:2025 | path-traversal
CWE-36 | A01:2021 | path-traversal
CWE-73 | A04:2021 | path-traversal
CWE-79 | A03:2021 | cross-site-scripting
CWE-79: Cross-site Scripting (XSS) | A07:2017 - Cross-Site Scripting (XSS) | cross-site-scripting
CWE-79: XSS | A05:2025 - Injection | cross-site-scripting
CWE-80 | A03:2021 | cross-site-scripting
CWE-116 | A03:2021 | cross-site-scripting
CWE-1336 | A03:2021 | template-injection
CWE-1336 | A05:2025 | template-injection
CWE-94 | A03:2021 | template-injection
CWE-601 | A01:2021 | open-redirect
CWE-601: Open Redirect | A01:2021 - Broken Access Control | open-redirect
CWE-918 | A10:2021 | server-side-request-forgery
CWE-918 | A01:2025 | server-side-request-forgery
CWE-918: SSRF | A10:2021 - Server-Side Request Forgery (SSRF) | server-side-request-forgery
CWE-918: Server-Side Request Forgery | A10:2021 - Server-Side Request Forgery | server-side-request-forgery
CWE-611 | A05:2021 | xml-external-entity
CWE-611 | A02:2025 | xml-external-entity
CWE-611: XXE | A4:2017 - XML External Entities (XXE) | xml-external-entity
CWE-776 | A05:2021 | xml-external-entity
CWE-502 | A08:2021 | unsafe-deserialization
CWE-502: Deserialization of Untrusted Data | A8:2017-Insecure Deserialization | unsafe-deserialization
CWE-502: Insecure deserialisation | A08:2025 | unsafe-deserialization
CWE-90 | A03:2021 | ldap-injection
CWE-90: LDAP Injection | A05:2025 | ldap-injection
CWE-643 | A03:2021 | xpath-injection
CWE-643: XPath Injection | A05:2025 | xpath-injection
CWE-943 | A03:2021 | nosql-injection
CWE-943: NoSQL Injection | A05:2025 | nosql-injection
CWE-113 | A03:2021 | header-injection
CWE-93: CRLF Injection | A03:2021 | header-injection
CWE-117 | A09:2021 | log-injection
CWE-117: Log Injection | A09:2025 | log-injection
CWE-1333 | | regex-denial
CWE-1333: Inefficient Regular Expression Complexity | | regex-denial
CWE-501 | A04:2021 | trust-boundary
CWE-501: Trust Boundary Violation | A06:2025 | trust-boundary
CWE-328 | A02:2021 | weak-hash
CWE-328: Use of Weak Hash | A04:2025 | weak-hash
CWE-327 | A02:2021 | weak-hash
CWE-916 | A02:2021 | weak-hash
CWE-327 | A02:2021 | weak-cipher
CWE-327: Use of a Broken or Risky Cryptographic Algorithm | A3:2017 - Sensitive Data Exposure | weak-cipher
CWE-326 | A04:2025 | weak-cipher
CWE-330 | A02:2021 | weak-random
CWE-338: Use of Cryptographically Weak Pseudo-Random Number Generator (PRNG) | A02:2021 | weak-random
CWE-338 | A04:2025 | weak-random
CWE-614 | A05:2021 | insecure-cookie
CWE-614: Sensitive Cookie in HTTPS Session Without 'Secure' Attribute | A02:2025 | insecure-cookie
CWE-1004 | A05:2021 | insecure-cookie
CWE-1275 | A01:2021 | insecure-cookie
CWE-798 | A07:2021 | hardcoded-secret
CWE-798: Use of Hard-coded Credentials | A07:2025 | hardcoded-secret
CWE-259: Use of Hard-coded Password | A07:2021 | hardcoded-secret
CWE-321 | A02:2021 | hardcoded-secret
CWE-522 | A04:2021 | hardcoded-secret
CWE-306 | A07:2021 | missing-authentication
CWE-306: Missing Authentication for Critical Function | A07:2025 | missing-authentication
CWE-862 | A01:2021 | missing-authorization
CWE-862: Missing Authorization | A01:2025 | missing-authorization
CWE-863 | A01:2021 | missing-authorization
CWE-639 | A01:2021 | object-authorization
CWE-639: IDOR | A01:2025 | object-authorization
CWE-352 | A01:2021 | request-forgery
CWE-352: Cross-Site Request Forgery (CSRF) | A01:2025 | request-forgery
CWE-489 | A02:2025 | debug-enabled
CWE-489: Active Debug Code | A05:2021 | debug-enabled
CWE-295 | A07:2021 | disabled-tls-verification
CWE-295: Improper Certificate Validation | A07:2025 | disabled-tls-verification
CWE-319: Cleartext Transmission of Sensitive Information | A02:2021 | disabled-tls-verification
CWE-200 | A01:2021 | information-exposure
CWE-209 | A04:2021 | information-exposure
CWE-532: Insertion of Sensitive Information into Log File | A09:2021 | information-exposure
CWE-434 | A04:2021 | unrestricted-upload
CWE-434: Unrestricted Upload of File with Dangerous Type | A06:2025 | unrestricted-upload
CWE-732 | A01:2025 | insecure-permissions
CWE-276 | A01:2021 | insecure-permissions
CWE-1395 | A06:2021 | dependency
CWE-1395 | A03:2025 | dependency
CWE-1104 | A06:2021 | dependency
CWE-1357 | A03:2025 - Software Supply Chain Failures | dependency
CWE-829 | A08:2021 | dependency
CWE-1426 | LLM02:1.1 | llm-output-handling
CWE-1426 | LLM05:2025 | llm-output-handling
CWE-89 | LLM05:2025 Improper Output Handling | sql-injection
CWE-78 | LLM02:1.1 Insecure Output Handling | command-injection
CWE-862 | LLM06:2025 | excessive-agency
CWE-862 | LLM08 (v1.1) Excessive Agency | excessive-agency
CWE-1427 | LLM01:2025 Prompt Injection | prompt-injection
CWE-77 | LLM01:1.1 | prompt-injection
| ASI02:2026 Tool Misuse & Exploitation |
CWE-287, CWE-306 | A07:2021 |
""")  # noqa: E501


@pytest.mark.parametrize(("cwe", "lists", "category", "code"), WRONG)
def test_a_wrong_label_is_told(cwe: str, lists: str, category: str, code: str) -> None:
    found = told([cwe] if cwe else [], [lists] if lists else [], category)
    assert code in found


@pytest.mark.parametrize(("cwe", "lists", "category", "_"), RIGHT)
def test_a_right_label_is_not(cwe: str, lists: str, category: str, _: str) -> None:
    found = outcomes([cwe] if cwe else [], [lists] if lists else [], category)
    alarms = [f.message for o in found for f in o.findings if "discourages" not in f.message]
    assert found
    assert alarms == []


def test_there_are_enough_of_both() -> None:
    assert len({row[:3] for row in WRONG}) >= 60
    assert len({row[:3] for row in RIGHT}) >= 100


def test_every_pair_that_a_list_names_is_right() -> None:
    pairs = [(i, e.id) for e in LISTS.entries.values() for i in e.cwe]
    assert len(pairs) > 400
    assert [p for p in pairs if "REV022" in told([p[0]], [p[1]])] == []


def test_every_pair_of_a_weakness_with_a_place_where_it_is_not_is_wrong() -> None:
    silent = []
    for edition in ("2021", "2025"):
        entries = [e for e in LISTS.entries.values() if e.cwe and e.edition == edition]
        for id_ in {i for e in entries for i in e.cwe} - VAGUE:
            away = next(e for e in entries if id_ not in e.cwe)
            if "REV022" not in told([id_], [away.id]):
                silent.append((id_, away.id))
    assert silent == []


def test_the_official_name_is_right_and_that_of_another_is_wrong() -> None:
    known = [
        e for e in CWE.entries.values() if e.abstraction in ("Base", "Variant", "Class")
        and e.status != "Deprecated"
    ]  # fmt: skip
    draw = random.Random(5)
    missed = 0
    for entry in known:
        own = outcomes([f"{entry.id}: {entry.name}"], [])
        assert not [f for o in own for f in o.findings if ", not `" in f.message], entry.id
        other = draw.choice(known)
        kin = other.id in CWE.above(entry.id) or entry.id in CWE.above(other.id)
        if kin or other.name == entry.name:
            continue
        said = outcomes([f"{entry.id}: {other.name}"], [])
        missed += not [f for o in said for f in o.findings if ", not `" in f.message]
    assert missed == 0


def test_hostile_labels_are_quoted_and_short() -> None:
    hostile = "CWE-89: \x1b[2J\u202eadmin\n" + "A" * 5_000
    for outcome in outcomes([hostile, "\x00" * 300, "CWE-" + "9" * 400], ["A" * 9_000, hostile]):
        for finding in outcome.findings:
            assert len(finding.message) < 500
            assert finding.message.isprintable()
