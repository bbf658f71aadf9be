"""Engines that run SQL over the lake, each behind the same few functions."""
