"""The ground `Packages` of a card: manifests as path -> text, and the files of the example."""

from __future__ import annotations

from collections.abc import Mapping

from undersign.records.code import SourceFile
from undersign.records.packages import Packages
from undersign.surfaces.review.packages import packages_of as read


def packages_of(body: Mapping[str, str], files: Mapping[str, SourceFile]) -> Packages:
    return read(dict(body), files)
