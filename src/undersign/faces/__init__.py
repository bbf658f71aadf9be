"""How people and tools reach Undersign; each face turns words into calls and records into text."""
