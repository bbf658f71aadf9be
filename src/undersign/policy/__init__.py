"""The AI-tool policy: which drafter may see which data for what, and how data is hidden."""
