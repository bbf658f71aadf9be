"""SPL, the search language of Splunk: text -> tree -> `Query`.

`parse` reads a search, `bind` also looks its names up in what a workspace shows, `tree` is what
`telemetry.translate.spl` works on. Nothing here raises for what a search says: what cannot be read,
is not supported or may never run is a located problem of the query.
"""

from __future__ import annotations

from undersign.languages.spl.macros import DEFAULT, Macros, read_macros
from undersign.languages.spl.model import bind, parse
from undersign.languages.spl.reading import Parsed, tree

__all__ = ["DEFAULT", "Macros", "Parsed", "bind", "parse", "read_macros", "tree"]
