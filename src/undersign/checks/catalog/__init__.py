"""Names a rule takes from elsewhere: log sources, fields, ATT&CK ids."""
