"""Secrets found, false alarms and speed, beside detect-secrets on the same inputs in one run.

    python benches/detection.py [--data DIR] [--source DIR] [--json FILE] [--show N]

Recall: every format of `tests/policy/detect/formats.py` with generated tokens in every context in
which such a token stands; found means that one piece covers the token exactly (Undersign) or that a
found value holds it or is held by it (detect-secrets, which reports no offsets).

False alarms: 10 MB of installed library source (`--source`, by default this environment's
site-packages) and, with `--data`, 10 MB of each real log. In library source everything that a rule
for secrets or credentials reports counts as false, though a password in a documentation's sample
URL is one to a reader too. In the logs nothing is called false: they hold real keys of attacks;
counts only. Hits of the rules for personal data and internal names are counted apart.

Speed: bytes of UTF-8 by the CPU time of this process (all threads), texts already in memory.
Hostile: seconds of CPU for texts made to be slow.
"""

from __future__ import annotations

import argparse
import gzip
import json
import site
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

# This file's folder comes first, and a file of it must not hide a library of the same name.
sys.path = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from policy.detect.formats import BARE, CONTEXTS, FORMATS, Maker, placed  # noqa: E402
from undersign.policy.detect import Detector, detector  # noqa: E402

SECRET = ("secrets", "credentials")
MEGABYTE = 1_000_000
PEER_BYTES = 2 * MEGABYTE
"""What detect-secrets is timed on: it would take minutes for the whole."""
PEER_STEP = 4
"""It is shown every fourth sample, for the same reason; each format is among them."""

HOSTILE_BYTES = 10 * MEGABYTE

