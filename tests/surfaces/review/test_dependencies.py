from __future__ import annotations

import json
from collections.abc import Mapping

from undersign.records.candidate import Candidate
from undersign.records.change import Change, FileChange, FileStatus
from undersign.records.code import SourceFile
from undersign.surfaces.review.dependencies import (
    dependency_candidates,
    imports_under_review,
)
from undersign.surfaces.review.packages import packages_of


def review(
    before: Mapping[str, str], after: Mapping[str, str], others: Mapping[str, str] | None = None
) -> list[Candidate]:
    """Give the candidates of a change from one set of files to another; `others` did not change."""
    files = tuple(
        FileChange(p, FileStatus.MODIFIED if p in before else FileStatus.ADDED, added=((1, 9999),))
        for p in after
    ) + tuple(FileChange(p, FileStatus.DELETED) for p in before if p not in after)
    packages = packages_of({**after, **(others or {})})
    return dependency_candidates(Change("main", "HEAD", files), before, after, packages)


def rules(found: list[Candidate]) -> list[tuple[str, int]]:
    return sorted((one.rule, one.line) for one in found)


def uv(*packages: str, **more: str) -> str:
    parts = [p.split("==") for p in packages]
    return "version = 1\n" + "".join(
        f'[[package]]\nname = "{name}"\nversion = "{version}"\n{more.get(name, "")}\n'
        for name, version in parts
    )


def pyproject(*requirements: str) -> str:
    lines = "".join(f'    "{r}",\n' for r in requirements)
    return f'[project]\nname = "mine"\ndependencies = [\n{lines}]\n'


def test_an_ordinary_bump_says_nothing() -> None:
    old = {"requirements.txt": "flask==3.1.1\n", "uv.lock": uv("flask==3.1.1", "click==8.0")}
    new = {"requirements.txt": "flask==3.1.2\n", "uv.lock": uv("flask==3.1.2", "click==8.3")}
    assert review(old, new) == []
    assert review(old, old) == []


def test_a_new_dependency_is_told_on_its_line() -> None:
    old = {"requirements.txt": "flask==3.1.2\n"}
    (one,) = review(old, {"requirements.txt": "flask==3.1.2\nhttpx==0.28.1\n"})
    assert (one.rule, one.file, one.line) == ("new-dependency", "requirements.txt", 2)
    assert (one.origin, one.category, one.severity) == ("dependencies", "dependency", "info")
    moved = review(old, {"pyproject.toml": pyproject("flask==3.1.2")})
    assert rules(moved) == []


def test_what_is_not_pinned_and_not_locked() -> None:
    old = {"requirements.txt": "flask==3.1.2\n"}
    found = review(old, {"requirements.txt": "flask>=3\nhttpx\n"})
    assert rules(found) == [
        ("new-dependency", 2), ("unpinned-dependency", 1), ("unpinned-dependency", 2),
    ]  # fmt: skip
    before = {"pyproject.toml": pyproject("flask>=3"), "uv.lock": uv("flask==3.1.2")}
    after = {"pyproject.toml": pyproject("flask>=3", "httpx>=0.28"), "uv.lock": before["uv.lock"]}
    found = review(before, after)
    assert rules(found) == [
        ("new-dependency", 5), ("not-in-lockfile", 5), ("unpinned-dependency", 5),
    ]  # fmt: skip
    assert "not in your lockfile (uv.lock)" in next(
        c.message for c in found if c.rule == "not-in-lockfile"
    )
    locked = {**after, "uv.lock": uv("flask==3.1.2", "httpx==0.28.1", "h11==0.16")}
    assert rules(review(before, locked)) == [("brought-along", 11), ("new-dependency", 5)]


def test_a_lockfile_that_grows_alone() -> None:
    manifest = {"pyproject.toml": pyproject("flask>=3")}
    before, after = {"uv.lock": uv("flask==3.1.2")}, {"uv.lock": uv("flask==3.1.2", "evil==1")}
    (one,) = review(before, after, manifest)
    assert one.rule == "lock-without-manifest"
    assert "`evil`" in one.message
    assert one.severity == "medium"


def test_a_name_that_is_alike() -> None:
    old = {"requirements.txt": "requests==2.32.5\n"}
    for name, severity in (
        ("reqeusts", "high"),
        ("python-requests", "medium"),
        ("hashilb", "medium"),
    ):
        found = review(old, {"requirements.txt": f"requests==2.32.5\n{name}==1.0\n"})
        (one,) = [c for c in found if c.rule == "look-alike-name"]
        assert (one.line, one.severity) == (2, severity)
    lock = {"uv.lock": uv("requests==2.32.5")}
    found = review(lock, {"uv.lock": uv("requests==2.32.5", "requestss==1")}, old)
    assert ("look-alike-name", 7) in rules(found)


