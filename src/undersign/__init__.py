"""Undersign: AI drafts, the machine checks, a human signs."""

__version__ = "0.1.0"
