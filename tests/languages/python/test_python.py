"""Python files as `ast` nodes: both parsers give the same tree, and nothing hostile gets far."""

from __future__ import annotations

import ast
import re
import sysconfig
import time
from pathlib import Path

import pytest

from undersign.languages.python import parse, span_of
from undersign.languages.python.forgiving import read

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(LIBRARY.glob("*.py"))[::2] + sorted(LIBRARY.glob("asyncio/*.py"))


class _Same(ast.NodeTransformer):
    """Level what the two ways may write differently: pieces of f-strings, and `kind`."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        names = [ast.unparse(v.value) for v in node.values if isinstance(v, ast.FormattedValue)]
        return ast.Constant("f" + ",".join(names))

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(node.value)


def _dumped(tree: ast.AST) -> str:
    return re.sub(r", ctx=\w+\(\)", "", ast.dump(_Same().visit(tree)))


def test_the_forgiving_way_gives_the_same_tree() -> None:
    differ = []
    for path in FILES:
        text = path.read_text(encoding="utf-8", errors="replace")
        tree, unread = read(text)
        if unread or _dumped(tree) != _dumped(ast.parse(text)):
            differ.append(path.name)
    assert len(FILES) > 100
    assert len(differ) <= len(FILES) // 100, differ


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
    assert isinstance(newer.tree.body[0], ast.FunctionDef)
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
    ],
    ids=range(12),
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
