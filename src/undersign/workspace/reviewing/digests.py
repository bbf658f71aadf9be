"""The files of a review as they are now: is what was reviewed still what is there?"""

from __future__ import annotations

from pathlib import Path

from undersign.records.code import SourceFile
from undersign.records.reviewed import Digests, Reviewed
from undersign.workspace.reviewing import sources
from undersign.workspace.reviewing.git import repository


def digests_now(start: Path, review: object) -> Digests:
    """Return path -> digest of every file of a review that can still be read."""
    files = review.files if isinstance(review, Reviewed) else ()
    git = repository(start)
    root = git.root if git else start
    read = sources.on_disk(root, [one.path for one in files if one.digest])
    return Digests({p: one.digest for p, one in read.items() if isinstance(one, SourceFile)})
