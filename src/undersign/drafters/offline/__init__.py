"""The offline drafter: packaged knowledge, a grammar of slots, and retrieval. No model."""
