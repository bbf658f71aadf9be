"""What is spotted besides tokens, where exactly, and that no text makes the detector slow."""

from __future__ import annotations

import random
import string
import time
from base64 import b64encode, urlsafe_b64encode
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.detect.formats import CONTEXTS, FORMATS, Maker, placed
from undersign.errors import BadInput
from undersign.policy.detect import Detector, OwnRule, detector, rules
from undersign.policy.detect.people import luhn
from undersign.policy.detect.scan import plain
from undersign.records.ruling import DATA_CLASSES


@lru_cache(maxsize=1)
def everything() -> Detector:
    return detector(
        words={"customer": ["Globex Corp", "Initech", "Müller GmbH"], "confidential": ["Bluebird"]},
        hosts=["corp.example.org"],
        ranges=["203.0.113.0/24", "2001:db8:5::/48"],
    )


def spotted(text: str) -> list[tuple[str, str]]:
    return [(s.rule, text[s.start : s.end]) for s in everything().spot(text)]


def card(prefix: str, size: int) -> str:
    """Return a card number of an issuer's range, with its check digit."""
    drawn = random.Random(prefix).choices(string.digits, k=size - len(prefix) - 1)
    body = prefix + "".join(drawn)
    return next(body + d for d in string.digits if luhn((body + d).encode()))


def iban(country: str, account: str) -> str:
    """Return an IBAN with its check digits, by ISO 13616: 98 less the rest modulo 97."""
    digits = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{account}"


@pytest.mark.parametrize(
    ("rule", "line", "value"),
    [
        ("url-password", "postgres://app:{}@db.example.net:5432/x", "s3cretPw9"),
        ("url-password", "https://ci:{}@git.example.net/repo.git", "a-b_c%40d1"),
        ("curl-user", "curl -s -u admin:{} https://api.example.net", "hunterTwo9"),
        ("basic-auth", "Authorization: Basic {}\r\n", "YWxpY2U6b3BlbnNlc2FtZQ=="),
        ("registry-auth", '{{"auths": {{"r.example.net": {{"auth": "{}"}}}}}}', "Ym90OnNlY3JldDEy"),
        ("netrc-password", "machine api.example.net login bot password {}\n", "k3ptHere"),
        ("command-password", "net user backup {} /add", "Winter2026!"),
        ("command-password", "sshpass -p {} ssh root@192.0.2.1", "toor77"),
        ("command-password", "ConvertTo-SecureString '{}' -AsPlainText -Force", "P@ss w0rd"),
        ("password", 'db.connect(user="app", password="{}")', "correct-horse"),
        ("password", "mysql --user=app --password={} db", "s3cr3tPw"),
        ("password", "Server=db;Database=x;User Id=app;Password={};Encrypt=yes", "Str0ng!Pw"),
        ("password", "<password>{}</password>", "aW3someOne"),
        ("session-cookie", "Cookie2: JSESSIONID={}; path=/", "8A7F3C21D9E04B56A1C2D3E4F5060718"),
        ("email", "from {} to the list", "maria.k+ops@mail.example.io"),
        ("phone", "call {}, please", "+49 30 9018203"),
        ("phone", "tel: {}", "+14155550132"),
        ("phone", "tel: {}", "(212) 555-0123"),
        ("iban", "IBAN: {}", iban("DE", "370400440532013000")),
        ("iban", "pay to {} now", iban("GB", "NWBK60161331926819")),
        ("card-number", "paid with {}.", card("4", 16)),
        ("card-number", "card={}&cvv=1", card("5105", 16)),
        ("card-number", '"pan": "{}"', card("37", 15)),
        ("card-number", "x {} y", " ".join(card("6011", 16)[i : i + 4] for i in (0, 4, 8, 12))),
        ("us-ssn", "SSN: {}", "219-09-9999"),
        ("internal-host", "Failed password for root from {} port 22", "db1.corp"),
        ("internal-host", "https://{}/browse", "jira.corp.example.org"),
        ("internal-host", '"Computer":"{}"', "WKSTN-05.lab.local"),
        ("internal-address", "src={} dst", "10.20.30.40"),
        ("internal-address", "src={}:443", "172.31.255.1"),
        ("internal-address", '"{}"', "203.0.113.7"),
        ("internal-address", "to {}%eth0", "fe80::1ff:fe23:4567:890a"),
        ("internal-address", "to [{}]:443", "2001:db8:5::10"),
        ("dictionary:customer", "the {} deal", "GLOBEX CORP"),
        ("dictionary:customer", "s3://backup/{}_prod", "initech"),
        ("dictionary:customer", "für {} – Angebot", "MÜLLER GmbH"),
        ("dictionary:confidential", "project-{}:", "bluebird"),
        ("password-hash", "root:{}:19000:0:99999:7:::", "$6$Zx8abcdE$" + "kQ9z" * 20),
        ("ntlm-hash", "Administrator:500:{}:::",
         "aad3b435b51404ee" * 2 + ":" + "31d6cfe0d16ae931" * 2),
        ("signed-url", "https://x.example.net/c?sv=2022&sig={}&se=2026",
         Maker("sas").an(43) + "%3D"),
        ("base64-blob", "payload={} end", "QWxpY2UgaW4gV29uZGVybGFuZDEyMzQ1Njc4OTA1" * 8),
    ],
)  # fmt: skip
def test_it_spots(rule: str, line: str, value: str) -> None:
    text = line.format(value)
    assert (rule, value) in spotted(text), spotted(text)


