"""undersign.toml: the few things a workspace must be told."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from undersign.errors import BadInput

CONFIG_NAME = "undersign.toml"

TEMPLATE = """\
# The workspace of Undersign. Every key is optional; what stands here are the defaults.

[paths]
rules = "rules"                  # where `undersign draft sigma` puts new rules

[corpora]
sigma = []                       # folders of Sigma rules to learn from and compare with

[signing]
allowed_signers = "allowed_signers"   # who may sign: the format of ssh-keygen(1)
# key = "~/.ssh/id_ed25519"           # the key `undersign sign` uses unless told otherwise

[logs]
# time_zone = "UTC"                   # for times in logs that name no zone
"""


@dataclass(frozen=True, slots=True)
class Config:
    """What undersign.toml says, with paths resolved against its folder."""

    root: Path
    rules: Path
    corpora: tuple[Path, ...]
    allowed_signers: Path
    key: Path | None
    time_zone: str | None


def read(root: Path) -> Config:
    """Read the workspace's undersign.toml; a folder without one gets the defaults.

    Raises BadInput, located, when the file is no TOML or a value has the wrong type.
    """
    path = root / CONFIG_NAME
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"not valid TOML: {error}", path=str(path)) from error
    key = _text(data, path, "signing", "key", None)
    return Config(
        root=root,
        rules=root / (_text(data, path, "paths", "rules", None) or "rules"),
        corpora=tuple(_resolve(root, p) for p in _texts(data, path, "corpora", "sigma")),
        allowed_signers=_resolve(
            root, _text(data, path, "signing", "allowed_signers", None) or "allowed_signers"
        ),
        key=_resolve(root, key) if key else None,
        time_zone=_text(data, path, "logs", "time_zone", None),
    )


def _resolve(root: Path, written: str) -> Path:
    return root / Path(written).expanduser()


def _section(data: dict[str, object], path: Path, section: str) -> dict[str, object]:
    found = data.get(section, {})
    if not isinstance(found, dict):
        raise BadInput(f"[{section}] must be a table", path=str(path))
    return found


def _text(
    data: dict[str, object], path: Path, section: str, key: str, default: str | None
) -> str | None:
    value = _section(data, path, section).get(key, default)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"[{section}] {key} must be a text", path=str(path))
    return value


def _texts(data: dict[str, object], path: Path, section: str, key: str) -> list[str]:
    value = _section(data, path, section).get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise BadInput(f"[{section}] {key} must be a list of texts", path=str(path))
    return value
