"""Checks of what an incident leaves behind: timelines, postmortems, notices, clocks."""
