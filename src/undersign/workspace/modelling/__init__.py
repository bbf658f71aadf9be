"""Drafting with a model: grounds, prompt, first checks, one repair."""
