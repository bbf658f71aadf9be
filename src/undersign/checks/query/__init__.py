"""What is wrong with a query: in itself, for its question, and on real history."""
