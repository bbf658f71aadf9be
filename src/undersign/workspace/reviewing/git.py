"""Git as a source of texts: nothing a repository holds is run, nothing is fetched.

A checkout may come from anyone: hooks, external diffs, text conversions and file-system monitors
are switched off, and a partial clone is not completed over the network.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from undersign.errors import UsageError

_OFF = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat",
    "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false", "-c", "diff.renames=true",
    "-c", "core.attributesFile=/dev/null", "-c", "submodule.recurse=false",
)  # fmt: skip
_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_NOT_OURS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS")
_PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Git:
    """A repository on disk."""

    root: Path

    def run(self, *words: str, given: bytes = b"") -> bytes:
        """Run one reading command; UsageError with git's first line when it fails."""
        environment = {k: v for k, v in os.environ.items() if k not in _NOT_OURS} | _QUIET
        try:
            done = subprocess.run(  # noqa: S603 - words of ours, and revisions that were looked up
                ["git", *_OFF, *words],  # noqa: S607 - the user's own git
                cwd=self.root,
                input=given,
                capture_output=True,
                env=environment,
                timeout=_PATIENCE,
                check=False,
            )
        except FileNotFoundError as error:
            raise UsageError(
                "git is not installed", hint="give the change as --diff FILE"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise UsageError(f"git {words[0]} took over {_PATIENCE} s") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no word"]
            raise UsageError(f"git {words[0]}: {said[0].removeprefix('fatal: ')}")
        return done.stdout

    def line(self, *words: str) -> str:
        """Run a command that answers with one line."""
        return self.run(*words).decode("utf-8", "replace").strip()

    def names(self, *words: str) -> tuple[str, ...]:
        """Run a command that answers with names ending in NUL (`-z`)."""
        raw = self.run(*words).split(b"\0")
        return tuple(one.decode("utf-8", "surrogateescape") for one in raw if one)

    def commit(self, revision: str) -> str:
        """Return the full id of a revision; UsageError, with what there is, for none."""
        if revision.startswith("-"):
            raise UsageError(f"{revision!r} is no revision")
        try:
            return self.line("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        except UsageError:
            known = self.line("for-each-ref", "--format=%(refname:short)", "--count=5")
            raise UsageError(
                f"there is no revision {revision!r} here",
                hint=f"known: {', '.join(known.split())}" if known else "nothing is committed yet",
            ) from None

    def blobs(self, revision: str, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Return path -> content at a revision, of those that are files there."""
        wanted = [path for path in paths if "\n" not in path]
        asked = "".join(f"{revision}:{path}\n" for path in wanted)
        raw = self.run("cat-file", "--batch", given=asked.encode("utf-8", "surrogateescape"))
        found: dict[str, bytes] = {}
        at = 0
        for path in wanted:
            end = raw.index(b"\n", at)
            header = raw[at:end].split()
            at = end + 1
            if len(header) == 3 and header[-1].isdigit() and header[1] != b"missing":
                size = int(header[2])
                if header[1] == b"blob":
                    found[path] = raw[at : at + size]
                at += size + 1
        return found


def repository(start: Path) -> Git | None:
    """Return the repository that holds a folder, or None."""
    try:
        top = Git(start).line("rev-parse", "--show-toplevel")
    except UsageError:
        return None
    return Git(Path(top)) if top else None
