"""How deep a YAML text nests, told before a loader builds it: the C loader crashes on depth."""

from __future__ import annotations

import re

MOST = 64
"""Levels of nesting that nothing written by hand reaches."""
_DEEP_BLOCK = re.compile(rf"^[ \t?:-]{{{MOST},}}", re.MULTILINE)


def too_deep(text: str, most: int = MOST) -> bool:
    """Say whether the text nests deeper than `most` levels; False where it is no YAML at all.

    A level costs an opening bracket or a column of indentation, so that nearly every file is
    settled by counting. The rest is read as a stream of events up to the first level too many.
    """
    if text.count("[") + text.count("{") <= most and not _DEEP_BLOCK.search(text):
        return False
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    depth = 0
    try:
        while depth <= most and not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        return False
    finally:
        loader.dispose()
    return depth > most
