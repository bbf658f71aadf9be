"""Front matter: what stands before a document, in YAML between `---` or TOML between `+++`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

_YAML = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\ufeff?\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_MOST = 64 * 1024
"""Characters of a front matter that are read."""
_ALIAS = re.compile(r"(?:^|[\s,\[{:-])[&*][A-Za-z0-9_]")


class Front(NamedTuple):
    """The front matter of a text."""

    data: Mapping[str, Any]
    end: int
    """Offset of the document itself."""
    problem: str
    """Why it cannot be read; empty when it can."""


def front_matter(text: str) -> Front:
    """Read the front matter of a text; a text without any has an empty one that ends at 0."""
    for pattern, read in ((_YAML, _yaml), (_TOML, tomllib.loads)):
        found = pattern.match(text)
        if found is None:
            continue
        if len(found[1]) > _MOST:
            return Front({}, found.end(), f"front matter of more than {_MOST:,} characters")
        try:
            data = read(found[1])
        except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
            said = " ".join(str(error).split())[:200]
            return Front({}, found.end(), f"front matter cannot be read: {said}")
        if data is None:
            return Front({}, found.end(), "")
        if not isinstance(data, dict):
            # A rule (`---`) at the very top, and text: no front matter at all.
            return Front({}, 0, "")
        return Front(data, found.end(), "")
    return Front({}, 0, "")


def _yaml(text: str) -> Any:
    # Aliases can make a few lines expand into gigabytes, and no front matter needs them.
    if _ALIAS.search(text) and any(
        isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader)
    ):
        raise ValueError("aliases are not read")
    return yaml.safe_load(text)
