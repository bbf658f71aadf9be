"""Why a rule matches an event, or why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from undersign.catalogs.log_sources import LogSources, load
from undersign.errors import BadInput, UsageError
from undersign.languages.sigma.document import Rule, SigmaFile
from undersign.languages.sigma.tree import Or
from undersign.telemetry.one_event import place, view
from undersign.workspace import files
from undersign.workspace.review import subject_of
from undersign.workspace.workspace import Workspace


def why(workspace: Workspace, path: Path, event: str, text: str | None) -> dict[str, Any]:
    """Explain a rule on one event.

    `event` names a JSON file or an event in the lake; `text` is the event itself when it came by
    stdin. Returns {"matches", "tree", "remarks", "event"}; with several rules in the file also
    "rules", one such answer each. Raises UsageError when there is no such event or rule.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    parsed = subject_of(path, workspace).parsed
    rules = parsed.rules if isinstance(parsed, SigmaFile) else ()
    if not rules:
        raise UsageError(f"{path} holds no detection rule to explain")
    sources = load()
    source, values = _event(workspace, event, text, sources)
    answers = [_explained(rule, source, values, sources) for rule in rules]
    best = next((a for a in answers if a["matches"]), answers[0])
    remarks = list(best["remarks"])
    if isinstance(parsed, SigmaFile) and parsed.correlations:
        remarks.append("a correlation counts many events; this explains one event of its rule")
    shown = {k: v for k, v in values.items() if not k.startswith("_")}
    found = {**best, "remarks": remarks, "source": source, "event": shown}
    return {**found, "rules": answers} if len(answers) > 1 else found


def _event(
    workspace: Workspace, event: str, text: str | None, sources: LogSources
) -> tuple[str, Mapping[str, Any]]:
    """Return (log source, canonical values) of the event meant."""
    if text is None and Path(event).is_file():
        text = files.read_text(Path(event))
    if text is not None:
        return _written_event(text, event, sources)
    found = workspace.lake.event(event) if workspace.has_lake else None
    if found is None:
        raise UsageError(
            f"{event!r} is neither a file nor the id of an event here",
            hint="ids are in `undersign baseline --json` under `sample`",
        )
    table = str(found.get("_table", ""))
    return table, found


def _written_event(text: str, name: str, sources: LogSources) -> tuple[str, Mapping[str, Any]]:
    from undersign.telemetry.shape import shape_dict

    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadInput(f"not one JSON object: {error}", path=name) from error
    except RecursionError as error:
        raise BadInput("nested too deeply", path=name) from error
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if not isinstance(data, dict):
        raise BadInput("must be one JSON object: one event", path=name)
    shaped = shape_dict(data, sources)
    return shaped.source, shaped.values


def _explained(
    rule: Rule, source: str, values: Mapping[str, Any], sources: LogSources
) -> dict[str, Any]:
    from undersign.languages.sigma.evaluate import explain

    answer, remark = place(rule, source, values, sources)
    seen = view(values, answer)
    tree = explain(rule.conditions[0] if len(rule.conditions) == 1 else Or(rule.conditions), seen)
    remarks = [*([remark] if remark else []), *(p.message for p in rule.problems)]
    matches = bool(tree["outcome"]) and remark is None
    return {"title": rule.title, "matches": matches, "tree": tree, "remarks": remarks}
