"""unverified-policy: a supplier's policy that nobody has verified."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.catalogs.frontier import FrontierPolicies, FrontierPolicy
from undersign.records.finding import Fault
from undersign.records.system import System
from undersign.records.threat import Analysis


def unverified_policy(
    system: System, analysis: Analysis, policies: FrontierPolicies
) -> Iterator[Fault]:
    """Look for who read the document, when, and its digest."""
    for one in analysis.ai:
        if not one.is_unverified:
            continue
        component = system.get(one.component)
        span = component.fact_spans.get("frontier_policy") if component else None
        yield Fault(
            f"{one.policy!r} of {one.name} is unverified: give version, sha256 of the document, "
            "verified_on and verified_by",
            span,
            suggestion=_told(policies.named_in(one.policy), policies.seen),
        )


def _told(policy: FrontierPolicy | None, seen: str) -> str | None:
    if policy is None:
        return None
    versions = ", ".join(policy.versions) or "no version"
    return f"{policy.supplier} {policy.policy}; told on {seen}, unverified: {versions}"
