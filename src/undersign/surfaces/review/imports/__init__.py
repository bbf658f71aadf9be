"""Findings of others: SARIF of any tool, and JSON of any model, as candidates."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from undersign.catalogs import weaknesses
from undersign.errors import BadInput
from undersign.records.candidate import Candidate
from undersign.records.code import unsafe
from undersign.records.review import Looker

_DEEPEST = 60
_LARGEST = 200_000_000
MOST_TEXT = 4_000
"""Characters of one text of a finding that are kept."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file of findings holds."""

    candidates: tuple[Candidate, ...] = ()
    lookers: tuple[Looker, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    """Path -> why the tool says that it did not read it."""
    remarks: tuple[str, ...] = ()
    """What of the file could not be used, each with its place in it."""


def read_any(where: str, data: bytes) -> Imported:
    """Read SARIF or findings JSON, plain or gzipped; `where` is the name to be told.

    Raises BadInput, located, for a file that is neither. A single finding that cannot be used is a
    remark, never dropped in silence.
    """
    from undersign.surfaces.review.imports.findings_json import read_findings
    from undersign.surfaces.review.imports.sarif import read_sarif

    document = _document(where, data)
    if isinstance(document, dict) and isinstance(document.get("runs"), list):
        return read_sarif(document, where)
    if isinstance(document, list) or (isinstance(document, dict) and _has_findings(document)):
        return read_findings(document, where)
    raise BadInput(
        "neither SARIF (`runs`) nor findings JSON (`findings`)",
        path=where,
        hint="docs/reference/findings.schema.json says what findings JSON looks like",
    )


def _has_findings(document: Mapping[str, Any]) -> bool:
    return any(isinstance(document.get(key), list) for key in ("findings", "results", "issues"))


def _document(where: str, data: bytes) -> Any:
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(where, data)
    if len(data) > _LARGEST:
        raise BadInput(f"larger than {_LARGEST:,} bytes", path=where)
    try:
        text = data.decode("utf-8-sig")
        document = json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise BadInput("not valid UTF-8", path=where) from error
    except json.JSONDecodeError as error:
        raise BadInput(f"not valid JSON: {error.msg}", path=where, line=error.lineno,
                       column=error.colno) from error  # fmt: skip
    except (RecursionError, ValueError) as error:
        raise BadInput(f"not JSON that can be read: {error}", path=where) from error
    if _too_deep(document):
        raise BadInput(f"nested deeper than {_DEEPEST} levels", path=where)
    return document


def _unpacked(where: str, data: bytes) -> bytes:
    import io

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            return packed.read(_LARGEST + 1)
    except (OSError, EOFError) as error:
        raise BadInput(f"damaged gzip: {error}", path=where) from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _too_deep(document: Any) -> bool:
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        level = [inner for one in level for inner in _inner(one)]
        if not level:
            return False
    return True


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        return iter(value.values())
    return iter(value) if isinstance(value, list) else iter(())


# --- what both formats need ---


@cache
def _rules() -> Mapping[str, Any]:
    text = files("undersign.catalogs.code").joinpath("rules.toml").read_text("utf-8")
    return tomllib.loads(text)


def category_of(rule: str, cwe: tuple[str, ...], message: str) -> str:
    """Return our category of a finding: by its rule, its CWE, or the words of its message."""
    rules = _rules()
    code = rule.rpartition(".")[2].upper()
    code = f"S{code[1:]}" if code[:1] == "B" and code[1:].isdigit() else code
    if code in rules["ruff"]:
        return str(rules["ruff"][code])
    ids = tuple(i for one in cwe for i in weaknesses.ids_in(one))
    known = weaknesses.load()
    if found := known.category_of(ids, f"{rule} {message}"):
        return found
    low = rule.lower().replace("_", "-")
    named = {category for word, category in rules["words"].items() if word in low}
    return str(named.pop()) if len(named) == 1 else ""


def text_of(value: Any) -> str:
    """Return a text of others, cut, without half characters; empty for anything that is none."""
    if not isinstance(value, str):
        return ""
    return value[:MOST_TEXT].encode("utf-8", "replace").decode()


def line_of(value: Any) -> int:
    """Return a line number, 0 for anything that is none."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 < value < 10_000_000 else 0


def path_of(written: str) -> tuple[str, str]:
    """Return a path that may be looked up, and why it may not when it may not."""
    path = written.replace("\\", "/").removeprefix("./")
    return path, unsafe(path)


def severity_of(word: Any) -> str:
    """Return a severity in our words; empty when it is none we know."""
    known = {
        "critical": "critical", "high": "high", "error": "high", "medium": "medium",
        "moderate": "medium", "warning": "medium", "low": "low", "note": "low", "info": "info",
        "informational": "info", "none": "info",
    }  # fmt: skip
    return known.get(word.strip().lower(), "") if isinstance(word, str) else ""