@pytest.mark.parametrize(
    "text",
    [
        "password = get_password()", "password: str", "if password == other.password:",
        'password = "${DB_PASSWORD}"', "PASSWORD=<your password>", "token: {{ .Values.token }}",
        'os.environ["API_TOKEN"]', "api_key=os.getenv('X')", "next_token = page.next_token",
        "secret_name: my-service-secret-name", "AKIAIOSFODNN7EXAMPLE", "ghp_" + "x" * 36,
        '"integrity": "sha512-' + "a1B2" * 21 + '=="',
        "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "uuid 123e4567-e89b-42d3-a456-426614174000", "card 4111 1111 1111 1112",
        "rtt 0.4111111111111111",
        "iban DE00 3704 0044 0532 0130 00", "123-45-6789", "2026-03-01T12:00:00+02:00",
        "Windows 10.0.19041.1288", "10.300.1.1", "8.8.8.8 and 198.51.100.4", "threading.local()",
        "from hypothesis.internal import reflection", "the initechs", "user@example.com",
        "git@github.com:org/repo.git", "hashlib.sha256(b'x').hexdigest()",
        "for token in tokens: pass",
    ],
)  # fmt: skip
def test_it_leaves_alone(text: str) -> None:
    assert spotted(text) == []


@pytest.mark.parametrize("kind", ["RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\\n"])
def test_a_private_key_is_hidden_whole_and_when_cut_off(kind: str, newline: str) -> None:
    maker = Maker(kind)
    lines = [maker.std(64) for _ in range(8)]
    head, foot = f"-----BEGIN {kind}PRIVATE KEY-----", f"-----END {kind}PRIVATE KEY-----"
    key = newline.join([head, *lines, foot])
    text = f'"key": "{key}", "id": 3'
    assert ("private-key", key) in spotted(text)
    cut = newline.join([head, *lines])
    assert all(line not in hidden(f"log: {cut}") for line in lines)


def hidden(text: str) -> str:
    """Return a text with everything spotted taken out."""
    at, parts = 0, []
    for piece in everything().spot(text):
        parts.append(text[at : piece.start])
        at = piece.end
    return "".join([*parts, text[at:]])


