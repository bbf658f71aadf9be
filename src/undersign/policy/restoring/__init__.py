"""Where a hidden value may come back: in a text, in a tool call, in a stream."""
