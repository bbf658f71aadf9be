"""wrong-reference: a reference whose id, name, status or edition is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from undersign.catalogs.references import REVOKED, References, plain, unqualified
from undersign.records.finding import Fault
from undersign.records.system import System

_ID = re.compile(
    r"(?P<id>AML\.[TMA]{1,2}\d{4}(?:\.\d{3})?|CAPEC-\d+|CWE-\d+|D3[A-Z]?-[A-Z0-9]+"
    r"|(?:TA|[TMGSC])\d{4}(?:\.\d{3})?"
    r"|(?:LLM|ASI|AST|A)\d{2}(?::\s?[\d.]+)?|(?:GOVERN|MAP|MEASURE|MANAGE) \d(?:\.\d{1,2})?"
    r"|v\d\.\d(?:\.\d)?-C?\d+(?:\.\d+){1,2})\s*[-:–,]?\s*(?P<name>.*)",
    re.DOTALL,
)


def wrong_reference(system: System, references: References) -> Iterator[Fault]:
    """Compare each reference with the catalogs: id, name, status, edition."""
    for threat in system.threats:
        for written in threat.references:
            wrong = _wrong(written.strip(), references)
            if wrong is not None:
                message, right = wrong
                yield Fault(f"{threat.id}: {message}", threat.span, suggestion=right)


def _wrong(written: str, references: References) -> tuple[str, str | None] | None:
    match = _ID.fullmatch(written)
    if match is None:
        named = references.named(written)
        right = f"{named[0].id} {named[0].name}" if named else None
        return f"{written!r} is no id of a catalog here", right
    reference, name = match["id"].replace(": ", ":"), match["name"].strip(" ()[]\"'")
    if unqualified(reference):
        editions = ", ".join(f"{e.id} {e.name}" for e in references.editions(reference))
        return f"{reference} means something else in each edition", editions or None
    entry = references.get(reference)
    if entry is None:
        return _unknown(reference, name, references)
    if entry.status != "active":
        instead = entry.relations.get("replaced_by", ())
        is_gone = "was revoked" if entry.status == REVOKED else "is deprecated"
        return f"{entry.id} {is_gone} in {entry.catalog} {entry.edition}", ", ".join(
            instead
        ) or None
    if name and entry.name and plain(name) != plain(entry.name) and not _part(name, entry.name):
        named = references.named(name)
        other = f", and {name!r} is {named[0].id}" if named else ""
        return f"{entry.id} is {entry.name!r}{other}", f"{entry.id} {entry.name}"
    return None


def _part(name: str, whole: str) -> bool:
    """Tell whether a name is the entry's without its brackets, or what stands in them."""
    short = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", whole)
    called = (plain(one) for one in re.findall(r"\(['\"]?([^()]+?)['\"]?\)", whole))
    return plain(name) in (plain(short), plain(short.rpartition(":")[2]), *called)


def _unknown(reference: str, name: str, references: References) -> tuple[str, str | None] | None:
    if references.requirements(reference):
        return None  # a section of a standard
    named = references.named(name) if name else ()
    right = f"{named[0].id} {named[0].name}" if named else None
    if ":" in reference:
        there = references.editions(reference.partition(":")[0])
        editions = ", ".join(e.edition for e in there)
        if editions:
            return f"there is no {reference}; editions here: {editions}", right
    return f"no catalog here has {reference}", right
