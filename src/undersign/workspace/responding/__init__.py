"""Respond: the files of an incident around the pure steps."""
