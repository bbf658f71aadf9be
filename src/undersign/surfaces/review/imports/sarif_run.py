"""What a SARIF run says of itself: whether the tool failed, and what it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from undersign.records.code import unsafe
from undersign.surfaces.review.imports.imported import Remarks, named
from undersign.surfaces.review.imports.sarif_places import Places
from undersign.surfaces.review.imports.sarif_rules import Rules
from undersign.surfaces.review.imports.texts import at, items, objects, path_of, text_of

_READ = "successfully-extracted-files"
"""How the ids of CodeQL's notifications end that name a file which was read."""
_NOTES = ("toolExecutionNotifications", "toolConfigurationNotifications")
_WORDS = 200


@dataclass(slots=True)
class Run:
    """One run while it is read."""

    raw: Mapping[str, Any]
    place: str
    """`runs[0]`."""
    remarks: Remarks
    tool: str
    version: str
    rules: Rules
    places: Places
    failed: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    """Why the tool did not look, or not at all of it."""

    @property
    def trouble(self) -> str:
        """All troubles, each once, in one text."""
        return "; ".join(dict.fromkeys(self.troubles))[:500]


def open_run(raw: Mapping[str, Any], place: str, remarks: Remarks, root: str) -> Run:
    """Read everything of a run but its results."""
    driver = at(raw, "tool", "driver")
    name = named(text_of(driver.get("name"), 100).strip() or "unnamed tool", "SARIF")
    version = text_of(driver.get("semanticVersion"), 60) or text_of(driver.get("version"), 60)
    run = Run(raw, place, remarks, name, version, Rules(raw), Places(raw, root))
    if not isinstance(raw.get("results"), list):
        run.troubles.append("it gives no results, which says that it did not scan")
    elsewhere = at(raw, "externalPropertyFileReferences")
    if elsewhere.get("results"):
        run.troubles.append("it keeps results in other files, and those are not read")
        remarks.add(place, "keeps results in other files, and those are not read")
    for one in objects(raw.get("invocations")):
        _invocation(one, run)
    for artifact in objects(raw.get("artifacts")):
        if "analysisTarget" in items(artifact.get("roles")):
            _mark_read(at(artifact, "location"), run)
    run.read -= run.failed.keys()
    return run


def _invocation(one: Mapping[str, Any], run: Run) -> None:
    if one.get("executionSuccessful") is False:
        said = text_of(one.get("exitCodeDescription"), _WORDS) or text_of(
            one.get("processStartFailureMessage"), _WORDS
        )
        run.troubles.append(said or "it says that it failed")
    for key in _NOTES:
        for at_, note in enumerate(objects(one.get(key))):
            _note(note, run, f"{run.place}.{key}[{at_}]")


def _note(note: Mapping[str, Any], run: Run, place: str) -> None:
    """Take one notification: a failure, a file it speaks of, or a remark."""
    locations = [
        at(x, "physicalLocation", "artifactLocation") for x in objects(note.get("locations"))
    ]
    level = note.get("level", "warning")
    id_ = text_of(at(note, "descriptor").get("id"))
    if level in ("none", "note"):
        if id_.endswith(_READ):
            for location in locations:
                _mark_read(location, run)
        return
    said = text_of(at(note, "message").get("text"), _WORDS) or id_ or "a notice without words"
    words = " ".join(said.split())
    paths = [p for location in locations if (p := _safe(location, run))]
    for path in paths:
        run.failed[path] = f"{run.tool}: {words}"
    if level == "error":
        run.troubles.append(words)
    elif not paths:
        run.remarks.add(place, f"is a warning of {run.tool}: {words}")


def _safe(location: Mapping[str, Any], run: Run) -> str:
    path, trouble = path_of(run.places.of(location))
    if path and trouble:
        run.remarks.add(run.place, "speaks of a file outside the checkout")
    return "" if trouble or unsafe(path) else path


def _mark_read(location: Mapping[str, Any], run: Run) -> None:
    if path := _safe(location, run):
        run.read.add(path)
