"""Screenshots of a channel, read by Tesseract when it is here; every line is to be confirmed."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from undersign.errors import BadInput
from undersign.telemetry.channels.channel import ChannelTold, Findings
from undersign.telemetry.channels.transcript import read as read_lines

PROGRAM = "tesseract"
MISSING = "the program tesseract is not here (Debian: tesseract-ocr), so the picture was not read"
_SECONDS = 60
_MOST_PIXELS, _MOST_BYTES = 60_000_000, 40 << 20


def read(path: Path, told: ChannelTold) -> tuple[Findings, str]:
    """Read a picture; returns what was found, and why nothing was when the program is missing.

    Raises BadInput for a picture that is too large or that the program cannot read.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        return Findings(), MISSING
    _refuse_large(path)
    command = [program, str(path.absolute()), "stdout", "--psm", "6", "tsv"]
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell; the path is absolute
            command, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BadInput(f"took longer than {_SECONDS} s to read", path=str(path)) from error
    if done.returncode != 0:
        why = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
        raise BadInput(f"no picture that tesseract reads: {why}", path=str(path))
    lines, confidence = _lines(done.stdout.decode("utf-8", "replace"))
    found = read_lines("\n".join(lines), told)
    found.warnings.append(
        f"read from a picture by tesseract, mean confidence {confidence:.0f} of 100: every line is "
        f"to be confirmed"
    )
    return found, ""


def _lines(table: str) -> tuple[list[str], float]:
    words: dict[tuple[str, ...], list[str]] = {}
    sure: list[float] = []
    for row in _rows(table):
        text = row["text"].strip()
        if row["level"] == "5" and text:
            key = (row["page_num"], row["block_num"], row["par_num"], row["line_num"])
            words.setdefault(key, []).append(text)
            sure.append(float(row["conf"]))
    lines = [" ".join(one) for one in words.values()]
    return lines, sum(sure) / len(sure) if sure else 0.0


def _rows(table: str) -> Iterator[Mapping[str, str]]:
    head, *rows = table.split("\n")
    names = head.split("\t")
    for row in rows:
        cells = row.split("\t")
        if len(cells) == len(names):
            yield dict(zip(names, cells, strict=True))


def _refuse_large(path: Path) -> None:
    if path.stat().st_size > _MOST_BYTES:
        raise BadInput(f"larger than {_MOST_BYTES >> 20} MiB", path=str(path))
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        width, height = struct.unpack(">II", head[16:24])
    elif frame := re.search(rb"\xff[\xc0-\xc2]..\x08(....)", head, re.DOTALL):
        height, width = struct.unpack(">HH", frame[1])
    else:
        return
    if width * height > _MOST_PIXELS:
        raise BadInput(f"{width:,} x {height:,} points, too large to be read", path=str(path))
