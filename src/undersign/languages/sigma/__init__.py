"""Sigma: YAML text -> documents with spans and condition trees."""

from undersign.languages.sigma.parse import parse

__all__ = ["parse"]
