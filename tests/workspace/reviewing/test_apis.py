"""Names are told apart by text alone: nothing of the environment runs; a doubt is never absent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from undersign.languages.python import parse
from undersign.records.api import ABSENT, EXISTS, UNKNOWN, ApiAnswer, NameUse
from undersign.records.candidate import Candidate
from undersign.surfaces.review.names import names_in
from undersign.workspace.reviewing.apis import ApiWorld

NAMES = Path(__file__).with_name("api_names.toml")
HERE = Path(sys.prefix)
LIBRARIES = ("requests", "httpx", "sqlalchemy", "pydantic", "cryptography", "jinja2", "pyyaml")
"""Of the data file; installed beside these tests anyway. The bench installs all."""


def _environment(folder: Path, files: dict[str, str]) -> Path:
    site = folder / "lib" / "python3.12" / "site-packages"
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _asked(world: ApiWorld, text: str, **fields: Any) -> ApiAnswer:
    answer = world.answer(NameUse(text, "apis", **fields))
    assert answer is not None
    return answer


def _status(files: dict[str, str], text: str, tmp_path: Path) -> str:
    return _asked(ApiWorld(environments=(_environment(tmp_path, files),)), text).status


@pytest.fixture(scope="module")
def here() -> ApiWorld:
    return ApiWorld(environments=(HERE,))


@pytest.mark.parametrize("half", ["dev", "held"])
def test_no_real_name_is_absent_and_no_invented_one_exists(here: ApiWorld, half: str) -> None:
    halves = tomllib.loads(NAMES.read_text(encoding="utf-8"))[half]
    absent = 0
    for library in (*LIBRARIES, "stdlib"):
        for text in halves["real"][library]:
            assert _asked(here, text).status != ABSENT, text
        for text in halves["invented"][library]:
            answer = _asked(here, text)
            assert answer.status != EXISTS, text
            absent += answer.status == ABSENT
    assert absent >= 0.7 * 5 * (len(LIBRARIES) + 1)


@pytest.mark.parametrize(
    "body",
    [
        "def __getattr__(name):\n    return 1\n",
        "globals()['wan' + 'ted'] = 1\nfor n in ('a',):\n    globals()['x_' + n] = 1\n",
        "from elsewhere_not_installed import *\n",
        "import sys\nsys.modules[__name__] = object()\n",
        "exec('wan' + 'ted = 1')\n",
        "def lazy():\n    global wanted\n    wanted = 1\n",
        "NAMES = ['wanted']\nfor n in NAMES:\n    globals()[n] = 1\n",
        "import trapdoor.deep\nsetattr(trapdoor, 'wanted', 1)\n",
        "try:\n    wanted = 1\nexcept ImportError:\n    pass\n",
        "if (wanted := 1):\n    pass\n",
        "with open('x') as wanted:\n    pass\n",
        "for wanted in ():\n    pass\n",
        "match 1:\n    case wanted:\n        pass\n",
        "def broken(:\n    pass\n",
    ],
)
def test_a_module_that_may_bind_the_name_does_not_lack_it(body: str, tmp_path: Path) -> None:
    assert _status({"trapdoor/__init__.py": body}, "trapdoor.wanted", tmp_path) != ABSENT
    assert _status({"plain/__init__.py": "other = 1\n"}, "plain.wanted", tmp_path) == ABSENT


@pytest.mark.parametrize(
    "body",
    [
        "class C:\n    def __getattr__(self, name):\n        return 1\n",
        "class C:\n    def __getattribute__(self, name):\n        return 1\n",
        "from elsewhere_not_installed import B\nclass C(B):\n    pass\n",
        "from elsewhere_not_installed import M\nclass C(metaclass=M):\n    pass\n",
        "class M(type):\n    def __new__(m, n, b, d):\n        return type(n, b, d)\n"
        "class C(metaclass=M):\n    pass\n",
        "def change(c):\n    return c\n@change\nclass C:\n    pass\n",
        "class C:\n    def __init__(self, **given):\n"
        "        for k, v in given.items():\n            setattr(self, k, v)\n",
        "class C:\n    def __init__(self, **given):\n        self.__dict__.update(given)\n",
        "class C:\n    pass\ndef add(name):\n    setattr(C, name, 1)\n",
        "class C:\n    pass\nfor n in ('wanted',):\n    setattr(C, n, 1)\n",
        "class C:\n    pass\nC.wanted = 1\n",
        "class C:\n    def set(self):\n        self.wanted = 1\n",
        "class C:\n    wanted: int\n",
        "class C(type('D', (), {'wanted': 1})):\n    pass\n",
        "from collections import namedtuple\nclass C(namedtuple('C', 'wanted')):\n    pass\n",
        "class B:\n    wanted = 1\nclass C(B):\n    pass\n",
        "from elsewhere_not_installed import C\nclass C(C):\n    pass\n",
    ],
)
def test_a_class_that_may_have_the_member_does_not_lack_it(body: str, tmp_path: Path) -> None:
    assert _status({"odd.py": body}, "odd.C().wanted", tmp_path) != ABSENT
    plain = {"plain.py": "class C:\n    def other(self):\n        return 1\n"}
    assert _status(plain, "plain.C().wanted", tmp_path) == ABSENT


def test_a_proxy_has_its_own_names_and_those_of_what_it_stands_for(tmp_path: Path) -> None:
    text = (
        "class Proxy:\n    def __getattr__(self, name):\n        return 1\n"
        "    def unwrapped(self):\n        return 1\n"
        "class App:\n    def run(self):\n        return 1\n"
        "app: App = Proxy()\n"
    )
    for name, status in (("unwrapped", EXISTS), ("run", EXISTS), ("wanted", ABSENT)):
        assert _status({"proxied.py": text}, f"proxied.app.{name}", tmp_path) == status


def test_a_name_of_the_same_word_in_another_class_is_no_excuse(tmp_path: Path) -> None:
    text = "class A:\n    def wanted(self):\n        return 1\nclass B:\n    other = 1\n"
    assert _status({"two.py": text}, "two.B.wanted", tmp_path) == ABSENT
    declared = f"{text}\ndef make() -> B:\n    return B()\n"
    assert _status({"two.py": declared}, "two.make().wanted", tmp_path) == UNKNOWN


def test_compiled_modules_are_unknown_until_there_are_stubs(tmp_path: Path) -> None:
    site = _environment(tmp_path, {"fast/__init__.py": ""}) / "lib/python3.12/site-packages"
    (site / "fast" / "core.cpython-312-x86_64-linux-gnu.so").write_bytes(b"\x7fELF hidden_one\0")
    world = ApiWorld(environments=(tmp_path,))
    assert _asked(world, "fast.core.wanted").status == UNKNOWN
    (site / "fast" / "core.pyi").write_text("def told() -> int: ...\n", encoding="utf-8")
    world = ApiWorld(environments=(tmp_path,))
    assert _asked(world, "fast.core.told").status == EXISTS
    assert _asked(world, "fast.core.wanted").status == ABSENT
    assert _asked(world, "fast.core.hidden_one").status == UNKNOWN


def test_what_is_not_installed_is_unknown_and_says_what_would_help() -> None:
    answer = _asked(ApiWorld(locked={"flask": "flask in uv.lock"}), "flask.escape_all")
    assert (answer.status, answer.needs) == (UNKNOWN, "--environment PATH")
    assert answer.why == "flask in uv.lock is not installed where Undersign could look"


RESOURCES = {
    "service": {"has": {"Bucket": {"resource": {"type": "Bucket"}}}},
    "resources": {
        "Bucket": {"hasMany": {"Objects": {}}, "actions": {"Delete": {}}},
        "Object": {"actions": {"PutAcl": {}}, "waiters": {"Exists": {}}},
    },
}


def _boto(folder: Path) -> Path:
    model = {"operations": {"PutObject": {}, "ListBuckets": {}, "GetSAMLProvider": {}}}
    site = "botocore/data/s3/2006-03-01"
    return _environment(
        folder,
        {
            "boto3/__init__.py": "def client(*a, **k):\n    return a\n"
            "def resource(*a, **k):\n    return a\n",
            "botocore/client.py": "class BaseClient:\n    def close(self):\n        pass\n",
            "botocore/__init__.py": "",
            f"{site}/service-2.json": json.dumps(model),
            "boto3/data/s3/2006-03-01/resources-1.json": json.dumps(RESOURCES),
        },
    )


def test_clients_of_boto3_have_the_operations_of_their_service(tmp_path: Path) -> None:
    world = ApiWorld(environments=(_boto(tmp_path),))
    for there in ("put_object", "list_buckets", "get_saml_provider", "close"):
        assert _asked(world, f'boto3.client("s3").{there}').status == EXISTS
    answer = _asked(world, 'boto3.client("s3").put_object_encrypted')
    assert (answer.status, answer.nearest[0]) == (ABSENT, "put_object")
    for there in ("Bucket", 'Bucket("b").objects.all', 'Object("b", "k").put_acl'):
        assert _asked(world, f'boto3.resource("s3").{there}').status == EXISTS
    assert _asked(world, 'boto3.resource("s3").Object("b", "k").wait_until_exists').status == EXISTS
    for absent in ("Folder", 'Bucket("b").put_acl', 'Bucket("b").objects.encrypt'):
        assert _asked(world, f'boto3.resource("s3").{absent}').status == ABSENT
    assert _asked(world, 'boto3.client("no-such").put_object').status == UNKNOWN
    assert _asked(world, "boto3.client(name).put_object").status == UNKNOWN
    assert _asked(world, 'boto3.client("../../s3").put_object').status == UNKNOWN


CODE = """\
import json as j
import requests
from pathlib import Path

