"""Detection: which pieces of a text belong to which data class.

`detector()` makes a `Detector`; `rules()` lists its rules with their classes and labels.
"""

from undersign.policy.detect.detector import Detector, detector, rules
from undersign.policy.detect.own import OwnRule, read_gitleaks

__all__ = ["Detector", "OwnRule", "detector", "read_gitleaks", "rules"]
