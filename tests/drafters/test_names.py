"""What a drafter's name says of where it is: its own words first, then a variable."""

from __future__ import annotations

import pytest

from undersign.drafters.names import DrafterName, in_effect, named_by, parse
from undersign.drafters.providers import PROVIDERS
from undersign.errors import UsageError
from undersign.policy.policy import AT_HOME, matches

HOSTED = [p for p in PROVIDERS if p.home]
PROXY = "https://proxy.example.org"
hosted = pytest.mark.parametrize("line", HOSTED, ids=lambda line: line.name)


def test_the_policy_knows_the_same_providers_at_home() -> None:
    assert tuple(p.name for p in HOSTED) == AT_HOME
    assert all(p.variable and p.home.startswith("https://") for p in HOSTED)


@hosted
@pytest.mark.parametrize(
    ("written", "variable", "url"),
    [
        ("", "", ""),
        ("", " ", ""),
        ("", PROXY, PROXY),
        ("", f" {PROXY}/ ", PROXY),
        ("", "HTTPS://Proxy.Example.org/Path/", f"{PROXY}/Path"),
        ("", "http://127.0.0.1:4100/claude-code", "http://127.0.0.1:4100/claude-code"),
        (f"@{PROXY}", "", PROXY),
        (f"@{PROXY}", "https://other.example.org", PROXY),
        ("@HOME", PROXY, ""),
        ("", "HOME", ""),
        ("", "HOME/", ""),
    ],
)
def test_the_name_in_effect(line: object, written: str, variable: str, url: str) -> None:
    name, home, var = line.name, line.home, line.variable  # type: ignore[attr-defined]
    environ = {var: variable.replace("HOME", home), "OPENAI_COMPATIBLE_BASE_URL": PROXY}
    found = in_effect(f"{name}:m{written.replace('HOME', home)}", environ)
    assert found == DrafterName(name, "m", url)
    assert str(found) == (f"{name}:m@{url}" if url else f"{name}:m")
    assert found.address == (url or home)
    from_variable = bool(url) and not written
    assert named_by(found, environ) == (var if from_variable else "")


@hosted
@pytest.mark.parametrize(
    "near",
    ["http://HOST", "https://HOST.example.org", "https://HOST.", "https://HOST:8443",
     "https://eu.HOST", "https://example.org/HOST", "https://xHOST"],
)  # fmt: skip
def test_what_only_looks_like_home_is_elsewhere(line: object, near: str) -> None:
    name, home, var = line.name, line.home, line.variable  # type: ignore[attr-defined]
    host = home.removeprefix("https://").partition("/")[0]
    found = in_effect(f"{name}:m", {var: near.replace("HOST", host)})
    assert found.url and not matches(f"{name}:*", str(found))


@hosted
@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://me:pass-hunter2@proxy.example.org", "no user name or password"),
        ("https://pass-hunter2@proxy.example.org", "no user name or password"),
        ("https://@proxy.example.org", "no user name or password"),
        ("HTTPS://me:pass-hunter2@proxy.example.org", "no user name or password"),
        (f"{PROXY}?key=pass-hunter2", "no ?"),
        (f"{PROXY}#pass-hunter2", "no ?"),
        ("proxy.example.org", "http:// or https://"),
        ("ftp://proxy.example.org", "http:// or https://"),
        ("https://pro\nxy.example.org", "http:// or https://"),
        ("https://proxy.example.org\\.example.net", "http:// or https://"),
        ("https://proxy.example.org /", "http:// or https://"),
        ("https://pr\u00f6xy.example.org", "http:// or https://"),
        ("https://[::1", "http:// or https://"),
    ],
)
def test_an_address_that_cannot_be_recorded_is_refused(line: object, url: str, told: str) -> None:
    name, var = line.name, line.variable  # type: ignore[attr-defined]
    for text, environ in ((f"{name}:m@{url}", {}), (f"{name}:m", {var: url})):
        with pytest.raises(UsageError) as refused:
            in_effect(text, environ)
        shown = f"{refused.value} {refused.value.hint} {refused.value!r}"
        assert told in refused.value.message and "hunter2" not in shown
        assert (var in shown) is bool(environ)


@hosted
def test_a_variable_of_another_provider_is_not_looked_at(line: object) -> None:
    name, var = line.name, line.variable  # type: ignore[attr-defined]
    others = {p.variable: PROXY for p in HOSTED if p.variable != var}
    assert in_effect(f"{name}:m", others) == parse(f"{name}:m")


@pytest.mark.parametrize(
    "text",
    ["replay:a@b", "command:curl https://a@b", "openai-compatible:m@HTTP://Host.example/v1/"],
)
def test_other_names_stay_as_they_are_written(text: str) -> None:
    everything = {p.variable: PROXY for p in HOSTED}
    assert str(in_effect(text, everything)) == text
