"""Diffs: what git writes agrees with the files and with unidiff; what harm writes hides nothing."""

# ruff: noqa: E501 - diffs as they are written, one a line

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from unidiff import PatchSet

from undersign.languages.diff import added_lines, read_diff
from undersign.records.change import FileChange, FileStatus


def _git(root: Path, *words: str) -> bytes:
    named = ["git", "-c", "user.email=you@example.org", "-c", "user.name=you", *words]
    return subprocess.run(named, cwd=root, check=True, capture_output=True).stdout


def _edited(lines: list[str], chance: random.Random) -> list[str]:
    made = []
    for line in lines:
        what = chance.random()
        if what < 0.1:
            continue
        made.append(f"{line} changed" if what < 0.2 else line)
        if what > 0.9:
            made += [f"-- new {chance.random()}", "+++ b/fake", ""][: chance.randint(1, 3)]
    return made


NAMES = [
    b"plain.py", b"with space.py", b"tab\there.py", "ünï.py".encode(), b'quo"te.py', b"a/b.py",
    b"line\nbreak.py", b"latin\xe9.py", b"b/c d.py", b"back\\slash.py", b" b/odd",
]  # fmt: skip


def _path(root: Path, name: bytes) -> Path:
    path = root / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _lines(chance: random.Random, count: int = 60) -> list[str]:
    return [f"line {number} {chance.random()}" for number in range(count)]


def _committed(root: Path, texts: dict[bytes, list[str]], why: str = "words") -> None:
    for name, lines in texts.items():
        _path(root, name).write_text("\n".join(lines) + "\n")
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", why)


def _holds(root: Path, raw: bytes) -> None:
    """Hold every new line that was read against the file as it is now."""
    change, lines = read_diff(raw), added_lines(raw)
    for one in change.files:
        if one.binary or one.status is FileStatus.DELETED:
            continue
        here = _path(root, os.fsencode(one.path)).read_bytes().decode().split("\n")
        for number, text in lines[one.path].items():
            assert here[number - 1] == text, one
            assert one.has(number, number)
        assert one.added_count == len(lines[one.path])


WAYS = [
    ["-M", "-U0"], ["-M", "-U3"], ["-M", "--no-prefix"], ["-C", "--find-copies-harder"],
    ["--no-renames", "--binary"], ["-M", "--src-prefix=o/", "--dst-prefix=w/", "-W"],
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_added_lines_are_those_of_the_new_file(tmp_path: Path, seed: int, way: list[str]) -> None:
    chance = random.Random(seed)
    _git(tmp_path, "init", "-q")
    texts = {name: _lines(chance) for name in NAMES}
    _committed(tmp_path, {**texts, b"gone.py": ["x"], b"still.py": _lines(chance)})
    for name, lines in texts.items():
        end = chance.choice(["\n", "", "\r\n"])
        _path(tmp_path, name).write_text("\n".join(_edited(lines, chance)) + end)
    (tmp_path / "fresh.py").write_text("one\ntwo\n")
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "plain.py").rename(tmp_path / "moved to.py")
    (tmp_path / "copy.py").write_bytes((tmp_path / "still.py").read_bytes())
    (tmp_path / "still.py").chmod(0o755)
    (tmp_path / "gone.py").unlink()
    (tmp_path / "blob.bin").write_bytes(bytes(range(256)) * 9)
    _git(tmp_path, "add", "-A")
    raw = _git(tmp_path, "diff", "--cached", *way)
    change = read_diff(raw)
    named = _git(tmp_path, "diff", "--cached", *way[:1], "--name-only", "-z", *way[1:2])
    wanted = {n.decode("utf-8", "surrogateescape") for n in named.split(b"\0") if n}
    assert {f.path for f in change.files} == wanted
    assert not [f.remark for f in change.files if f.remark and "back" not in f.path]
    _holds(tmp_path, raw)
    counted = _git(tmp_path, "diff", "--cached", "--numstat", "-z", "--no-renames")
    told = dict(_numbers(counted))
    if "--no-renames" in way:
        assert told == {f.path: _count(f) for f in change.files}
    still = change.file("still.py")
    assert still is not None
    assert (still.status, still.mode) == (FileStatus.MODE, "100644 -> 100755")


def _count(one: FileChange) -> tuple[int, int] | None:
    return None if one.binary else (one.added_count, one.removed)


def _numbers(raw: bytes) -> Iterator[tuple[str, tuple[int, int] | None]]:
    """Read `--numstat -z`."""
    for record in raw.split(b"\0"):
        if record:
            added, removed, name = record.split(b"\t", 2)
            count = None if added == b"-" else (int(added), int(removed))
            yield name.decode("utf-8", "surrogateescape"), count