session = requests.Session()


class Store:
    def __init__(self, root: Path):
        self.root = root

    def put(self, key, data: "Path"):
        reply = requests.get(key)
        data.write_text(reply.text)
        self.root.mkdir()
        if key:
            other = 1
        else:
            other = "a"
        return [x.strip for x in (j.dumps(key), other)]
"""


@pytest.mark.parametrize(
    ("text", "line", "status"),
    [
        ("j.dumps", 20, EXISTS),
        ("j.dump_safe", 20, ABSENT),
        ("session.get", 5, EXISTS),
        ("session.get_verified", 5, ABSENT),
        ("reply.json", 13, EXISTS),
        ("data.read_text", 14, EXISTS),
        ("data.read_secure", 14, ABSENT),
        ("self.put", 14, EXISTS),
        ("self.put_safe", 14, ABSENT),
        ("requests.get_secure", 13, ABSENT),
        ("Store.put", 1, EXISTS),
        ("Store.take", 1, ABSENT),
    ],
)
def test_names_mean_what_the_file_binds(here: ApiWorld, text: str, line: int, status: str) -> None:
    world = ApiWorld({"app/store.py": parse(CODE)}, (HERE,))
    for where in ("message", "code"):
        answer = world.answer(NameUse(text, where, "app/store.py", line))
        assert answer is not None
        assert answer.status == status, answer.why


def test_names_of_a_class_body_come_before_those_of_the_file() -> None:
    text = (
        "def size():\n    pass\n\n\nclass A:\n    @property\n    def size(self):\n        pass\n\n"
        "    @size.setter\n    def size(self, value):\n        pass\n"
    )
    world = ApiWorld({"a.py": parse(text)})
    assert world.answer(NameUse("size.setter", "code", "a.py", 10)) is None


@pytest.mark.parametrize("text", ["other.foo", "x.strip", "key.foo", "nowhere.foo"])
def test_a_variable_of_more_than_one_value_is_nobodys_claim(text: str) -> None:
    world = ApiWorld({"app/store.py": parse(CODE)}, (HERE,))
    assert world.answer(NameUse(text, "message", "app/store.py", 20)) is None


def test_what_the_project_sets_itself_is_not_absent() -> None:
    text = "import jinja2\n\nenv = jinja2.Environment()\njinja2.tenant_of = len\n"
    world = ApiWorld({"app.py": parse(text)}, (HERE,))
    assert _asked(world, "jinja2.tenant_of").status == UNKNOWN
    assert _asked(world, "jinja2.tenant_off").status == ABSENT


def test_names_come_from_list_message_fix_quote_and_lines() -> None:
    candidate = Candidate(
        "app/store.py",
        13,
        "`requests.get` follows redirects, and `flask.escape_all` does not exist; see `app.py`",
        "anthropic:MODEL",
        apis=("requests.get", "requests.Session().verify(x)"),
        fix="call `requests.get_secure(url, timeout=3)` instead, or `cursor.execute(f'...`",
        quote="requests.invented(1)",
        by_drafter=True,
    )
    found = {u.text: u for u in names_in(candidate, parse(CODE))}
    assert {t: u.where for t, u in found.items()} == {
        "requests.get": "apis",
        "requests.Session().verify": "apis",
        "flask.escape_all": "message",
        "requests.get_secure": "fix",
        "cursor.execute": "fix",
        "requests.invented": "quote",
    }
    assert [t for t, u in found.items() if u.said_absent] == ["flask.escape_all"]


def test_words_of_scanners_are_templates_and_no_claims() -> None:
    candidate = Candidate("app/store.py", 13, "`subprocess.run_all` call", "ruff")
    assert names_in(candidate, parse(CODE)) == ()


TRAP = "import pathlib\npathlib.Path({mark!r}).write_text('run')\n"

WATCHED = """
import sys
def hook(event, args):
    if event in ("subprocess.Popen", "os.system", "os.exec", "socket.connect", "os.posix_spawn"):
        raise SystemExit(f"refused: {event}")
    if event == "import" and any(word in str(args) for word in WORDS):
        raise SystemExit(f"imported: {args[0]}")
    if event == "compile" and args[1] and any(word in str(args[1]) for word in WORDS):
        raise SystemExit(f"compiled: {args[1]}")
