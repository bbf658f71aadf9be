"""Text, JSON, SARIF, HTML out of records."""
