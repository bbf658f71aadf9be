"""Text, JSON, SARIF, HTML out of records. Reads nothing, writes nothing, returns text."""
