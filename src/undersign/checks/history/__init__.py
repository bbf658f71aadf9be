"""What a rule did on real history."""
