"""The steps between a brief and a signature: free functions `Work -> Work`, all handed in."""
