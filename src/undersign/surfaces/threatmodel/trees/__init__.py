"""Attack trees: ways to an objective that a person states, as text, picture and figures."""
