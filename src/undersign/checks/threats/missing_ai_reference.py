"""missing-ai-reference: an AI component without one of its four references."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.system import System
from undersign.records.threat import Analysis


def missing_ai_reference(system: System, analysis: Analysis) -> Iterator[Fault]:
    """Look for the LLM Top 10, ATLAS, AI RMF and the supplier's policy of each AI component."""
    for one in analysis.ai:
        component = system.get(one.component)
        for missing in one.missing:
            hint = (
                "frontier_policy: {supplier, policy, version, level, sha256, verified_on, "
                "verified_by}"
                if missing == "frontier_policy"
                else None
            )
            yield Fault(
                f"{one.name} has no {missing} reference: state it, or waive it with owner, reason "
                "and expiry",
                component.span if component else None,
                suggestion=hint,
            )
