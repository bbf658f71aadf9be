"""Markdown -> blocks and sentences with their places; any text is a document."""

from __future__ import annotations

from undersign.languages.markdown.blocks import MOST, parse, plain

__all__ = ["MOST", "parse", "plain"]