def test_a_cluster_secret_is_hidden() -> None:
    text = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n"
        "  user: YWRtaW5pc3RyYXRvcg==\n  pin: MTIzNDU2Nzg5MA==\n---\nkind: ConfigMap\n"
        "data:\n  greeting: aGVsbG8gd29ybGQ=\n"
    )
    assert spotted(text) == [
        ("kubernetes-secret", "YWRtaW5pc3RyYXRvcg=="),
        ("kubernetes-secret", "MTIzNDU2Nzg5MA=="),
    ]


@pytest.mark.parametrize(
    "form",
    [
        '{{"apiVersion":"v1","data":{{"user":"{a}","pin":"{b}"}},"kind":"Secret","type":"Opaque"}}',
        '{{"kind": "Secret", "metadata": {{}}, "data": {{"user": "{a}", "pin": "{b}"}}}}',
        '{{"m": "{{\\"kind\\":\\"Secret\\",\\"data\\":{{\\"u\\":\\"{a}\\",\\"p\\":\\"{b}\\"}}}}"}}',
        "kind: Secret\nstringData:\n  user: {a}\n  pin: '{b}'\ntype: Opaque\n",
        "  kind: Secret\n  data:\n    user: {a}\n    pin: {b}\n  metadata:\n    name: abcd\n",
    ],
)
def test_a_cluster_secret_is_hidden_in_every_form(form: str) -> None:
    values = {"a": "cm9vdA==", "b": "MTIzNA=="}
    assert spotted(form.format(**values)) == [("kubernetes-secret", v) for v in values.values()]


def test_what_only_names_a_cluster_secret_is_none() -> None:
    assert spotted("kind: SecretStore\ndata:\n  user: YWRtaW5pc3RyYXRvcg==\n") == []


@pytest.mark.parametrize("before", ["", "x", "ab", "abc", "name=", '{"k":"v","t":"'])
@pytest.mark.parametrize("urlsafe", [False, True])
def test_a_token_inside_base64_is_hidden(before: str, urlsafe: bool) -> None:
    code = urlsafe_b64encode if urlsafe else b64encode
    for one in FORMATS:
        if not one.name.startswith(("GitHub", "GitLab personal", "Anthropic", "Stripe", "npm")):
            continue
        text = code(f'{before}{one.make(Maker(one.name))}"'.encode()).decode()
        assert text not in hidden(f'Cookie2: c="{text}"; x'), (one.name, text)
        found = {rule for rule, _ in spotted(f"Basic {text}\n")}
        assert found, (one.name, text)


def test_ordinary_base64_is_left_alone() -> None:
    text = b64encode(b"the quick brown fox jumps over the lazy dog").decode()
    assert spotted(f'{{"body": "{text}"}}') == []


@pytest.mark.parametrize("name", ["client_secret", "API_KEY", "secretKey", "auth_token"])
def test_a_quoted_value_of_a_name_without_doubt(name: str) -> None:
    rng = random.Random(name)
    for alphabet in (string.ascii_lowercase + string.digits, "0123456789abcdef"):
        for _ in range(200):
            value = "".join(rng.choices(alphabet, k=12))
            assert value in [found for _, found in spotted(f'{name} = "{value}"')], value


SETTINGS = {
    "env": "DB_HOST=db.example.org\nDB_PASSWORD={}\nPORT=5432\n",
    "exported": "export MYSQL_PASSWORD={}\n",
    "ini": "[client]\nuser = root\npassword = {}\nhost = db\n",
    "properties": "datasource.username=app\ndatasource.password={}\n",
    "yaml": "database:\n  user: app\n  password: {}\n  port: 5432\n",
    "yaml list": "    environment:\n      - POSTGRES_PASSWORD={}\n",
    "option": "mysqldump --user app --password {} db",
    "option with a sign": "mysql -u root --password={} db",
    "option of Windows": "tool.exe /user:bob /password:{} /go",
    "connection string": "Server=db;User Id=app;Password={};Encrypt=yes",
    "data source": "host=db user=app password={} dbname=x",
    "query": "GET /login?user=bob&password={}&x=1 HTTP/1.1",
    "form": "username=bob&password={}",
    "log line": "2026-03-01 12:00:00 login failed user=bob password={} ip=192.0.2.7",
    "message": "login failed for bob password={}\n",
    "container": "docker run -e MYSQL_ROOT_PASSWORD={} mysql",
}


