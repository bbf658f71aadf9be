"""Detection: which pieces of a text belong to which data class.

`detector()` makes a `Detector`. The rules, by class: `docs/surfaces/policy.md` and `rules.toml`.
"""

from undersign.policy.detect.detector import Detector, detector
from undersign.policy.detect.own import OwnRule, read_gitleaks

__all__ = ["Detector", "OwnRule", "detector", "read_gitleaks"]
