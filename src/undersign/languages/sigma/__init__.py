"""Sigma: YAML text -> documents with spans and condition trees."""
