"""Who drafts: the offline drafter today, model providers behind the same door."""