@pytest.mark.parametrize("where", SETTINGS)
@pytest.mark.parametrize("value", ["hunter", "sunshine", "Qwertz", "monkey123", "two-birds"])
def test_a_password_without_quotes_in_a_setting(where: str, value: str) -> None:
    assert ("password", value) in spotted(SETTINGS[where].format(value))


@pytest.mark.parametrize(
    "text",
    [
        "def login(user=name, password=hunter):\n    pass\n",
        "class Login:\n    user: str\n    password: SecretStr\n    host: str\n",
        "interface Login {\n  user: string\n  password: string\n}\n",
        "x = connect(\n    user=user,\n    password=hunter\n)\n",
        "Use --password to set it, or --password option to ask.",
        "parser.add_argument('--password')\n", "  --password PASSWORD  of the user\n",
        "const { user, password: hunter } = options", "password: required\n",
        "let password=hunter\n",
        "if a and password==hunter :\n",
        "    :param password: The secret of the user\n", "passwords=1000000\n",
    ],
)  # fmt: skip
def test_a_password_that_is_only_named(text: str) -> None:
    assert spotted(text) == []


@pytest.mark.parametrize("who", ["admin", "this", "ticket", "bob", "the app of db01"])
@pytest.mark.parametrize("value", ["Winter2026!", "Kitchen99!", "Dragon#77moon"])
def test_a_password_in_a_sentence(who: str, value: str) -> None:
    assert spotted(f"Connect as {who} password: {value}") == [("password", value)]
    assert spotted(f"my_{who} password={value} please") == [("password", value)]


@pytest.mark.parametrize(
    "before", ["max_", "pageMax", "next-", "public ", "csrf_", "no ", "reset ", "totalUsed"]
)
def test_a_word_before_that_makes_it_no_secret(before: str) -> None:
    assert spotted(f'{before}token = "{Maker(before).an(24)}"') == []


def test_binary_is_opaque() -> None:
    rng = random.Random(4)
    noise = "".join(chr(rng.randrange(0, 256)) for _ in range(4000))
    classes = {s.data_class for s in everything().spot("head\n" + noise + "\ntail")}
    assert "opaque-binary" in classes


def test_every_rule_has_a_class_of_the_policy_and_a_label() -> None:
    listed = rules()
    assert len(listed) > 250
    assert len({m.rule for m in listed}) == len(listed), "two rules of one name"
    assert {
        "secrets",
        "credentials",
        "personal",
        "regulated",
        "internal-names",
        "opaque-binary",
    } <= {m.data_class for m in listed}
    for meaning in listed:
        assert meaning.data_class in DATA_CLASSES
        assert meaning.label.isupper() and 2 <= len(meaning.label) <= 8


PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["\0", "\n", " ", "=", '"', "é", "🔑", "\ud83d", "password", "token=", "://"]),
    st.builds(
        lambda f, c, n: placed(f, c, f.make(Maker(str(n)))),
        st.sampled_from(FORMATS),
        st.sampled_from(sorted(CONTEXTS.values())),
        st.integers(0, 50),
    ),
    st.sampled_from(["10.1.2.3", "a@b.cd", "Initech", "x.corp", "4111111111111111", "-----BEGIN"]),
)
TEXTS = st.lists(PIECES, max_size=6).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_pieces_are_sorted_apart_and_inside(text: str) -> None:
    at = 0
    for piece in everything().spot(text):
        assert at <= piece.start < piece.end <= len(text)
        at = piece.end


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, max_size=5))
def test_texts_together_give_what_each_gives_alone(texts: list[str]) -> None:
    alone = tuple(everything().spot(text) for text in texts)
    assert everything().spot_all(texts) == alone


