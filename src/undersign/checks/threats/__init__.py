"""Checks of the description of a system, and of the threats that are in it."""
