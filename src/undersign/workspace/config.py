"""undersign.toml: the few things a workspace must be told."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from undersign.errors import BadInput
from undersign.records.estate import Estate

CONFIG_NAME = "undersign.toml"

TEMPLATE = """\
# The workspace of Undersign. Every key is optional; what stands here are the defaults.

[paths]
rules = "rules"                  # where `undersign draft sigma` puts new rules
hunts = "hunts"                  # where hunts, and the queries drafted for them, are kept

[corpora]
sigma = []                       # folders of Sigma rules to learn from and compare with

[signing]
allowed_signers = "allowed_signers"   # who may sign: the format of ssh-keygen(1)
# key = "~/.ssh/id_ed25519"           # the key `undersign sign` uses unless told otherwise

[logs]
# time_zone = "UTC"                   # for times in logs that name no zone

[hunt]
as_of = "now"                    # what `now` means in a query: the clock, or "latest" event
spl_macros = []                  # macros.conf or JSON files with your SPL macros

[review]
exclude = []                     # files left out of reviews, such as "third_party/**"
# environment = ".venv"               # where the project's packages are installed: read, never run

[respond]
internal = []                    # names no notice may hold: hosts, ".corp.example.org", projects

[estate]                         # what no log can tell
corporate = []                   # your own address ranges: ["198.51.100.0/24", "2001:db8::/32"]
# time_zone = "Europe/Berlin"         # in which people here say `yesterday`
# retention_days = 90                 # how long logs are kept
"""


@dataclass(frozen=True, slots=True)
class Config:
    """What undersign.toml says, with paths resolved against its folder."""

    root: Path
    rules: Path
    hunts: Path
    corpora: tuple[Path, ...]
    allowed_signers: Path
    key: Path | None
    time_zone: str | None
    as_of: str
    """`now` or `latest`."""
    spl_macros: tuple[Path, ...]
    review_exclude: tuple[str, ...]
    review_environment: Path | None
    internal_names: tuple[str, ...]
    """Names that belong to the organisation alone."""
    estate: Estate | None
    """None when [estate] says nothing."""


def read(root: Path) -> Config:
    """Read the workspace's undersign.toml; a folder without one gets the defaults.

    Raises BadInput, located, when the file is no TOML or a value has the wrong type.
    """
    path = root / CONFIG_NAME
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"not valid TOML: {error}", path=str(path)) from error
    said = _Said(path, data)
    key = said.text("signing", "key")
    place = said.text("review", "environment")
    as_of = said.text("hunt", "as_of") or "now"
    if as_of not in ("now", "latest"):
        raise said.wrong("hunt", "as_of", '"now" or "latest"')
    return Config(
        root=root,
        rules=root / (said.text("paths", "rules") or "rules"),
        hunts=root / (said.text("paths", "hunts") or "hunts"),
        corpora=tuple(_resolve(root, p) for p in said.texts("corpora", "sigma")),
        allowed_signers=_resolve(
            root, said.text("signing", "allowed_signers") or "allowed_signers"
        ),
        key=_resolve(root, key) if key else None,
        time_zone=said.text("logs", "time_zone"),
        as_of=as_of,
        spl_macros=tuple(_resolve(root, p) for p in said.texts("hunt", "spl_macros")),
        review_exclude=tuple(said.texts("review", "exclude")),
        review_environment=_resolve(root, place) if place else None,
        internal_names=tuple(said.texts("respond", "internal")),
        estate=_estate(said),
    )


def _resolve(root: Path, written: str) -> Path:
    return root / Path(written).expanduser()


@dataclass(frozen=True, slots=True)
class _Said:
    """The file's tables, each value read as the type it must have."""

    path: Path
    data: Mapping[str, Any]

    def section(self, name: str) -> Mapping[str, Any]:
        found = self.data.get(name, {})
        if not isinstance(found, dict):
            raise BadInput(f"[{name}] must be a table", path=str(self.path))
        return found

    def text(self, section: str, key: str) -> str | None:
        value = self.section(section).get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(section, key, "a text")
        return value

    def texts(self, section: str, key: str) -> list[str]:
        value = self.section(section).get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.wrong(section, key, "a list of texts")
        return value

    def whole(self, section: str, key: str) -> int | None:
        value = self.section(section).get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self.wrong(section, key, "a whole number")
        return value

    def wrong(self, section: str, key: str, what: str) -> BadInput:
        return BadInput(f"[{section}] {key} must be {what}", path=str(self.path))


def _estate(said: _Said) -> Estate | None:
    zone, days = said.text("estate", "time_zone"), said.whole("estate", "retention_days")
    ranges = tuple(said.texts("estate", "corporate"))
    for written in ranges:
        try:
            ip_network(written, strict=False)
        except ValueError as error:
            raise BadInput(f"[estate] corporate: {error}", path=str(said.path)) from error
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise said.wrong("estate", "time_zone", "an IANA zone such as Europe/Berlin") from error
    if not (ranges or zone or days is not None):
        return None
    return Estate(ranges, zone, days)
