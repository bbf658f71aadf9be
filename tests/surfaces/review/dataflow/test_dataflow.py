"""Small programs of every framework: each sink gets the verdict that its code deserves."""

# ruff: noqa: E501 - programs, one a line

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from undersign.languages.python import parse
from undersign.records.flow import NOT_SHOWN, SUPPORTED, Flows
from undersign.surfaces.review.dataflow import analyse, dataflow_candidates

HERE = Path(__file__).parent
HARD = tomllib.loads((HERE / "hard_programs.toml").read_text("utf-8"))["program"]
PROGRAMS = tomllib.loads(Path(__file__).with_name("programs.toml").read_text("utf-8"))["program"]


def _flows(*texts: str) -> Flows:
    names = ["app.py", *(f"m{n}.py" for n in range(1, len(texts)))]
    return analyse({name: parse(text) for name, text in zip(names, texts, strict=True)})


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program["name"])
def test_a_sink_gets_its_verdict(program: dict[str, Any]) -> None:
    flows = _flows(program["code"])
    line = next(n for n, t in enumerate(program["code"].split("\n"), 1) if "# HERE" in t)
    found = [f for f in flows.at("app.py", line, line, "") if f.category == program["category"]]
    assert {f.verdict for f in found} == {program["verdict"]}, flows.flows
    if program.get("source"):
        assert found[0].source_kind == program["source"]
    if program["verdict"] == SUPPORTED and found[0].source_kind != "misuse":
        assert found[0].steps[0].what.startswith("source: ")
        assert found[0].steps[-1].what == "sink"


@pytest.mark.parametrize(
    "program", HARD, ids=lambda program: f"{program['category']}: {program['name']}"
)
def test_what_is_easy_to_get_wrong(program: dict[str, Any]) -> None:
    files = program["files"]
    modules = {path: parse(text) for path, text in files.items() if path.endswith(".py")}
    texts = {path: text for path, text in files.items() if path not in modules}
    file, line = next(
        (path, n)
        for path, text in files.items()
        for n, row in enumerate(text.split("\n"), 1)
        if "# HERE" in row
    )
    flows = analyse(modules, texts=texts).at(file, line, line, "")
    found = {f.verdict for f in flows if f.category == program["category"]}
    assert (found or {"none"}) == {program["verdict"]}, flows


STORE = """
import sqlite3
def rows(sql):
    return sqlite3.connect("d").execute(sql).fetchall()
"""
VIEW = """
from flask import Flask, request
from m1 import rows
app = Flask(__name__)
@app.get("/a")
def one():
    return {"a": rows("SELECT * FROM a WHERE n = '" + request.args["n"] + "'")}
@app.get("/b")
def two():
    return {"b": rows("SELECT 1")}
"""


def test_a_way_through_two_files_shows_each_step() -> None:
    flows = _flows(VIEW, STORE)
    shown = list(flows.supported())
    assert [(f.file, f.category) for f in shown] == [("m1.py", "sql-injection")]
    assert [(s.file, s.what) for s in shown[0].steps] == [
        ("app.py", "source: flask.request.args"),
        ("m1.py", "sink"),
    ]


def test_a_candidate_stands_in_the_files_in_focus() -> None:
    modules = {"app.py": parse(VIEW), "m1.py": parse(STORE)}
    found = dataflow_candidates(analyse(modules, focus=["app.py"]), {"app.py"})
    assert [(c.file, c.line) for c in found] == [("app.py", 7)]


def test_a_changed_sink_is_reached_from_a_file_that_did_not_change() -> None:
    modules = {"app.py": parse(VIEW), "m1.py": parse(STORE)}
    flows = analyse(modules, focus=["m1.py"])
    assert [f.verdict for f in flows.at("m1.py", 4, 4, "sql-injection")] == [SUPPORTED]


def test_what_takes_too_long_is_named_and_refutes_nothing() -> None:
    body = "\n".join(f"    x{n} = [y for y in range({n})]" for n in range(9_000))
    flows = _flows(f'import os\ndef f():\n    os.system("ls")\n{body}\n    os.system("pwd")\n')
    assert "app.py" in flows.unread
    assert {f.verdict for f in flows.flows} <= {NOT_SHOWN}


def test_what_was_cut_short_elsewhere_may_have_changed_an_object() -> None:
    body = "\n".join(f"    x{n} = [y for y in range({n})]" for n in range(9_000))
    holder = "import os\nclass C:\n    cmd = 'ls'\n    def go(self):\n        os.system(self.cmd)\n"
    caller = f"from m1 import C\ndef f(request):\n{body}\n    C.cmd = request.GET['x']\n"
    flows = _flows(caller, holder)
    assert "app.py" in flows.unread
    assert [f.verdict for f in flows.at("m1.py", 5, 5, "command-injection")] == [NOT_SHOWN]


@pytest.mark.parametrize(
    "text",
    [
        "def f0(x): return f1(x)\n" + "".join(f"def f{n}(x): return f{n + 1}(x) + f{n - 1}(x)\n" for n in range(1, 300)),
        "x = {" + ",".join(f"'{n}': {n}" for n in range(50_000)) + "}\n",
        "x = 'a'\n" + "x = x * 1000\n" * 200,
        "x = 9 ** 9 ** 9 ** 9\ny = 'a' * 10 ** 12\nz = 1 << 10 ** 9\n",
        "class A(A): pass\nclass B(C): pass\nclass C(B):\n    def f(self): return self.g()\n",
        "from app import *\nimport app\napp.app.app.f()\n",
        "f = lambda: f()\nf()\n",
        "def f(*a, **k): return f(*a, **k)\nf(1, *[2], **{'x': 3})\n",
        "while True:\n    x = [x]\n",
        "a = []\n" + "".join(f"b{n} = a\n" for n in range(2_000)) + "a.append(1)\n" * 2_000,
        "d = {" + ",".join(f"'{n}': []" for n in range(5_000)) + "}\n" + "d['1'].append(x)\n" * 500,
        "class C:\n" + "".join(f"    def m{n}(self):\n        self.a{n} = self.a{n + 1}\n        self.m{n + 1}()\n" for n in range(400)),
        "while a:\n" + "".join(f"    v{n} = v{n + 1}\n" for n in range(1_500)),
        "import re\nif re.fullmatch('(' * 5000 + '[a-' * 90, x):\n    y = x\n",
        "from b import *\nfrom app import *\nfrom . import *\nx()\n",
        "def f(x):\n    global y\n    y = [y, x]\n    f(y)\nf(1)\n",
        "\n".join(f"{' ' * n}if x{n}:" for n in range(90)) + "\n" + " " * 90 + "pass\n",
    ],
    ids=range(17),
)  # fmt: skip
def test_hostile_programs_are_bounded(text: str) -> None:
    begun = time.process_time()
    _flows(text)
    assert time.process_time() - begun < 5


def test_a_change_of_twenty_files_is_analysed_in_time() -> None:
    view = VIEW.replace("m1", "store")
    modules = {f"pkg/v{n}.py": parse(view.replace("/a", f"/a{n}")) for n in range(200)}
    modules["store.py"] = parse(STORE)
    focus = [f"pkg/v{n}.py" for n in range(20)]
    begun = time.process_time()
    flows = analyse(modules, focus=focus)
    assert time.process_time() - begun < 1.5
    assert len(list(flows.supported())) >= 1


def test_every_way_into_one_sink_is_shown() -> None:
    view = VIEW.replace("m1", "store")
    modules = {f"v{n}.py": parse(view) for n in range(40)}
    modules["store.py"] = parse(STORE)
    assert len(list(analyse(modules).supported())) == 40