def test_another_source() -> None:
    old = {"requirements.txt": "flask==3.1.2\n"}
    text = "flask @ git+https://user:hunter2@example.org/flask.git@main\n"
    found = review(old, {"requirements.txt": text})
    (one,) = [c for c in found if c.rule == "other-source"]
    assert "came from the usual index and now comes from" in one.message
    assert "hunter2" not in repr(found)
    registry = 'source = { registry = "https://mirror.example.org/simple" }'
    before = {"uv.lock": uv("flask==3.1.2")}
    (one,) = review(before, {"uv.lock": uv("flask==3.1.2", flask=registry)})
    assert one.rule == "other-source"
    assert "mirror.example.org" in one.message
    added = "--extra-index-url https://mirror.example.org/simple\nflask==3.1.2\n"
    assert rules(review(old, {"requirements.txt": added})) == [("other-index", 1)]
    plain = "flask @ http://example.org/flask-3.1.2.tar.gz\n"
    severe = [c.severity for c in review(old, {"requirements.txt": plain}) if "http" in c.message]
    assert "high" in severe


def test_the_same_version_with_another_content() -> None:
    def hashed(digest: str) -> dict[str, str]:
        files = f'sdist = {{ url = "https://files.pythonhosted.org/f", hash = "sha256:{digest}" }}'
        return {"uv.lock": uv("flask==3.1.2", flask=files)}

    (one,) = review(hashed("aa"), hashed("bb"))
    assert (one.rule, one.severity) == ("other-content", "high")
    assert review(hashed("aa"), hashed("aa")) == []


def test_programs_that_run_at_installation() -> None:
    def package(**scripts: str) -> dict[str, str]:
        return {"package.json": json.dumps({"name": "mine", "scripts": scripts}, indent=1)}

    (one,) = review(package(test="jest"), package(test="jest", postinstall="node x.js"))
    assert (one.rule, one.line) == ("install-script", 5)
    assert "`node x.js`" in one.message
    assert review(package(test="jest"), package(test="mocha")) == []
    lock = '{"lockfileVersion": 3, "packages": {\n"node_modules/a": {"version": "%s"%s}}}'
    before = {"package-lock.json": lock % ("1.0.0", "")}
    after = {"package-lock.json": lock % ("1.0.1", ', "hasInstallScript": true')}
    (one,) = review(before, after)
    assert (one.rule, one.line) == ("install-script", 2)


def test_go_modules_are_asked_for_in_go_mod() -> None:
    head = "module example.org/mine\ngo 1.22\n"
    old = {
        "go.mod": f"{head}require github.com/a/b v1.0.0\n",
        "go.sum": "github.com/a/b v1.0.0 h1:x=\n",
    }
    new = {
        "go.mod": f"{head}require (\n\tgithub.com/a/b v1.0.0\n\tgithub.com/c/d v1.0.0\n)\n",
        "go.sum": "github.com/a/b v1.0.0 h1:x=\ngithub.com/c/d v1.0.0 h1:y=\n",
    }
    assert rules(review(old, new)) == [("new-dependency", 5)]
    assert rules(review(old, {**new, "go.sum": old["go.sum"]})) == [
        ("new-dependency", 5), ("not-in-lockfile", 5),
    ]  # fmt: skip


def test_the_whole_tree_has_no_new_dependencies() -> None:
    files = {
        "requirements.txt": "flask\nrequests==2.32.5\nreqeusts==1.0\n",
        "web/package.json": '{"dependencies": {"left-pad": "1.3.0"}}',
    }
    found = dependency_candidates(None, {}, files, packages_of(files))
    assert rules(found) == [
        ("look-alike-name", 2), ("look-alike-name", 3), ("unpinned-dependency", 1),
    ]  # fmt: skip


def test_a_word_added_is_no_alarm_where_both_names_are_used() -> None:
    files = {"requirements.txt": "tree-sitter==0.26\ntree-sitter-python==0.25\n"}
    assert dependency_candidates(None, {}, files, packages_of(files)) == []
    old = {"requirements.txt": "tree-sitter==0.26\n"}
    found = review(old, files)
    assert rules(found) == [("look-alike-name", 2), ("new-dependency", 2)]


def test_an_import_of_what_is_not_locked() -> None:
    text = "import os\nimport flask\nimport reqeusts_toolkit\nfrom . import mine\n"
    text += "try:\n    import ujson\nexcept ImportError:\n    ujson = None\n"
    file = SourceFile("app/main.py", text, "", "python")
    change = Change("main", "HEAD", (FileChange(file.path, FileStatus.ADDED, added=((1, 9),)),))
    used = imports_under_review(change, [file])
    assert [one.name for one in used] == ["os", "flask", "reqeusts_toolkit", "app", "ujson"]
    packages = packages_of({"uv.lock": uv("flask==3.1.2")}, ["app/main.py", "app/mine.py"])
    found = dependency_candidates(change, {}, {}, packages, used)
    assert rules(found) == [("import-not-in-lockfile", 3)]
    assert "not in your lockfile" in found[0].message
    without = packages_of({}, ["app/main.py"])
    assert dependency_candidates(change, {}, {}, without, used) == []


def test_hostile_names_are_written_out() -> None:
    old = {"package.json": '{"dependencies": {"express": "1.0.0"}}'}
    new = {
        "package.json": '{"dependencies": {"express": "1.0.0", "еxpress": "1.0.0", "`\\n::x": "*"}}'
    }
    found = review(old, new)
    assert "look-alike-name" in {c.rule for c in found}
    for one in found:
        assert one.message.isascii()
        assert "\n" not in one.message
