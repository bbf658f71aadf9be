"""Threat models for other tools."""
