"""Hunting: questions asked of the logs, journalled so that they can be read and run again."""
