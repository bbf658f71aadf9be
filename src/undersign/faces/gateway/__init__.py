"""The policy gateway: other people's clients talk to it as if it were their model's provider."""
