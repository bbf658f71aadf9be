"""`undersign maturity`: what this workspace really holds, counted, for the practices to be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from undersign.errors import UsageError
from undersign.records.maturity import Assessed, Holdings, Standing
from undersign.workspace import files, hunting, keyring, signoff
from undersign.workspace.beside import Beside
from undersign.workspace.scorecard import scorecard
from undersign.workspace.workspace import Workspace

_WORKFLOWS = ".github/workflows"


def maturity(workspace: Workspace, *, now: datetime) -> tuple[Assessed, ...]:
    """Say of every practice of AI RMF and SAMM what this workspace shows.

    Raises NoWorkspace in a folder that keeps nothing, BadInput for a policy that cannot be read.
    """
    from undersign.catalogs.practices import load
    from undersign.workflow.maturity import assess

    workspace.require_declared()
    return assess(load(), holdings(workspace, now=now))


def document(assessed: tuple[Assessed, ...]) -> dict[str, Any]:
    """Return the JSON of a maturity view, with the frameworks' editions and terms."""
    from undersign.catalogs.practices import load

    frameworks = [
        {"id": f.id, "name": f.name, "edition": f.edition, "date": f.date, "licence": f.licence}
        for f in load()
    ]
    counts = {str(s): sum(one.standing is s for one in assessed) for s in Standing}
    return {
        "frameworks": frameworks,
        "practices": [asdict(one) for one in assessed],
        "summary": counts,
    }


def holdings(workspace: Workspace, *, now: datetime) -> Holdings:
    """Count what lies in a workspace."""
    from undersign.catalogs.load import catalogs

    known = {**_policy(workspace, now), **_ledger(workspace), **_artifacts(workspace)}
    shelf = hunting.shelf(workspace)
    return Holdings(
        **known,
        drafters_unlisted=_unlisted(workspace, known["drafters"]),
        tables=len(workspace.lake.tables()) if workspace.has_lake else 0,
        hunts=len(shelf.kept),
        hunts_concluded=sum(kept.hunt.conclusion is not None for kept in shelf.kept),
        ci=_ci(workspace),
        stale_catalogs=tuple(c.name for c in catalogs() if c.stale(now.date())),
    )


def _policy(workspace: Workspace, now: datetime) -> dict[str, Any]:
    from undersign.policy.cells import holes
    from undersign.workspace.policing import policy_of

    policy = policy_of(workspace)
    blocks = holes(policy, now)
    return {
        "policy": policy.path,
        "policy_holes": sum(len(b.drafters) * len(b.classes) * len(b.purposes) for b in blocks),
        "exceptions": len(policy.exceptions),
        "exceptions_expired": sum(not one.holds(now) for one in policy.exceptions),
    }


def _unlisted(workspace: Workspace, drafters: dict[str, int]) -> tuple[str, ...]:
    from undersign.workspace.policing import policy_of

    policy = policy_of(workspace)
    return tuple(name for name in sorted(drafters) if not policy.groups_of(name))


def _ledger(workspace: Workspace) -> dict[str, Any]:
    card = scorecard(workspace)
    drafters: dict[str, int] = {}
    for row in card.rows:
        drafters[row.drafter] = drafters.get(row.drafter, 0) + row.drafts
    return {
        "drafters": drafters,
        "drafters_measured": tuple(
            f"{row.drafter} at {row.kind}"
            for row in card.rows
            if any(m.name == "errors" and m.value is not None for m in row.measures)
        ),
        "drafts": card.drafts,
        "drafts_checked": sum(
            m.measured for row in card.rows for m in row.measures if m.name == "errors"
        ),
        "drafts_rejected": sum(row.fates["rejected"] for row in card.rows),
        **_entries(workspace),
    }


def _entries(workspace: Workspace) -> dict[str, Any]:
    if not (workspace.state / "ledger.db").exists():
        return {}
    counted = dict.fromkeys(
        ("calls_sent", "calls_refused", "calls_redacted", "gateway_requests", "verdicts",
         "checkpoints", "drafts_costed", "drafts_by_others"), 0
    )  # fmt: skip
    people, measured, months, size, last = set(), set(), set(), 0, 0
    for entry in workspace.ledger_to_read.entries():
        body, last = entry.body, entry.seq
        for name in _counted(entry.kind, body):
            counted[name] += 1
        if entry.kind == "draft":
            months.add(entry.at[:7])
        elif entry.kind == "triage":
            people.add(body.get("person"))
        elif entry.kind == "baseline":
            measured.add(body.get("subject"))
        elif entry.kind == "checkpoint":
            size = entry.seq
    return {
        **counted,
        "people": len(people),
        "months": len(months),
        "baselines": len(measured),
        "unsealed": last - size,
    }


def _counted(kind: str, body: Any) -> Iterator[str]:
    """Name every count that an entry adds to."""
    step = body.get("step")
    if kind in ("call", "gateway"):
        if step == "refused":
            yield "calls_refused"
        elif step == "sending":
            yield "calls_sent" if kind == "call" else "gateway_requests"
            if body.get("ruling") == "redact":
                yield "calls_redacted"
    elif kind == "draft" and body.get("drafter") != "offline":
        yield "drafts_by_others"
        if body.get("cost_usd") is not None:
            yield "drafts_costed"
    elif kind == "triage":
        yield "verdicts"
    elif kind == "checkpoint":
        yield "checkpoints"


def _artifacts(workspace: Workspace) -> dict[str, Any]:
    folders = [f for f in (workspace.config.rules, workspace.config.hunts) if f.is_dir()]
    paths = list(files.find(folders))
    rules = [path for path in paths if path.suffix in (".yml", ".yaml") and _is_rule(path)]
    signers = _signers(workspace)
    verified = signoff.verify(workspace, paths, None) if signers else []
    valid = [one for one in verified if one.valid]
    return {
        "signers": signers,
        "artifacts": len(paths),
        "signed": len(valid),
        "threat_models": sum(_cites(one.statement) for one in valid),
        "rules": len(rules),
        "rules_tested": sum(Beside(path).tests.is_file() for path in rules),
    }


def _is_rule(path: Path) -> bool:
    return not path.name.endswith((".hunt.yml", ".tests.yml"))


def _cites(statement: dict[str, Any] | None) -> bool:
    cited = (statement or {}).get("threat_model")
    return isinstance(cited, dict) and "waiver" not in cited


def _signers(workspace: Workspace) -> int:
    from undersign.ledger.allowed_signers import parse

    try:
        return len(parse(keyring.allowed_signers(workspace, None)))
    except UsageError:
        return 0


def _ci(workspace: Workspace) -> str:
    folder = workspace.root / _WORKFLOWS
    for path in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
        if "undersign verify" in files.read_text(path):
            return files.relative(path, workspace.root)
    return ""
