"""Frozen nouns that every room speaks in. Standard library only; no files, clock or network."""
