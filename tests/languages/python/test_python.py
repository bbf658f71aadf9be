"""Python files as `ast` nodes: both parsers give the same tree, and nothing hostile gets far."""

from __future__ import annotations

import ast
import random
import re
import sysconfig
import time
import warnings
from collections import Counter
from pathlib import Path

import pytest

from undersign.languages.python import parse, span_of
from undersign.languages.python.forgiving import _parser, read

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(p for p in LIBRARY.rglob("*.py") if "site-packages" not in p.parts)


def _own(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _levelled(tree: ast.AST, *, places: bool) -> str:
    """Dump a tree without what no analysis asks: whether a name is stored, and `u` of strings.

    Where pieces of a formatted string stand changed with Python 3.12, so of those only what is
    between braces keeps its place.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None
        if places and isinstance(node, ast.JoinedStr):
            inside = [n.value for n in ast.walk(node) if isinstance(n, ast.FormattedValue)]
            node.values = [ast.copy_location(ast.Tuple(inside, ast.Load()), node)]
    return re.sub(r", ctx=\w+\(\)", "", ast.dump(tree, include_attributes=places))


def test_both_ways_give_the_same_tree_at_the_same_places() -> None:
    chosen = random.Random(5).sample(FILES, 330)
    compared, differ, moved = 0, [], []
    for path in chosen:
        text = _own(path).removeprefix("\ufeff")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                wanted = ast.parse(text)
        except (SyntaxError, ValueError):
            continue  # the library's own samples of bad syntax
        compared += 1
        tree, unread = read(text)
        if unread or _levelled(tree, places=False) != _levelled(wanted, places=False):
            differ.append(path.name)
        elif _levelled(tree, places=True) != _levelled(wanted, places=True):
            moved.append(path.name)
    assert compared >= 300
    assert len(differ) <= 2, differ
    assert len(moved) <= compared // 50, moved


def _said(tree: ast.AST) -> Counter[str]:
    """Count every name and every call in a tree."""
    said: Counter[str] = Counter()
    for node in ast.walk(tree):
        said["()"] += isinstance(node, ast.Call)
        for name, value in ast.iter_fields(node):
            if name in ("id", "attr", "name", "arg", "module", "asname", "rest"):
                said.update(value.split(".") if isinstance(value, str) else ())
            elif name in ("names", "kwd_attrs"):
                said.update(one for one in value if isinstance(one, str))
    return said


def _vanished(text: str) -> dict[str, int]:
    """Count names and calls that are neither in the tree nor within an unread piece."""
    tree, unread = read(text)
    raw = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    lines = raw.split(b"\n")
    wanted: Counter[str] = Counter()
    left = [_parser().parse(raw).root_node]
    while left:
        node = left.pop()
        if node.type == "type_parameter" and node.parent.type.endswith("_definition"):
            continue  # left out on purpose
        if node.type in ("identifier", "keyword_identifier", "call") and node.text:
            row, column = node.start_point
            at = row + 1, len(lines[row][:column].decode("utf-8", "replace")) + 1
            if not any((s.line, s.column) <= at < (s.end_line, s.end_column) for s in unread):
                wanted["()" if node.type == "call" else node.text.decode()] += 1
        left += node.children
    return dict(wanted - _said(tree))


RUBBISH = [
    "(", "]", ":", "'", '"""', "\\", "def ", "\n", "$ ?", "=", "if ", " ", "*", ",", "lambda ",
    "print ", "f'{", "}", "#", ".", "->", "else:", "except", "@", "yield", "match x:", "\r",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_nothing_vanishes_from_a_broken_file(seed: int) -> None:
    chance = random.Random(seed)
    sources = [p for p in FILES if p.parent == LIBRARY]
    broken = 0
    for _ in range(60):
        lines = _own(chance.choice(sources)).split("\n")
        first = chance.randrange(max(1, len(lines) - 150))
        text = "\n".join(lines[first : first + 150])
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(RUBBISH) + text[at + chance.choice([0, 0, 1, 3]) :]
        broken += bool(read(text)[1])
        assert not _vanished(text), text
    assert broken > 30


NEWER = """\
def view(rows):
    return f"{rows["id"]} {f'{rows['name']}'}"

type Pair = tuple[int, int]
"""
OLDER = (
    'import os\nprint "x", 1\nexec code\ntry:\n    pass\nexcept ValueError, e:\n    os.system(e)\n'
)


def test_newer_and_older_python_is_read() -> None:
    newer = parse(NEWER)
    assert newer.way == "tree-sitter"
    assert not newer.unread
    view, alias = newer.tree.body
    assert isinstance(view, ast.FunctionDef)
    keys = [n.value for n in ast.walk(view) if isinstance(n, ast.Constant)]
    assert {"id", "name"} <= set(keys)
    assert ast.unparse(alias) == "Pair = tuple[int, int]"
    older = parse(OLDER)
    called = [n.func.id for n in ast.walk(older.tree)
              if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]  # fmt: skip
    assert called == ["print", "exec"]
    handler = older.tree.body[3].handlers[0]  # type: ignore[attr-defined]
    assert handler.name == "e"


def test_what_nobody_can_read_is_listed_and_the_rest_is_there() -> None:
    module = parse(
        "import os\n\ndef good():\n    os.system('x')\n\n$$ ?? (\n\ndef also():\n    pass\n"
    )
    assert module.unread
    assert 6 in {span.line for span in module.unread}
    names = [n.name for n in ast.walk(module.tree) if isinstance(n, ast.FunctionDef)]
    assert "good" in names


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print 1; print >>f, x, 1", "print(1)\nprint(x, 1, file=f)"),
        ("exec code in names", "exec(code, names)"),
        ("raise Error, 'why'", "raise Error('why')"),
        ("x = 0777L", "x = 511"),
        ("x = a <> b", "x = a != b"),
        ("print 1; x = ur'a'", "print(1)\nx = 'a'"),
        ("print 1; type(x).y = z", "print(1)\ntype(x).y = z"),
        ("print 1\rx = 2\r\ny = 3", "print(1)\nx = 2\ny = 3"),
    ],
)
def test_old_words_become_what_they_are_today(old: str, new: str) -> None:
    module = parse(old)
    assert not module.unread
    assert ast.unparse(module.tree) == ast.unparse(ast.parse(new))


