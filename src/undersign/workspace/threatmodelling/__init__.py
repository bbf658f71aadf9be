"""Threat models of a workspace: read, analysed, compared with what is deployed."""
