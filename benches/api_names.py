"""Real and invented names of 20 libraries and the standard library: which are told apart.

    uv run python benches/api_names.py [--names]

Installs the libraries into a throw-away environment (the only step that uses a network), which is
then read as text, and asks for every name of tests/workspace/reviewing/api_names.toml. Prints, for
the half that the code was tuned on and the half that was only counted, how many real names were
called absent (must be none), how many invented ones were called so, and the time of one name with
an empty and with a filled cache. `--names` also lists names of the first half that were not told.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path

from undersign.records.api import ABSENT, EXISTS, UNKNOWN, NameUse
from undersign.workspace.reviewing.apis import ApiWorld

NAMES = Path(__file__).resolve().parents[1] / "tests/workspace/reviewing/api_names.toml"
LIBRARIES = [
    "flask", "django", "fastapi", "starlette", "requests", "httpx", "sqlalchemy", "pydantic",
    "cryptography", "jinja2", "boto3", "pyjwt", "lxml", "pyyaml", "paramiko", "celery", "redis",
    "numpy", "pandas", "aiohttp",
]  # fmt: skip


def main() -> None:
    halves = tomllib.loads(NAMES.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        environment = _installed(place / "environment")
        cold = _asked(halves, environment, place / "cache", "--names" in sys.argv)
        warm = _asked(halves, environment, place / "cache", names=False)
    print(f"time of one name: {cold * 1e3:.1f} ms at first, {warm * 1e3:.2f} ms from the cache")


def _installed(folder: Path) -> Path:
    subprocess.run(["uv", "venv", "--quiet", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = ["uv", "pip", "install", "--quiet", "--python", str(python), *LIBRARIES]
    subprocess.run(install, check=True)
    return folder


def _asked(halves: dict, environment: Path, cache: Path, names: bool) -> float:  # type: ignore[type-arg]
    first = not cache.exists()
    world = ApiWorld(environments=(environment,), cache=cache)
    began, asked = time.process_time(), 0
    for half, kinds in halves.items():
        for kind, libraries in kinds.items():
            told: Counter[str] = Counter()
            for listed in libraries.values():
                for text in listed:
                    answer = world.answer(NameUse(text, "apis"))
                    assert answer is not None
                    told[answer.status] += 1
                    right = {"real": EXISTS, "invented": ABSENT}[kind]
                    if names and half == "dev" and answer.status != right:
                        print(f"    {kind:8} {answer.status:8} {text}: {answer.why}")
            asked += told.total()
            if first:
                _line(half, kind, told)
    world.close()
    return (time.process_time() - began) / asked


def _line(half: str, kind: str, told: Counter[str]) -> None:
    share = ", ".join(f"{told[s]} {s}" for s in (EXISTS, UNKNOWN, ABSENT))
    right = told[EXISTS if kind == "real" else ABSENT] / told.total()
    wrong = told[ABSENT if kind == "real" else EXISTS]
    print(f"{half:4} {kind:8} {told.total()} names: {share}; told {right:.0%}, wrong {wrong}")


if __name__ == "__main__":
    main()
