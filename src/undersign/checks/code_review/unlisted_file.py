"""The check `unlisted-file`."""

from __future__ import annotations

from collections.abc import Iterator

from undersign.records.finding import Fault
from undersign.records.reviewed import Reviewed


def unlisted_file(file: Reviewed) -> Iterator[Fault]:
    """Report a candidate's file of which the coverage says nothing."""
    listed = {one.path for one in file.files}
    for path in dict.fromkeys(one.candidate.file for one in file.findings):
        if path not in listed:
            yield Fault(f"{path} has candidates, and the coverage does not list it")