@lru_cache(maxsize=1)
def without_hyperscan() -> Detector:
    fast = everything()
    return Detector(fast.finders, plain(fast.finders), fast.words, fast.own)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_without_hyperscan_the_same_is_found(text: str) -> None:
    assert without_hyperscan().spot(text) == everything().spot(text)


def test_without_hyperscan_every_format_is_found_alike() -> None:
    for one in FORMATS:
        for context in CONTEXTS.values():
            text = placed(one, context, one.make(Maker(one.name)))
            assert without_hyperscan().spot(text) == everything().spot(text), text


def test_offsets_are_characters_whatever_stands_before() -> None:
    token = FORMATS[0].make(Maker("offsets"))
    for before in ("", "é", "日本語 ", "🔑🔑 ", "\ud800 ", "\0", "a\u0301 ", "İ", "ẞ\n" * 100):
        text = f"{before} x={token} {before}{token}"
        assert [text[s.start : s.end] for s in everything().spot(text)] == [token, token]


def test_ten_megabytes_in_one_line() -> None:
    token = FORMATS[0].make(Maker("line"))
    text = "é" + "lorem ipsum " * 850_000 + f"key={token} end"
    started = time.process_time()
    assert spotted(text) == [("github-pat", token)]
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2_000_000, "password=" * 200_000, "ghp_" * 400_000, "://:@" * 300_000,
        "-----BEGIN PRIVATE KEY-----" * 40_000, "curl -u " * 150_000, "10.1.1." * 200_000,
        "a@b." * 300_000, "1" * 1_500_000, "password" + " " * 1_500_000 + "=x", "eyJ" * 500_000,
        "initech" * 200_000, "4111 " * 300_000, "f" * 31 + ":" * 1_000_000, "x.corp." * 200_000,
        "kind: Secret\ndata:\n" * 20_000, '{"kind":"Secret","data":{' * 40_000,
        b64encode(b"ghp_").decode()[:5] * 300_000, "password=hunter " * 100_000,
        "password: hunter\n" * 100_000, "x" * 399 + "_password=abcd\n" * 100_000,
        "\0" * 1_000_000, "+1 " * 400_000, "Basic YTpi" * 100_000,
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)  # fmt: skip
def test_no_text_is_slow(text: str) -> None:
    quarter, whole = (_spent(text[: len(text) // parts]) for parts in (4, 1))
    # Four times the text costs four times as much; what grows faster would cost sixteen times.
    assert whole < 8 * quarter + 0.3, f"{quarter:.2f} s for a quarter, {whole:.2f} s for all"
    # Far from what an honest text takes, on a box that others use, and bounded all the same.
    assert whole < 6.0 * len(text) / 1e6 + 0.5


def _spent(text: str) -> float:
    started = time.process_time()
    everything().spot(text)
    return time.process_time() - started


def test_a_hundred_thousand_words() -> None:
    rng = random.Random(9)
    words = [
        "".join(rng.choices(string.ascii_lowercase, k=rng.randint(6, 14))) for _ in range(10**5)
    ]
    started = time.process_time()
    many = detector(words={"customer": words})
    text = ("nothing here at all " * 50_000) + words[500].upper() + "."
    found = [text[s.start : s.end] for s in many.spot(text)]
    assert found == [words[500].upper()]
    assert time.process_time() - started < 4


def test_own_rules_and_what_cannot_be_compiled() -> None:
    own = detector(extra=[OwnRule("ticket", r"ACME-(\d{6})", "confidential", "TICKET")])
    text = "é see ACME-123456"
    (piece,) = own.spot(text)
    assert (text[piece.start : piece.end], piece.data_class, piece.label) == (
        "123456", "confidential", "TICKET",
    )  # fmt: skip
    with pytest.raises(BadInput, match="lookahead-rule"):
        detector(extra=[OwnRule("lookahead-rule", r"a(?=b)")])
    with pytest.raises(BadInput, match="no address range"):
        detector(ranges=["10.0.0.0/99"])
    with pytest.raises(BadInput, match="no suffix"):
        detector(hosts=["a b"])
