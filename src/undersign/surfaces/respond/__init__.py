"""Respond: an incident's logs and channel as cited claims, and what is written from them."""
