from __future__ import annotations

import random
import string
from hashlib import sha256

from undersign.policy.detect import detector
from undersign.records.change import Change, FileChange, FileStatus
from undersign.records.code import SourceFile
from undersign.surfaces.review.secrets import secret_candidates

RNG = random.Random("tokens of the review's tests")
LETTERS = string.ascii_letters + string.digits


def token(begins: str, length: int) -> str:
    return begins + "".join(RNG.choice(LETTERS) for _ in range(length))


TOKEN = token("gh" + "p_", 36)
PASSWORD = "Xq7" + token("", 12) + "!z"


def file(path: str, text: str, language: str = "") -> SourceFile:
    return SourceFile(path, text, sha256(text.encode()).hexdigest(), language)


def change(path: str, *added: tuple[int, int]) -> Change:
    return Change("main", "HEAD", (FileChange(path, FileStatus.MODIFIED, added=added),))


def found(text: str, *added: tuple[int, int], path: str = "app.py"):
    where = change(path, *added) if added else None
    return secret_candidates(where, {path: file(path, text)}, detector().spot_all)


def test_a_secret_in_a_new_line_is_a_candidate_that_does_not_show_it() -> None:
    text = f'import os\nTOKEN = "{TOKEN}"\nok = 1\n'
    (one,) = found(text, (2, 2))
    assert (one.file, one.line, one.category, one.origin) == (
        "app.py", 2, "hardcoded-secret", "secrets",
    )  # fmt: skip
    line = text.split("\n")[1]
    assert line[one.column - 1 : one.end_column - 1] == TOKEN
    assert one.severity == "high"
    assert not one.quote
    assert TOKEN not in repr(one)
    assert TOKEN[4:12] not in repr(one)


def test_lines_that_are_not_new_are_left_alone_and_a_tree_is_read_whole() -> None:
    text = f'import os\nTOKEN = "{TOKEN}"\nok = 1\n'
    assert found(text, (3, 3)) == []
    assert len(found(text)) == 1
    other = secret_candidates(change("b.py", (1, 9)), {"a.py": file("a.py", text)},
                              detector().spot_all)  # fmt: skip
    assert other == []


def test_every_kind_of_file_is_read() -> None:
    for path, text in (
        ("conf/app.properties", f"api.token={TOKEN}\n"),
        ("a.go", f'const t = "{TOKEN}"\n'),
        ("A.java", f'  String t = "{TOKEN}";\n'),
        ("x.unknownkind", f"curl -H 'Authorization: Bearer {TOKEN}' https://example.org\n"),
        ("noend", f"{TOKEN}"),
        ("win.ts", f'const a = 1;\r\nconst t = "{TOKEN}";\r\n'),
        ("utf.py", f'# schöne Grüße 🎉\nT = "ä🎉"; U = "{TOKEN}"\n'),
    ):
        (one, *_) = found(text, (1, 9), path=path)
        line = text.replace("\r\n", "\n").split("\n")[one.line - 1]
        assert TOKEN in line[one.column - 1 : one.end_column - 1], path


def test_a_secret_over_many_lines_counts_when_one_of_them_is_new() -> None:
    body = "\n".join(token("", 64) for _ in range(12))
    kind = "RSA PRIVATE" + " KEY"
    text = f"x = 1\nKEY = '''-----BEGIN {kind}-----\n{body}\n-----END {kind}-----'''\n"
    (one,) = found(text, (6, 6))
    assert (one.line, one.end_line) == (2, 15)
    assert one.end_column == 0
    assert body[:20] not in repr(one)


def test_comments_that_hide_are_told_and_hide_nothing() -> None:
    for comment in ("# nosec", "# pragma: allowlist secret", "// gitleaks:allow", "# noqa: S105"):
        (one,) = found(f'T = "{TOKEN}"  {comment}\n', (1, 1))
        assert one.suppressed.startswith("`")
        assert "line 1" in one.suppressed
        assert TOKEN not in one.suppressed
    (one,) = found(f'# pragma: allowlist nextline secret\nT = "{TOKEN}"\n', (2, 2))
    assert "line 1" in one.suppressed
    (one,) = found(f'T = "{TOKEN}"  # an ordinary comment\n', (1, 1))
    assert one.suppressed == ""


def test_only_secrets_and_credentials_are_candidates() -> None:
    text = f'who = "someone@example.org"\nip = "192.0.2.7"\npassword = "{PASSWORD}"\n'
    made = found(text, (1, 3))
    assert [one.line for one in made] == [3]
    assert made[0].severity == "medium"
    assert PASSWORD not in repr(made)
    assert found('password = os.environ["PASSWORD"]\ntoken = "changeme"\n', (1, 2)) == []


def test_thousands_of_files_are_read_together() -> None:
    files = {f"f{n}.py": file(f"f{n}.py", f'a = {n}\nT{n} = "{TOKEN}"\n') for n in range(2_000)}
    made = secret_candidates(None, files, detector().spot_all)
    assert len(made) == 2_000
    assert {one.line for one in made} == {2}