HOSTILE: dict[str, Callable[[int], str]] = {
    "one letter": lambda n: "a" * n,
    "prefixes of tokens": lambda n: "ghp_" * (n // 4),
    "words without values": lambda n: "password=" * (n // 9),
    "assignments": lambda n: 'key="password=a1b2c3d4"\n' * (n // 24),
    "private addresses": lambda n: "10.1.2.3 " * (n // 9),
    "addresses, all different": lambda n: "".join(
        f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}\n" for i in range(n // 13)
    ),
    "digits": lambda n: "4111 1111 " * (n // 10),
}


def files(root: Path, least: int) -> list[tuple[Path, str]]:
    """Return source files, spread over the whole tree, of `least` bytes together."""
    listed = sorted(root.rglob("*.py"))
    chosen: list[tuple[Path, str]] = []
    size = 0
    for step in (7, 5, 3, 1):
        for path in listed[::step]:
            if size >= least:
                return chosen
            if all(path != p for p, _ in chosen):
                text = path.read_text(encoding="utf-8", errors="replace")
                chosen.append((path, text))
                size += len(text.encode())
    return chosen


def logs(data: Path) -> dict[str, list[str]]:
    """Return the first 10 MB of each log, in pieces of 64 kB as a prompt would hold them."""
    found = {}
    for path in sorted((data / "logs").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            text = file.read(10 * MEGABYTE)
        found[path.name.removesuffix(".jsonl.gz")] = [
            text[at : at + 65536] for at in range(0, len(text), 65536)
        ]
    return found


def measured(spot: Detector, texts: Sequence[str]) -> tuple[Counter[str], Counter[str], float]:
    """Return hits per rule of secrets, hits per other rule, and megabytes a second of CPU."""
    size = sum(len(text.encode()) for text in texts)
    started = time.process_time()
    pieces = [piece for found in spot.spot_all(texts) for piece in found]
    spent = time.process_time() - started
    secret = Counter(p.rule for p in pieces if p.data_class in SECRET)
    other = Counter(p.rule for p in pieces if p.data_class not in SECRET)
    return secret, other, size / MEGABYTE / spent


def samples() -> list[tuple[str, str, str]]:
    """Return format, line and token for every format in every context of it."""
    made = []
    for one in FORMATS:
        for where, context in {**CONTEXTS, **(BARE if one.alone else {})}.items():
            token = one.make(Maker(f"bench/{one.name}/{where}"))
            made.append((one.name, placed(one, context, token), token))
    return made


def recall(made: Iterable[tuple[str, str, str]], finds: Callable[[str, str], bool]) -> Any:
    """Return the share of samples and of formats found (those found in every context)."""
    missed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for name, line, token in made:
        total[name] += 1
        missed[name] += not finds(line, token)
    return {
        "samples": 1 - missed.total() / total.total(),
        "formats": sum(missed[name] == 0 for name in total) / len(total),
        "missed": dict(+missed),
    }


def peer_values(text: str, folder: Path) -> list[str]:
    """Return what detect-secrets finds in a text, with its default plugins and filters."""
    from detect_secrets.core.scan import scan_file

    path = folder / "text.txt"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    return [secret.secret_value or "" for secret in scan_file(str(path))]


def peer(made: list[tuple[str, str, str]], source: Sequence[str]) -> dict[str, Any]:
    """Return the same figures for detect-secrets."""
    from detect_secrets.settings import default_settings

    with tempfile.TemporaryDirectory() as name, default_settings():
        folder = Path(name)

        def finds(line: str, token: str) -> bool:
            return any(v and (token in v or v in token) for v in peer_values(line, folder))

        found = recall(made, finds)
        started = time.process_time()
        alarms = sum(len(peer_values(text, folder)) for text in source)
        spent = time.process_time() - started
    size = sum(len(text.encode()) for text in source) / MEGABYTE
    return {"recall": found, "alarms_per_mb": alarms / size, "mb_per_s": size / spent, "mb": size}


def hostile(spot: Detector, size: int) -> dict[str, float]:
    """Return the seconds of CPU for each text of `size` bytes made to be slow."""
    seconds = {}
    for name, make in HOSTILE.items():
        text = make(size)
        started = time.process_time()
        spot.spot(text)
        seconds[name] = time.process_time() - started
    return seconds


def run(data: Path | None, source: Path, show: int) -> dict[str, Any]:
    """Measure everything; return it as one record."""
    started = time.process_time()
    spot = detector()
    built = time.process_time() - started
    made = samples()

    def finds(line: str, token: str) -> bool:
        at = line.index(token)
        return any((p.start, p.end) == (at, at + len(token)) for p in spot.spot(line))

    chosen = files(source, 10 * MEGABYTE)
    texts = [text for _, text in chosen]
    secret, other, speed = measured(spot, texts)
    size = sum(len(t.encode()) for t in texts) / MEGABYTE
    result: dict[str, Any] = {
        "formats": len(FORMATS), "samples": len(made), "build_s": built,
        "recall": recall(made, finds),
        "source": {"mb": size, "mb_per_s": speed, "secret": dict(secret), "other": dict(other)},
        "logs": {}, "hostile_s": hostile(spot, HOSTILE_BYTES),
    }  # fmt: skip
    for name, pieces in (logs(data) if data else {}).items():
        secret, other, speed = measured(spot, pieces)
        mb = sum(len(p.encode()) for p in pieces) / MEGABYTE
        result["logs"][name] = {
            "mb": mb, "mb_per_s": speed, "secret": dict(secret), "other": dict(other)
        }  # fmt: skip
    part: list[str] = []
    for text in texts:
        if sum(map(len, part)) < PEER_BYTES:
            part.append(text)
    alarms, _, ours = measured(spot, part)
    result["beside"] = {
        "mb_per_s": ours, "alarms_per_mb": alarms.total() * MEGABYTE / sum(map(len, part)),
    }  # fmt: skip
    result["peer"] = peer(made[::PEER_STEP], part)
    if show:
        shown(spot, chosen, show)
    return result


def shown(spot: Detector, chosen: list[tuple[Path, str]], number: int) -> None:
    """Print the first false alarms of each rule, to be looked at."""
    seen: Counter[str] = Counter()
    for path, text in chosen:
        for p in spot.spot(text):
            seen[p.rule] += 1
            if p.data_class in SECRET and seen[p.rule] <= number:
                before = text[max(0, p.start - 40) : p.start]
                print(f"{p.rule}: {before!r} >> {text[p.start : p.end][:60]!r} {path.name}")


def table(r: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    ours, theirs = r["recall"], r["peer"]["recall"]
    size = r["source"]["mb"]
    rows = [
        "| | Undersign | detect-secrets |", "|---|---|---|",
        f"| {r['samples']} samples of {r['formats']} formats found | {ours['samples']:.1%} | "
        f"{theirs['samples']:.1%} of every 4th |",
        f"| formats found in every context | {ours['formats']:.1%} | {theirs['formats']:.1%} |",
        f"| MB/s of CPU, {r['peer']['mb']:.1f} MB of source | {r['beside']['mb_per_s']:.1f} | "
        f"{r['peer']['mb_per_s']:.2f} |",
        f"| false alarms per MB, the same source | {r['beside']['alarms_per_mb']:.2f} | "
        f"{r['peer']['alarms_per_mb']:.2f} |",
        "",
        f"Built in {r['build_s']:.2f} s of CPU.", "",
        "| input | MB | MB/s | secrets and credentials | per MB | other rules | per MB |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, one in {f"library source ({size:.0f} MB)": r["source"], **r["logs"]}.items():
        secret, other = Counter(one["secret"]), Counter(one["other"])
        rows.append(
            f"| {name} | {one['mb']:.1f} | {one['mb_per_s']:.0f} | {_listed(secret)} | "
            f"{secret.total() / one['mb']:.1f} | {_listed(other)} | "
            f"{other.total() / one['mb']:.1f} |"
        )
    if r["logs"]:
        mb = sum(one["mb"] for one in r["logs"].values())
        seconds = sum(one["mb"] / one["mb_per_s"] for one in r["logs"].values())
        rows.append(f"| all logs | {mb:.1f} | {mb / seconds:.0f} | | | | |")
    rows += ["", "| 10 MB made to be slow | s of CPU |", "|---|---|"]
    rows += [f"| {name} | {s:.1f} |" for name, s in r["hostile_s"].items()]
    return "\n".join(rows)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{rule} {n}" for rule, n in counts.most_common(6)) or "none"


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder that holds logs/*.jsonl.gz")
    parser.add_argument("--source", type=Path, default=Path(site.getsitepackages()[0]))
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--show", type=int, default=0, help="print so many false alarms per rule")
    options = parser.parse_args()
    result = run(options.data, options.source, options.show)
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
