"""Model providers: one file each, imported when a drafter of theirs is asked for."""
