"""What the checks of a review as a whole are handed: a view of the file, and of the code now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from undersign.records.finding import Fault
from undersign.records.review import Area, Examined, FileCoverage


@runtime_checkable
class Reviewed(Protocol):
    """A parsed review file; empty where nothing could be read."""

    @property
    def problems(self) -> tuple[Fault, ...]:
        """What is wrong with the file itself."""

    @property
    def findings(self) -> tuple[Examined, ...]:
        """Its candidates."""

    @property
    def files(self) -> tuple[FileCoverage, ...]:
        """Its files."""

    @property
    def areas(self) -> tuple[Area, ...]:
        """What no machine assessed."""

    @property
    def drafters(self) -> tuple[str, ...]:
        """Names of the models that drafted candidates."""


@dataclass(frozen=True, slots=True)
class Digests:
    """The ground `Digests`: path -> hex SHA-256 of the files of a review as they are now."""

    by_path: Mapping[str, str]