WORDS = ("trapped", "sitecustomize", "conftest", "usercustomize")
from pathlib import Path
from undersign.languages.python import parse
from undersign.records.api import NameUse
from undersign.workspace.reviewing.apis import ApiWorld
sys.addaudithook(hook)
root = Path(sys.argv[1])
project = {"trapped_app.py": parse((root / "trapped_app.py").read_text()),
           "conftest.py": parse((root / "conftest.py").read_text())}
world = ApiWorld(project, (root / ".venv",), cache=root / "cache")
for text in ("trapped.deep.wanted", "trapped.native.wanted", "trapped.pipe.wanted",
             "trapped_app.run", "conftest.x", "sitecustomize.x", "trapped.make().wanted",
             "colorsys.rgb_to_hsv", "antigravity.geohash", "this.c"):
    answer = world.answer(NameUse(text, "apis", "trapped_app.py", 3))
    print(text, answer.status)
world.close()
assert not [m for m in sys.modules if m.split(".")[0] in ("trapped", "jedi", "griffe")]
"""


def test_nothing_of_the_environment_or_the_project_runs(tmp_path: Path) -> None:
    mark = tmp_path / "it-ran"
    trap = TRAP.format(mark=str(mark))
    site = tmp_path / ".venv" / "lib" / "python3.12" / "site-packages"
    for name, text in {
        "trapped/__init__.py": f"{trap}\ndef make():\n    return 1\n",
        "trapped/deep.py": trap,
        "sitecustomize.py": trap,
        "usercustomize.py": trap,
        "trapped.pth": f"import os; open({str(mark)!r}, 'w').close()\n",
        "trapped_typing-stubs/__init__.pyi": "",
        "colorsys.py": trap,
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")
    (site / "trapped" / "native.cpython-311-x86_64-linux-gnu.so").write_bytes(b"\x7fELF")
    os.mkfifo(site / "trapped" / "pipe.py")
    for name in ("trapped_app.py", "conftest.py", "colorsys.py"):
        (tmp_path / name).write_text(f"import trapped\n{trap}\nx = 1\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path / "..",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "trapped.make().wanted" in ran.stdout
    assert not mark.exists()


def test_a_second_question_is_answered_from_the_cache(tmp_path: Path) -> None:
    environment = _environment(tmp_path / "venv", {"plain/__init__.py": "other = 1\n"})
    texts = ["plain.wanted", "plain.other", "hashlib.sha256", "hashlib.argon2id"]
    first = ApiWorld(environments=(environment,), cache=tmp_path / "cache")
    told = [_asked(first, text) for text in texts]
    first.close()
    second = ApiWorld(environments=(environment,), cache=tmp_path / "cache")
    began = time.process_time()
    assert [_asked(second, text) for text in texts] == told
    assert (time.process_time() - began) / len(texts) < 0.05  # 0.05 ms; the bench prints it


@pytest.mark.parametrize("body", ["", "[]", "{", '{"plain.wanted": 1}', '{"plain.wanted": {}}'])
def test_a_spoiled_cache_is_an_empty_one(body: str, tmp_path: Path) -> None:
    environment = _environment(tmp_path / "venv", {"plain/__init__.py": "other = 1\n"})
    for _ in range(2):
        world = ApiWorld(environments=(environment,), cache=tmp_path / "cache")
        assert _asked(world, "plain.wanted").status == ABSENT
        world.close()
        for path in (tmp_path / "cache").iterdir():
            path.write_text(body, encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5000,
        "a." * 3000 + "b",
        "(" * 300,
        "a.b" + "()" * 5000,
        "\0.x",
        "x.\n",
        "lambda: 0",
        "é.ü",
    ],
)
def test_hostile_names_are_answered_or_left(here: ApiWorld, text: str) -> None:
    for where in ("apis", "message"):
        answer = here.answer(NameUse(text, where))
        assert answer is None or answer.status == UNKNOWN