def test_unidiff_reads_the_same(tmp_path: Path) -> None:
    chance = random.Random(3)
    _git(tmp_path, "init", "-q")
    texts = {f"f{n}.py".encode(): _lines(chance) for n in range(12)}
    _committed(tmp_path, texts)
    for name, lines in texts.items():
        _path(tmp_path, name).write_text("\n".join(_edited(lines, chance)))
    raw = _git(tmp_path, "diff")
    theirs = {
        f.path: [line.target_line_no for hunk in f for line in hunk if line.is_added]
        for f in PatchSet(raw.decode())
    }
    assert len(theirs) == 12
    lines = added_lines(raw)
    assert theirs == {path: sorted(found) for path, found in lines.items()}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", ["--cc", "-c"])
def test_a_merge_shows_what_no_parent_has(tmp_path: Path, seed: int, way: str) -> None:
    chance = random.Random(seed)
    _git(tmp_path, "init", "-q", "-b", "one")
    first = _lines(chance, 40)
    _committed(tmp_path, {b"x.py": first})
    _git(tmp_path, "checkout", "-qb", "two")
    left, right = _edited(first, chance), _edited(first, chance)
    _committed(tmp_path, {b"x.py": left})
    _git(tmp_path, "checkout", "-q", "one")
    _committed(tmp_path, {b"x.py": right})
    named = ["git", "-c", "user.email=you@example.org", "-c", "user.name=you"]
    subprocess.run([*named, "merge", "-q", "two"], cwd=tmp_path, capture_output=True, check=False)
    merged = [*_edited(left, chance), "evil()", *right[:3]]
    (tmp_path / "x.py").write_text("\n".join(merged) + "\n")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-qm", "merge")
    raw = _git(tmp_path, "show", way, "HEAD")
    assert b"@@@ " in raw
    _holds(tmp_path, raw)
    change = read_diff(raw)
    (one,) = change.files
    assert not one.remark
    in_no_parent = set(merged) - set(left) - set(right)
    found = set(added_lines(raw)["x.py"].values())
    assert "evil()" in in_no_parent <= found


