"""What has to be on record before a person can sign: author, references, origin."""
