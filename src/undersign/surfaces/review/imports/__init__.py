"""Findings of others: SARIF of any tool, and JSON of any model, as candidates."""

from __future__ import annotations

from typing import Any

from undersign.errors import BadInput
from undersign.surfaces.review.imports.categories import category_of
from undersign.surfaces.review.imports.document import document_of
from undersign.surfaces.review.imports.findings_json import of_findings, rows_of
from undersign.surfaces.review.imports.imported import Imported
from undersign.surfaces.review.imports.sarif import of_sarif

__all__ = ["Imported", "category_of", "read_any", "read_findings", "read_sarif"]

_SCHEMA = "docs/reference/findings.schema.json says what findings JSON looks like"
_THEIR_OWN = (
    ("check_id", "semgrep scan --sarif"),
    ("test_id", "bandit -f sarif"),
    ("VulnerabilityID", "trivy --format sarif"),
)
"""A key that only one tool writes into its own JSON, and how that tool writes SARIF."""


def read_any(where: str, data: bytes, *, root: str = "") -> Imported:
    """Read SARIF or findings JSON, plain or gzipped; `where` is the name to be told.

    `root` is the address (`file:///...`) of the checkout: what a tool names by its absolute path is
    found below it.

    Raises BadInput, located, for a file that is neither. A single finding that cannot be used is a
    remark, never dropped in silence.
    """
    document = document_of(data, where)
    if isinstance(document, dict) and "runs" in document:
        return of_sarif(document, where, root)
    if rows_of(document, where) is not None:
        return of_findings(document, where)
    raise BadInput(
        "neither SARIF (`runs`) nor findings JSON (`findings`)", path=where, hint=_hint(document)
    )


def read_sarif(data: bytes, where: str, *, root: str = "") -> Imported:
    """Read SARIF 2.1.0; raises as `read_any` does."""
    document = document_of(data, where)
    if not isinstance(document, dict):
        raise BadInput("no SARIF: it is no object", path=where)
    return of_sarif(document, where, root)


def read_findings(data: bytes, where: str) -> Imported:
    """Read findings JSON, ours or claude-code-security-review's; raises as `read_any` does."""
    return of_findings(document_of(data, where), where)


def _hint(document: Any) -> str:
    results = document.get("results", document.get("Results")) if isinstance(document, dict) else []
    first = results[0] if isinstance(results, list) and results else None
    if isinstance(first, dict):
        for key, command in _THEIR_OWN:
            if key in first or key in str(first)[:2_000]:
                return f"this is a tool's own JSON: have it write SARIF, {command}"
    return _SCHEMA
