"""python -m undersign."""
