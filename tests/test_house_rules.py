"""The style guide and the floor plan, as tests: everything listed is documented and tested."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from undersign import errors
from undersign.faces.cli.app import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "undersign"
MODULES = sorted(SOURCE.rglob("*.py"))
BANNED = {"utils", "helpers", "common", "manager", "base", "core", "misc"}
HEAVY = (
    "pyarrow",
    "numpy",
    "pyiceberg",
    "duckdb",
    "duckdb_kql",
    "py_mini_racer",
    "sqlglot",
    "sigma",
    "jinja2",
    "cryptography",
    "evtx",
    "yaml",
)


def test_every_error_has_an_exit_code() -> None:
    family = [
        e
        for _, e in inspect.getmembers(errors, inspect.isclass)
        if issubclass(e, errors.UndersignError)
    ]
    assert len(family) > 5
    drawn = errors.__doc__ or ""
    for error in family:
        assert error.exit_code in (1, 2, 3)
        assert re.search(rf"\b{error.__name__}\b\s+{error.exit_code}\b", drawn), error.__name__


@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line.name)
def test_every_command_has_help_and_json(line: object) -> None:
    command = cli.get_command(click.Context(cli), line.name)  # type: ignore[attr-defined]
    assert command is not None
    assert command.help and command.help[0].isupper()
    leaves = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    for leaf in leaves:
        assert leaf.help, leaf.name
        options = {o for p in leaf.params for o in p.opts}
        assert "--json" in options, f"{line.name} {leaf.name}"  # type: ignore[attr-defined]
        for parameter in leaf.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{line.name} {parameter.opts}"  # type: ignore[attr-defined]


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    for line in COMMANDS:
        assert f"## undersign {line.name}" in text, f"run: uv run pytest --regen ({line.name})"


def test_the_command_reference_is_what_help_says(request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / "reference" / "commands.md"
    wanted = _command_reference()
    if request.config.getoption("--regen"):
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(wanted, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == wanted, "stale: run `uv run pytest --regen`"


_as_typed = {"help_option_names": ["-h", "--help"]}
"""What every command inherits from `undersign` itself."""


def _command_reference() -> str:
    parts = ["# Commands\n\nWritten by `uv run pytest --regen` from `--help`; do not edit.\n"]
    for line in COMMANDS:
        command = cli.get_command(click.Context(cli), line.name)
        assert command is not None
        leaves = (
            [(f"{line.name} {n}", c) for n, c in command.commands.items()]
            if isinstance(command, click.Group)
            else [(line.name, command)]
        )
        parts.append(f"\n## undersign {line.name}\n\n{line.help}\n")
        for name, leaf in leaves:
            context = click.Context(
                leaf, info_name=f"undersign {name}", max_content_width=100, **_as_typed
            )
            context.terminal_width = 100
            parts.append(f"\n```text\n{leaf.get_help(context)}\n```\n")
    return "".join(parts)


def test_readme_opens_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^python3 -m pip install .*$", text, re.MULTILINE)
    assert commands[:2] == [
        "python3 -m pip install -q uv && uv run undersign demo",
        "python3 -m pip install -q uv && uv run pytest",
    ]


def test_links_in_the_docs_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 8
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_module_keeps_the_house_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says what it is for"
    assert path.stem not in BANNED
    assert text.count("\n") <= 400, "over 400 lines: split it, or say why and raise this here"
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            pytest.fail(f"bare except at line {node.lineno}")
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
            pytest.fail(f"a stub at line {node.lineno}")


def test_help_imports_nothing_heavy() -> None:
    loaded = _modules_after("from undersign.faces.cli.app import run; run(['--help'])")
    assert not loaded & set(HEAVY)


def test_check_imports_no_data_libraries(tmp_path: Path) -> None:
    rule = tmp_path / "rule.yml"
    rule.write_text(
        "title: t\nlogsource: {product: windows, category: process_creation}\n"
        "detection: {s: {Image: x}, condition: s}\n"
    )
    code = f"from undersign.faces.cli.app import run; run(['check', {str(rule)!r}])"
    loaded = _modules_after(code)
    assert not loaded & {"pyarrow", "numpy", "pyiceberg", "duckdb", "jinja2", "cryptography"}


def _modules_after(code: str) -> set[str]:
    script = (
        f"{code}\nimport sys; print('MODULES', *sorted({{m.split('.')[0] for m in sys.modules}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.rpartition("MODULES ")[2].split())


def test_every_log_source_has_samples() -> None:
    sources = import_module("undersign.catalogs.log_sources").load().sources
    assert len(sources) > 10
    for source in sources:
        assert (ROOT / "tests" / "log_sources" / f"{source.name}.jsonl").exists(), source.name


def test_no_paths_of_somebodys_machine() -> None:
    forbidden = re.compile(r"(?<![\w.~])/(?:home|root|work|Users)/\w+")
    for path in [*MODULES, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        found = forbidden.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)}: {found.group() if found else ''}"
