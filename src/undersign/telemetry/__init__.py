"""Logs: read, shaped, kept in the lake, matched and measured."""
