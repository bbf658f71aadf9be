"""One requirement of Python (PEP 508) as a package."""

from __future__ import annotations

import re

from undersign.languages.manifests.places import Reading, source_of
from undersign.records.packages import Package

_COMMIT = re.compile(r"@[0-9a-f]{40}\b|[#&]sha256=")
_LONGEST = 2_000


def add_requirement(
    reading: Reading, text: str, line: int, group: str = "", digests: frozenset[str] = frozenset()
) -> Package | None:
    """Add the package that a requirement names; note a problem when it cannot be read."""
    from packaging.requirements import InvalidRequirement, Requirement

    if len(text) > _LONGEST:
        reading.problem(line, "a requirement longer than 2,000 characters was not read")
        return None
    try:
        found = Requirement(text)
    except (InvalidRequirement, RecursionError):
        reading.problem(line, f"this is no requirement: `{shown(text)}`")
        return None
    exact = [s.version for s in found.specifier if s.operator in ("==", "===")]
    one = len(exact) == 1 and len(found.specifier) == 1 and not exact[0].endswith(".*")
    version = exact[0] if one else str(found.specifier)
    pinned = one or bool(found.url and _COMMIT.search(found.url))
    package = Package(
        found.name,
        reading.ecosystem,
        reading.path,
        line,
        version,
        pinned,
        source=source_of(found.url or ""),
        group=group,
        digests=digests,
    )
    reading.packages.append(package)
    return package


def shown(text: str) -> str:
    """Return a hostile text as it may stand in a message: one line, no address, 60 characters."""
    plain = re.sub(r"\S{0,200}://\S{0,500}", "an address", text[:1_000])
    return "".join(c if c.isprintable() else "?" for c in plain)[:60]
