"""Review: what an AI or a scanner says of a change, verified, ordered, triaged and signed."""
