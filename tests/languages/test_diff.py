"""Diffs: what git writes agrees with the files and with unidiff; what harm writes hides nothing."""

# ruff: noqa: E501 - diffs as they are written, one a line

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest
from unidiff import PatchSet

from undersign.languages.diff import added_lines, read_diff
from undersign.records.change import FileStatus


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


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("context", [0, 3])
def test_added_lines_are_those_of_the_new_file(tmp_path: Path, seed: int, context: int) -> None:
    chance = random.Random(seed)
    _git(tmp_path, "init", "-q")
    names = ["plain.py", "with space.py", "tab\there.py", "ünï.py", 'quo"te.py', "a/b.py"]
    texts = {n: [f"line {i} {chance.random()}" for i in range(60)] for n in names}
    for name, lines in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-qm", "one")
    for name, lines in texts.items():
        end = chance.choice(["\n", "", "\r\n"])
        (tmp_path / name).write_text("\n".join(_edited(lines, chance)) + end)
    (tmp_path / "fresh.py").write_text("one\ntwo\n")
    (tmp_path / "plain.py").rename(tmp_path / "moved.py")
    (tmp_path / "blob.bin").write_bytes(b"\0\1\2")
    _git(tmp_path, "add", "-A")
    raw = _git(tmp_path, "diff", "--cached", "-M", f"-U{context}")
    change = read_diff(raw)
    named = _git(tmp_path, "diff", "--cached", "-M", "--name-only", "-z").split(b"\0")
    assert {f.path for f in change.files} == {n.decode() for n in named if n}
    assert not change.remarks
    lines = added_lines(raw)
    for one in change.files:
        if one.binary:
            continue
        here = (tmp_path / one.path).read_bytes().decode().split("\n")
        for number, text in lines[one.path].items():
            assert here[number - 1] == text
            assert one.has(number, number)
    by_unidiff = {
        f.path: [line.target_line_no for hunk in f for line in hunk if line.is_added]
        for f in PatchSet(raw.decode())
        if not f.path.startswith('"') and "\\" not in f.path
    }
    assert by_unidiff
    for path, numbers in by_unidiff.items():
        found = change.file(path)
        if found is not None:
            assert [n for low, high in found.added for n in range(low, high + 1)] == numbers


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
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("seed", range(20))
def test_rubbish_raises_nothing(seed: int) -> None:
    chance = random.Random(seed)
    words = [b"diff --git ", b"--- ", b"+++ ", b"@@ -", b"1,2", b" +3 @@", b"\n", b"\0", b'"', b"\\7",
             b"@@@ ", b"rename to ", b"a/x", b"/dev/null", b"+", b"-", b"\xff", b"\r\n"]  # fmt: skip
    for _ in range(200):
        read_diff(b"".join(chance.choices(words, k=40)))
