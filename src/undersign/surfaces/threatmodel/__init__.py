"""Threat models: a described system, its threats anchored on facts, and questions for the rest."""