@pytest.mark.parametrize("seed", range(4))
def test_a_series_of_patches_is_read_as_one_after_the_other(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    _git(tmp_path, "init", "-q")
    names = [b"x.py", b"y.py"]
    texts = {name: _lines(chance) for name in names}
    _committed(tmp_path, texts)
    for step in range(5):
        name = chance.choice(names)
        texts[name] = _edited(texts[name], chance)
        _committed(tmp_path, texts, f"step {step}\n\n- one\n+ two\n--- three\n")
    raw = _git(tmp_path, "format-patch", "--stdout", "HEAD~5")
    _holds(tmp_path, raw)
    ours, whole = read_diff(raw), read_diff(_git(tmp_path, "diff", "HEAD~5"))
    assert {f.path for f in ours.files} == {f.path for f in whole.files}
    for one in whole.files:
        found = ours.file(one.path)
        assert found is not None
        assert "more than once" in found.remark or len(ours.files) == 2
        for low, high in one.added:
            assert all(found.has(number, number) for number in range(low, high + 1))


def test_a_file_that_becomes_a_link_is_one_file_and_says_so(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    _committed(tmp_path, {b"x.py": ["one"], b"y.py": ["two"]})
    (tmp_path / "x.py").unlink()
    (tmp_path / "x.py").symlink_to("../../secret")
    _git(tmp_path, "add", "-A")
    (one,) = read_diff(_git(tmp_path, "diff", "--cached")).files
    assert one.status is FileStatus.MODIFIED
    assert "link" in one.remark


HUNK = b"@@ -1 +1,2 @@\n a\n+b\n"


@pytest.mark.parametrize(
    ("raw", "path", "status", "added", "remark"),
    [
        (b"diff --git a/x.py b/y.py\nsimilarity index 100%\nrename from x.py\nrename to y.py\n",
         "y.py", "renamed", (), ""),
        (b"diff --git a/x.sh b/x.sh\nold mode 100644\nnew mode 100755\n", "x.sh", "mode", (), ""),
        (b"diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
         "x", "deleted", (), ""),
        (b"diff --git a/i.png b/i.png\nindex 1..2 100644\nBinary files a/i.png and b/i.png differ\n",
         "i.png", "modified", (), ""),
        (b"--- x.py\t2026-01-01 00:00:00\n+++ x.py\t2026-01-02 00:00:00\n" + HUNK, "x.py",
         "modified", ((2, 2),), ""),
        (b"--- a/x.py\r\n+++ b/x.py\r\n@@ -1 +1,2 @@\r\n a\r\n+b\r\n", "x.py", "modified",
         ((2, 2),), ""),
        (b'diff --git "a/\\303\\274.py" "b/\\303\\274.py"\n--- "a/\\303\\274.py"\n+++ "b/\\303\\274.py"\n' + HUNK,
         "ü.py", "modified", ((2, 2),), ""),
        (b"diff --cc x.py\nindex 1,2..3\n--- a/x.py\n+++ b/x.py\n@@@ -1,1 -1,1 +1,3 @@@\n  a\n++b\n +c\n",
         "x.py", "modified", ((2, 3),), ""),
        (b"--- a/../../etc/passwd\n+++ b/../../etc/passwd\n" + HUNK, "../../etc/passwd", "modified",
         ((2, 2),), "outside"),
        (b"--- /dev/null\n+++ b/.git/hooks/x\n" + HUNK, ".git/hooks/x", "added", ((2, 2),), "git's"),
        (b"--- a/x.py\n+++ b/x.py\n@@ -1 +1,9 @@\n a\n+b\n", "x.py", "modified", ((2, 2),), "ends within"),
        (b"--- a/x.py\n+++ b/x.py\n@@ -1 +1,1 @@\n a\n+b\n+c\n", "x.py", "modified", ((2, 3),), "more lines"),
        (b"--- a/x.py\n+++ b/x.py\n@@ -1 +99999999999999999999 @@\n+b\n", "x.py", "modified", (), "header"),
        (b"diff --git a/sub b/sub\nnew file mode 160000\nindex 0..1\n--- /dev/null\n+++ b/sub\n@@ -0,0 +1 @@\n+Subproject commit 1\n",
         "sub", "added", ((1, 1),), "submodule"),
        (b"--- a/n.py\n+++ b/n.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
         "n.py", "modified", ((1, 1),), ""),
        (b"--- a/u.py\n+++ b/u.py\n@@ -1 +1,2 @@\n a\n+\xff\xfe\n", "u.py", "modified", ((2, 2),), ""),
    ],
)  # fmt: skip
def test_shapes(
    raw: bytes, path: str, status: str, added: tuple[tuple[int, int], ...], remark: str
) -> None:
    change = read_diff(b"From: someone\nSubject: words\n\n" + raw + b"-- \n2.40\n" * (not remark))
    found = change.file(path)
    assert found is not None, change
    assert found.status is FileStatus(status)
    assert found.added == added
    assert remark in found.remark
    assert bool(found.remark) == bool(remark), found.remark


def test_a_deleted_line_that_looks_like_a_header_is_a_line() -> None:
    raw = b"--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- old comment\n-b\n++++ b/fake\n+c\n"
    change = read_diff(raw)
    assert [f.path for f in change.files] == ["x.sql"]
    assert change.files[0].added == ((1, 2),)
    assert change.files[0].removed == 2


TWO = b"--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\n+b\n--- a/y\n+++ b/y\n" + HUNK


@pytest.mark.parametrize(
    ("raw", "paths", "remark"),
    [
        (TWO, "x y", "cut short"),
        (b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n--- a/y\n+++ b/y\n" + HUNK, "x", "are content"),
        (b"--- a/x\n+++ b/x\n" + HUNK + b"+++ b/y\n" + HUNK, "x y", "only one of its two names"),
        (b"+++ b/y\n" + HUNK, "y", "only one of its two names"),
        (b"--- a/x\n+++ b/x\n" + HUNK + b"--- a/y\n", "x", "more lines"),
        (HUNK, "", "no file"),
        (b"--- a/x\n+++ b/x\n+evil\n", "x", "outside any hunk"),
        (b"--- a/x\n+++ b/x\n", "x", "no hunk"),
        (b"diff -r a/x b/x\n--- a/x\n+++ b/x\n" + HUNK + b"Binary files a/p.png and b/p.png differ\n",
         "p.png x", ""),
        (b"Only in b/lib: new.py\n", "b/lib/new.py", "one side only"),
        (b"*** x.py\t2026\n--- x.py\t2026\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n",
         "x.py", "context diff"),
        (b"Index: p.png\n======\nCannot display: file marked as a binary type.\n", "p.png", ""),
        (b"Index: x.py\n======\n--- x.py\t(revision 1)\n+++ x.py\t(working copy)\n" + HUNK, "x.py", ""),
        (b"\xff\xfe" + ("--- a/x\n+++ b/x\n" + HUNK.decode()).encode("utf-16-le"), "x", ""),
        (b"\xef\xbb\xbf--- a/x\n+++ b/x\n" + HUNK, "x", ""),
        (b"Subject: x\nContent-Transfer-Encoding: base64\n\nZGlmZg==\n", "", "base64"),
        (b"1c1\n< a\n---\n> b\n", "", "nothing in it"),
        (b"diff --git a/one two b/three four\nold mode 100644\nnew mode 100755\n", "three four", ""),
        (b"diff --git nonsense\n", "nonsense", "cannot be told"),
        (b'diff --git a/x.py "b/\\303\\274"\nsimilarity index 100%\nrename from x.py\nrename to "\\303\\274"\n',
         "ü", ""),
        (b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +0,3 @@\n+a\n+b\n+c\n", "x", "before the first"),
        (b'--- "a/nul\\000.py"\n+++ "b/nul\\000.py"\n' + HUNK, "nul\0.py", "no relative path"),
        (b"--- C:\\x\n+++ C:\\x\n" + HUNK, "C:\\x", "no relative path"),
        (b"--- /etc/passwd\n+++ /etc/passwd\n" + HUNK, "/etc/passwd", "no relative path"),
    ],
)  # fmt: skip
def test_hostile_and_odd_shapes(raw: bytes, paths: str, remark: str) -> None:
    change = read_diff(raw)
    wanted = [paths] if " four" in paths else paths.split(" ") if paths else []
    assert sorted(f.path for f in change.files) == wanted
    assert remark in "; ".join(change.remarks)
    assert bool(change.remarks) == bool(remark), change.remarks


def _plain(chance: random.Random) -> bytes:
    """Make a diff with true counts, of lines that look like anything but lines."""
    parts = []
    for number in range(chance.randrange(1, 4)):
        name = b"d%d/f.py" % number
        parts.append(b"--- a/%s\n+++ b/%s\n" % (name, name))
        for at in (1, 50):
            odd = [b" c", b"+n", b"-o", b"--- a/q", b"+++ b/q", b"-- q", b"+@@ -1 +1 @@", b""]
            lines = [*chance.choices(odd, k=chance.randrange(1, 8)), b" end"]
            old = sum(not line.startswith(b"+") for line in lines)
            new = sum(not line.startswith(b"-") for line in lines)
            parts.append(b"@@ -%d,%d +%d,%d @@\n" % (at, old, at, new) + b"\n".join(lines) + b"\n")
    return b"".join(parts)


def test_what_git_would_apply_is_read_as_git_reads_it_or_has_a_remark(tmp_path: Path) -> None:
    chance = random.Random(7)
    odd = [
        b"rubbish",
        b"@@ -1 +1 @@",
        b"-- ",
        b"--- a/w",
        b"+++ b/w",
        b"\\ No newline at end of file",
    ]
    accepted = 0
    for _ in range(250):
        lines = _plain(chance).split(b"\n")
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(lines))
            lines[at : at + 1] = chance.choice([[], [lines[at]] * 2, [chance.choice(odd)]])
        raw = b"\n".join(lines)
        change = read_diff(raw)
        done = subprocess.run(
            ["git", "apply", "--numstat", "-z", "-"],
            input=raw,
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            continue
        accepted += 1
        theirs: dict[str, tuple[int, int]] = {}
        for path, count in _numbers(done.stdout):
            more = count or (0, 0)
            before = theirs.get(path, (0, 0))
            theirs[path] = (before[0] + more[0], before[1] + more[1])
        ours = {f.path: f for f in change.files}
        assert set(theirs) <= set(ours), raw
        for path, one in ours.items():
            assert one.remark or theirs.get(path) == _count(one), raw
    assert accepted > 50


def test_no_file_that_a_diff_names_vanishes() -> None:
    chance = random.Random(4)
    for _ in range(200):
        names = [f"d/f{n}.py" for n in range(8)]
        parts = [f"diff --git a/{n} b/{n}\n--- a/{n}\n+++ b/{n}\n".encode() + HUNK for n in names]
        raw = b"".join(parts)
        lines = raw.split(b"\n")
        # Any line but a header may be lost, doubled or replaced by rubbish.
        for _ in range(6):
            at = chance.randrange(len(lines))
            if lines[at][:4] not in (b"diff", b"--- ", b"+++ "):
                lines[at : at + 1] = chance.choice(
                    [[], [lines[at]] * 2, [b"?rubbish"], [b"@@ -1 +1 @@"]]
                )
        assert {f.path for f in read_diff(b"\n".join(lines)).files} == set(names)


def test_a_long_diff_is_read_in_time() -> None:
    body = b"".join(b"+line %d\n" % n for n in range(50_000))
    raw = b"--- /dev/null\n+++ b/x.py\n@@ -0,0 +1,50000 @@\n" + body
    begun = time.process_time()
    assert read_diff(raw).files[0].added == ((1, 50_000),)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("seed", range(20))
def test_rubbish_raises_nothing(seed: int) -> None:
    chance = random.Random(seed)
    words = [b"diff --git ", b"--- ", b"+++ ", b"@@ -", b"1,2", b" +3 @@", b"\n", b"\0", b'"', b"\\7",
             b"@@@ ", b"rename to ", b"a/x", b"/dev/null", b"+", b"-", b"\xff", b"\r\n"]  # fmt: skip
    for _ in range(200):
        read_diff(b"".join(chance.choices(words, k=40)))
