from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.collection import SigmaCollection

from drafters.judge import NOW, alerts, documents, drafted
from undersign.drafters.call import draft
from undersign.errors import BadInput, UsageError
from undersign.languages.sigma import parse
from undersign.records.corpus import Corpus
from undersign.records.drafting import DraftGrounds
from undersign.records.history import ThresholdProposal

SEED = (
    "detect Kerberoasting where a non-admin account requests TGS tickets for SPNs at high volume "
    "from a single workstation in a 30-minute window"
)
MEASURED = ThresholdProposal(
    value=14, percentile=99.9, observed_max=28, groups=44, windows=336, alerts_per_day=0.1
)


@pytest.mark.parametrize("corpus", [None, Corpus(())])
def test_the_seed_sentence(corpus: Corpus | None) -> None:
    result = drafted(SEED, DraftGrounds(corpus=corpus))
    rule, correlation = documents(result)
    collection = SigmaCollection.from_yaml(result.text)
    assert not collection.errors and len(collection.rules) == 2
    assert not any(document.problems for document in parse(result.text).documents)
    assert rule["name"] in correlation["correlation"]["rules"]
    assert rule["detection"]["selection"]["EventID"] == 4769
    assert correlation["tags"] == ["attack.credential-access", "attack.t1558.003"]
    assert correlation["correlation"]["group-by"] == ["IpAddress"]
    assert correlation["correlation"]["timespan"] == "30m"
    assert result.slug == "kerberoasting"
    assert result.unused_words == ()
    assert any("admin" in question for question in result.open_questions)


def test_high_volume_without_history_is_marked_as_nobodys_number() -> None:
    result = drafted(SEED)
    correlation = documents(result)[1]
    value = correlation["correlation"]["condition"]["gte"]
    assert correlation["undersign"]["threshold"] == {"from": "unmeasured", "value": value}
    assert any("high volume" in question for question in result.open_questions)


def test_high_volume_with_history_is_the_measured_number() -> None:
    result = drafted(SEED, DraftGrounds(threshold=MEASURED, snapshot="s7", days=7))
    correlation = documents(result)[1]
    assert correlation["correlation"]["condition"] == {"gte": 14, "field": "ServiceName"}
    stated = {"from": "history", "value": 14, "percentile": 99.9, "snapshot": "s7", "days": 7}
    assert correlation["undersign"]["threshold"] == stated
    assert not any("high volume" in question for question in result.open_questions)


def test_a_number_in_the_brief_wins_over_history() -> None:
    brief = "Kerberoasting with more than 40 SPNs per hour"
    correlation = documents(drafted(brief, DraftGrounds(threshold=MEASURED)))[1]
    assert correlation["correlation"]["condition"]["gt"] == 40
    assert correlation["undersign"]["threshold"] == {"from": "brief", "value": 40}


def test_the_identity_of_a_rule_survives_the_measuring() -> None:
    first, second = drafted(SEED), drafted(SEED, DraftGrounds(threshold=MEASURED))
    assert [d["id"] for d in documents(first)] == [d["id"] for d in documents(second)]
    assert documents(first)[0]["id"] != documents(first)[1]["id"]


def test_the_author_is_left_to_a_person() -> None:
    assert all("author" not in document for document in documents(drafted(SEED)))


def test_proposed_cases_of_the_seed_fire_and_stay_quiet() -> None:
    result = drafted(SEED)
    cases = [case for case in yaml.safe_load(result.tests_text) if "events" in case]
    assert [case["expect"] for case in cases] == ["match", "no-match"]
    assert [alerts(result, "SystemTime", case["events"]) for case in cases] == [True, False]


def test_what_is_excluded_is_a_filter() -> None:
    brief = (
        "Kerberoasting except by user 'svc-scan' or from 10.1.0.0/16, excluding machine accounts"
    )
    detection = documents(drafted(brief))[0]["detection"]
    assert {"TargetUserName": "svc-scan"} in detection.values()
    assert {"IpAddress|cidr": "10.1.0.0/16"} in detection.values()
    assert detection["filter_machine_accounts"] == {"TargetUserName|contains": "$@"}
    assert detection["condition"] == "selection and not 1 of filter_*"


def test_a_field_the_event_lacks_is_asked_about_not_written() -> None:
    result = drafted("Kerberoasting by process foo.exe in an hour")
    assert "foo.exe" not in str(documents(result)[0]["detection"])
    assert any("foo.exe" in question for question in result.open_questions)
    assert "foo.exe" in result.unused_words


def test_words_that_shape_nothing_are_reported() -> None:
    assert drafted("DCShadow during the full moon").unused_words == ("during", "full", "moon")


def test_a_window_that_nothing_counts_in_is_reported() -> None:
    result = drafted("certutil downloads within 5 minutes")
    assert len(documents(result)) == 1
    assert {"5", "minutes"} <= set(result.unused_words)


def test_time_of_day_is_an_open_question() -> None:
    result = drafted("new Windows service outside business hours")
    assert any("time of day" in question for question in result.open_questions)


def test_literals_alone_make_a_rule_that_claims_no_technique() -> None:
    result = drafted("event 4663 on path C:\\Secret more than 5 times per hour")
    rule, correlation = documents(result)
    assert rule["detection"]["selection"] == {"EventID": 4663}
    assert "tags" not in rule and correlation["correlation"]["condition"] == {"gt": 5}
    assert any("technique" in question for question in result.open_questions)


@pytest.mark.parametrize(
    "brief", ["", "   ", "x" * 3000, "please make coffee within 5 minutes", "T1003.004", "!!!"]
)
def test_what_is_not_understood_is_refused(brief: str) -> None:
    with pytest.raises(BadInput) as refusal:
        drafted(brief)
    assert refusal.value.hint


def test_a_refusal_says_what_was_understood() -> None:
    with pytest.raises(BadInput, match="window 5m"):
        drafted("please make coffee within 5 minutes")


def test_unknown_drafters_and_kinds_are_named() -> None:
    with pytest.raises(UsageError, match="offline"):
        draft("sigma", SEED, "oracle", DraftGrounds(), now=NOW)
    with pytest.raises(UsageError, match="sigma"):
        draft("poem", SEED, "offline", DraftGrounds(), now=NOW)


@pytest.mark.parametrize(
    "attack",
    [
        "Kerberoasting by user 'x\\n---\\nauthor: eve'",
        "Kerberoasting by user '*'",
        "Kerberoasting by user '{a: 1}' or \"!!python/object:os.system\"",
        "Kerberoasting by user '# no comment'",
        "Kerberoasting by user 'a T1558 b'",
    ],
)
def test_a_hostile_brief_stays_a_value(attack: str) -> None:
    result = drafted(attack)
    assert len(documents(result)) == 2
    assert all("author" not in document for document in documents(result))
    assert not SigmaCollection.from_yaml(result.text).errors


def test_same_brief_same_bytes() -> None:
    assert drafted(SEED) == drafted(SEED)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*SEED.split(), "'a", "b'", "\\", ">", "5", "MB", "T1558", "not", "or", ","]
        ),
        min_size=1,
        max_size=14,
    )
)
def test_any_order_of_words_is_a_valid_rule_or_a_refusal(words: list[str]) -> None:
    try:
        result = drafted(" ".join(words))
    except BadInput:
        return
    assert not SigmaCollection.from_yaml(result.text).errors
    assert not any(document.problems for document in parse(result.text).documents)
