"""Every check, in the order people see them. A check can never call a model or touch a file."""

from __future__ import annotations

from undersign.checks.spec import Check
from undersign.records.finding import Severity

SIGMA = ("sigma",)

CHECKS: tuple[Check, ...] = (
    # code, name, module, severity, kinds
)