@pytest.mark.parametrize("old", ["x = `y`", "def f((a, b), c): pass"])
def test_old_words_that_nobody_reads_are_listed(old: str) -> None:
    assert parse(old).unread


def test_a_name_in_other_letters_is_the_name_that_python_runs() -> None:
    module = parse("print 1\n\uff45val(x)\n")
    assert ast.unparse(module.tree.body[1]) == "eval(x)"


def test_one_deep_expression_does_not_hide_the_file() -> None:
    deep = "x = " + "(-" * 300 + "1" + ")" * 300
    module = parse(f"import os\n{deep}\nos.system(y)\n" + "z = " + "a + " * 900 + "os.exit(1)\n")
    assert [s.line for s in module.unread] == [2]
    called = [ast.unparse(n) for n in ast.walk(module.tree) if isinstance(n, ast.Call)]
    assert called == ["os.system(y)", "os.exit(1)"]


def test_unread_pieces_are_counted_in_characters() -> None:
    (piece,) = parse("x = 1\ny = f('ü', ? a)\n").unread
    assert (piece.line, piece.column) == (2, 12)


def test_lone_surrogates_are_text_like_any_other() -> None:
    module = parse("x = '\ud800'; call(1)\n")
    call = next(n for n in ast.walk(module.tree) if isinstance(n, ast.Call))
    assert span_of(call, module).column == 10


def test_reading_twice_gives_the_same() -> None:
    text = _own(LIBRARY / "ast.py") + "\nprint 1\n$$\n"
    one, two = parse(text), parse(text)
    assert ast.dump(one.tree) == ast.dump(two.tree)
    assert one.unread == two.unread


def test_columns_count_characters() -> None:
    module = parse('x = "üü"; call(1)\n')
    call = next(n for n in ast.walk(module.tree) if isinstance(n, ast.Call))
    span = span_of(call, module)
    assert module.text[span.column - 1 : span.end_column - 1] == "call(1)"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "x = " + "(" * 5_000 + "1" + ")" * 5_000,
        "-" * 100_000 + "1",
        "x = " + "1+" * 50_000 + "1",
        "x = " + "not " * 50_000 + "1",
        "a" + ".b" * 50_000,
        "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 300)),
        "\0\0\0",
        "x = '" + "y" * 1_000_000 + "'",
        "f'" + "{" * 3_000,
        "\ufeffx = 1",
        "lambda: " * 3_000 + "1",
        "[{(" * 100_000,
        "f'{ " * 50_000 + "ü",
        "a" + "()" * 50_000,
        "1 if 2 else " * 30_000 + "1",
        "print " + "x," * 50_000,
        'class A:\n x = """' + "a\n" * 50_000,
        "if 1: pass\n" + "elif 2: pass\n" * 10_000,
        "def f(x):\n  return (x\n" * 10_000,
        "case " * 20_000,
        "match x:\n case " + "[" * 10_000,
    ],
    ids=range(22),
)
def test_hostile_text_is_bounded(text: str) -> None:
    begun = time.process_time()
    module = parse(text)
    assert time.process_time() - begun < 5
    assert module.unread or module.tree.body


def test_a_long_file_is_read_in_time() -> None:
    text = "def f(x):\n    return x + 1\n\n" * 17_000
    begun = time.process_time()
    assert len(parse(text).tree.body) == 17_000
    assert time.process_time() - begun < 5
