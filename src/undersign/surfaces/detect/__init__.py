"""Detection: rules that are drafted, checked on history, triaged and signed."""
