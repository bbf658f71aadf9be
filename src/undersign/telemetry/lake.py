"""See the brief of this room; being written."""
