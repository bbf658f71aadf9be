"""Channels: what people wrote during an incident, as evidence with addresses."""
