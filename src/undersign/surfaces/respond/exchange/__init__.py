"""Timelines for other tools: Timesketch and plaso."""
