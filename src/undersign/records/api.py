"""Names of functions, classes and modules that a candidate rests on: whether they are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from undersign.records.candidate import Candidate

EXISTS, ABSENT, UNKNOWN = "exists", "absent", "unknown"


@dataclass(frozen=True, slots=True)
class NameUse:
    """One name, as somebody wrote it."""

    text: str
    """A Python expression of names, attributes and calls: `flask.request.args.get`,
    `boto3.client("s3").put_object`."""
    where: str
    """Who names it: `apis` (listed by the origin), `message`, `fix`, `quote` (quoted, and not in
    the file), or `code` (on the lines of the file that the candidate is about)."""
    file: str = ""
    """Whose imports and variables give it its meaning; empty for a name that stands alone."""
    line: int = 0
    said_absent: bool = False
    """The candidate itself says that there is no such name."""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """Whether one name is there. Three values: what cannot be told is never absent."""

    name: str
    """As it was resolved: `flask.request.args.get`."""
    status: str
    """`exists`, `absent` or `unknown`."""
    why: str
    """A sentence without its end: what was looked at, or why nobody can tell."""
    place: str = ""
    """Where it is defined: `flask 3.1.2, flask/app.py:81`; no path of this machine."""
    nearest: tuple[str, ...] = ()
    """Names beside the absent one that are like it, the nearest first."""
    where: str = "apis"
    """As in `NameUse`."""
    said_absent: bool = False
    needs: str = ""
    """Of an unknown name: what would tell, such as `--environment PATH`."""


@dataclass(frozen=True, slots=True)
class Apis:
    """The ground `Apis`: an answer for every name that each candidate rests on."""

    answers: Mapping[Candidate, tuple[ApiAnswer, ...]] = field(default_factory=dict)
    otherwise: tuple[ApiAnswer, ...] = ()
    """For a candidate that `answers` does not list."""

    def of(self, candidate: Candidate) -> tuple[ApiAnswer, ...]:
        """Return the answers for one candidate; none when it rests on no name."""
        return self.answers.get(candidate, self.otherwise)
