"""`import undersign`: the workspace in a notebook or a program, as tables and findings."""
