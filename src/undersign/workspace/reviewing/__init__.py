"""Reviewing a checkout: git, files, processes and cache around the pure steps of the surface."""
