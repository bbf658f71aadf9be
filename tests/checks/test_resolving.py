from __future__ import annotations

from importlib import metadata

import pytest

from undersign.checks.reading.imports import imports_in, imports_of
from undersign.checks.reading.resolving import resolve
from undersign.records.packages import Imported
from undersign.surfaces.review.packages import packages_of


def locked(*names: str) -> dict[str, str]:
    return {"uv.lock": "".join(f'[[package]]\nname = "{n}"\nversion = "1"\n' for n in names)}


PATHS = ("app/__init__.py", "app/db.py", "app/views/__init__.py", "scripts/tool.py", "src/lib/x.ts",
         "src/lib/index.js", "java/org/example/mine/A.java")  # fmt: skip
FILES = {
    **locked("flask", "PyYAML", "google-cloud-storage", "beautifulsoup4", "acme-sdk", "attrs"),
    "package-lock.json": '{"packages": {"": {}, "node_modules/lodash": {"version": "4.0.0"},'
    ' "node_modules/@s/a": {"version": "1.0.0"}, "node_modules/@types/x": {"version": "1.0.0"}}}',
    "go.mod": "module example.org/mine\ngo 1.22\nrequire github.com/a/b v1.0.0\n",
    "pom.xml": "<project><dependencies><dependency><groupId>com.google.guava</groupId>"
    "<artifactId>guava</artifactId></dependency></dependencies></project>",
}


@pytest.mark.parametrize(
    ("name", "ecosystem", "status"),
    [
        ("os.path", "pypi", "standard-library"),
        ("distutils.core", "pypi", "standard-library"),
        ("flask.views", "pypi", "locked"),
        ("yaml", "pypi", "locked"),
        ("attr", "pypi", "locked"),
        ("bs4", "pypi", "locked"),
        ("google.cloud.storage", "pypi", "locked"),
        ("google.cloud.bigtable", "pypi", "unknown"),
        ("app.db", "pypi", "project"),
        ("app.views", "pypi", "project"),
        ("app.security", "pypi", "absent"),
        ("app.db.Session", "pypi", "project"),
        ("app.api_pb2", "pypi", "project"),
        ("tool", "pypi", "project"),
        ("acme", "pypi", "locked"),
        ("acmeconnect", "pypi", "absent"),
        ("flask_sanitize", "pypi", "unknown"),
        ("sqlshield", "pypi", "absent"),
        ("jwt", "pypi", "absent"),
        ("fs/promises", "npm", "standard-library"),
        ("node:sqlite", "npm", "standard-library"),
        ("lodash/fp", "npm", "locked"),
        ("@s/a/b", "npm", "locked"),
        ("x", "npm", "locked"),
        ("@/components/a", "npm", "unknown"),
        ("$lib/a", "npm", "unknown"),
        ("lib/x", "npm", "project"),
        ("left-pad", "npm", "absent"),
        ("net/http", "go", "standard-library"),
        ("crypto/securehash", "go", "unknown"),
        ("github.com/a/b/c", "go", "locked"),
        ("example.org/mine/x", "go", "project"),
        ("github.com/no/such", "go", "absent"),
        ("java.util.List", "maven", "standard-library"),
        ("com.google.guava.x.Y", "maven", "declared"),
        ("org.example.mine.A", "maven", "project"),
        ("com.nobody.Knows", "maven", "unknown"),
    ],
)
def test_where_an_import_comes_from(name: str, ecosystem: str, status: str) -> None:
    packages = packages_of(FILES, PATHS)
    answer = resolve(Imported(name, ecosystem, "", 1), packages)
    assert answer.status == status, answer.why
    assert "does not exist" not in answer.why


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements.txt": "flask>=3\n"},
        {**locked("flask"), "setup.py": "import x\nfrom setuptools import setup\nsetup(**x.all())"},
        {**locked("flask"), "environment.yml": "dependencies: [numpy]\n"},
        {**locked("flask"), "requirements.txt": "-r elsewhere/base.list\n"},
        {"uv.lock": "[[package]]\nname = "},
    ],
    ids=["nothing", "no lock", "setup.py", "conda", "include", "broken"],
)
def test_without_a_whole_list_nothing_is_absent(files: dict[str, str]) -> None:
    for name in ("sqlshield", "jwt"):
        answer = resolve(Imported(name, "pypi", "", 1), packages_of(files))
        assert answer.status == "unknown"
        assert answer.why


def test_no_module_that_is_installed_here_is_called_absent() -> None:
    """Every distribution of this environment is locked: none of their modules may be absent."""
    brings = {
        name: dists
        for name, dists in metadata.packages_distributions().items()
        if name.isidentifier() and not name.startswith("_") and "undersign" not in dists
    }
    files = locked(*{d for dists in brings.values() for d in dists})
    packages = packages_of(files)
    absent = [n for n in brings if resolve(Imported(n, "pypi", "", 1), packages).status == "absent"]
    assert len(brings) > 80
    assert len(absent) <= len(brings) * 0.05, absent
    told = packages_of(files, provides=brings)
    assert [n for n in brings if resolve(Imported(n, "pypi", "", 1), told).status != "locked"] == []


def test_imports_of_every_language() -> None:
    cases = {
        "python": "import a.b, c\nfrom d import e\nfrom .x import y\nfrom ... import z\nimport (\n",
        "javascript": (
            "import a from 'a';\nimport {\n  b,\n} from \"b/c\";\nconst d = require('d');\n"
            "// import no from 'no'\nexport * from './e';\nawait import('f');\nimport 'g.css';\n"
        ),
        "go": (
            'package a\nimport "fmt"\nimport (\n\tx "github.com/a/b"\n\t_ "c/d" // note\n)\n'
            'var s = "no"\n'
        ),
        "java": "package a;\nimport java.util.List;\nimport static a.b.C.d;\nimport e.f.*;\n",
    }
    found = {
        language: [(one.name, one.line) for one in imports_of("p/q/f", text, language)]
        for language, text in cases.items()
    }
    assert found["python"] == [("a.b", 1), ("c", 1), ("d", 2), ("p.q.x", 3)]
    assert found["javascript"] == [
        ("a", 1), ("b/c", 4), ("d", 5), ("p/q/e", 7), ("f", 8), ("g.css", 9),
    ]  # fmt: skip
    assert found["go"] == [("fmt", 2), ("github.com/a/b", 4), ("c/d", 5)]
    assert found["java"] == [("java.util.List", 2), ("a.b.C.d", 3), ("e.f", 4)]
    assert imports_of("a.rb", "require 'x'", "") == ()


def test_pieces_that_no_grammar_reads_hide_no_import() -> None:
    text = "import a from 'a';\nconst = = ;{{{\nimport b from 'b';\n"
    assert {one.name for one in imports_of("f.ts", text, "typescript")} == {"a", "b"}


def test_imports_in_what_somebody_proposes() -> None:
    fix = "Use this:\n```python\n>>> from markupsafe import escape\n+import nh3, bleach as b\n```\n"
    assert [one.name for one in imports_in(fix, "python")] == ["markupsafe", "nh3", "bleach"]
    assert imports_in("import the settings from your config", "javascript") == ()
    assert [one.name for one in imports_in("const x = require('dompurify')", "tsx")] == [
        "dompurify"
    ]
