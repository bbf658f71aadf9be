"""What an incident costs: logs to a timeline beside drain3, a channel, and claims beside overlap.

    uv run python benches/respond.py [--lines 1000000] [--drain3 PYTHON] [--log2timeline PROGRAM]

`--drain3` is a Python that has drain3 0.9.11 (`uv venv D && uv pip install --python D/bin/python
drain3`), `--log2timeline` the program of plaso 20260720 (`uv pip install plaso` beside it);
without them their lines are left out. Seconds are CPU of a process of its own and its children,
start and imports included. Peak memory is the largest single process.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

HERE = Path(__file__).resolve().parent
CLAIMS = HERE.parent / "tests" / "checks" / "respond_claims"
SAID = (
    "sshd[{n}]: Failed password for invalid user {u} from {a} port {n} ssh2",
    "sshd[{n}]: Accepted publickey for {u} from {a} port {n} ssh2: ED25519 SHA256:{h}",
    "CRON[{n}]: (root) CMD (run-parts /etc/cron.hourly)",
    "kernel: [{n}.{n}] eth0: link up, {n} Mbps",
    "app[{n}]: request {h} of {u} took {n} ms",
    "systemd[1]: Started Session {n} of user {u}.",
)
CALLS = ("GetObject", "ListBuckets", "CreateUser", "AssumeRole", "DescribeInstances")
DRAIN = """
import sys, time
from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig
from drain3.masking import MaskingInstruction
config = TemplateMinerConfig()
config.masking_instructions = [MaskingInstruction(r"[0-9a-fA-F]{16,}|\\d+(?:[.:,_/-]\\d+)*", "*")]
config.profiling_enabled = False
miner = TemplateMiner(config=config)
for line in open(sys.argv[1], encoding="utf-8"):
    miner.add_log_message(line.rstrip("\\n"))
print(len(miner.drain.clusters))
"""


def write_logs(folder: Path, lines: int) -> list[Path]:
    """Write logs of three formats, realistic in how they repeat."""
    rng, when = random.Random(1), datetime(2026, 3, 1, tzinfo=UTC)
    syslog, web, trail = (folder / name for name in ("auth.log", "access.log", "trail.jsonl"))
    with syslog.open("w") as a, web.open("w") as b, trail.open("w") as c:
        for _ in range(lines):
            when += timedelta(milliseconds=rng.randint(1, 400))
            user = rng.choice(("root", "alice", "bob", "svc-deploy"))
            address = f"198.51.100.{rng.randint(1, 254)}"
            kind = rng.random()
            if kind < 0.6:
                said = rng.choice(SAID).format(
                    n=rng.randint(1, 60_000), u=user, a=address, h=f"{rng.getrandbits(128):032x}"
                )
                a.write(f"{when:%b %e %H:%M:%S} host{rng.randint(1, 9)} {said}\n")
            elif kind < 0.85:
                path = rng.choice(("/", "/login", "/checkout", f"/item/{rng.randint(1, 40)}"))
                b.write(
                    f'{address} - - [{when:%d/%b/%Y:%H:%M:%S} +0000] "GET {path}?q={rng.random()} '
                    f'HTTP/1.1" {rng.choice((200, 200, 304, 404, 503))} {rng.randint(1, 9999)}\n'
                )
            else:
                c.write(json.dumps({
                    "eventTime": f"{when:%Y-%m-%dT%H:%M:%SZ}", "eventSource": "s3.amazonaws.com",
                    "eventName": rng.choice(CALLS), "awsRegion": "eu-west-1",
                    "sourceIPAddress": address, "userIdentity": {"userName": user},
                }) + "\n")  # fmt: skip
    return [syslog, web, trail]


def timeline(paths: list[Path]) -> None:
    """Build one timeline; run in a process of its own."""
    from undersign.surfaces.respond.timeline import Builder
    from undersign.telemetry.logbook import Told, open_log

    builder = Builder()
    for path in paths:
        builder.add(open_log(path, Told(path.name, as_of=datetime(2026, 11, 25, tzinfo=UTC))))
    made = builder.build("bench", "bench")
    lines = sum(source.lines for source in made.timeline.sources.values())
    told = sum(entry.count for entry in made.timeline.entries) + made.timeline.duplicates
    untimed = sum(source.untimed for source in made.timeline.sources.values())
    assert told + untimed == lines, (told, untimed, lines)
    print(len(made.timeline.entries))


def channel(path: Path) -> None:
    """Draft a channel of ten thousand messages into a timeline with milestones."""
    from undersign.surfaces.respond import timeline_file
    from undersign.surfaces.respond.milestones import with_milestones
    from undersign.surfaces.respond.timeline import Builder
    from undersign.telemetry.channels import ChannelTold, read_channel

    builder = Builder()
    read = read_channel(path, ChannelTold("chat"))
    builder.add_messages(read.source, read.evidence)
    made = builder.build("bench", "bench")
    text = timeline_file.write(with_milestones(made.timeline, made.evidence))
    print(len(text))


def cost(*command: str) -> tuple[float, int, str]:
    """Run a process; return its CPU seconds, its peak memory in MB, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wrapped = [sys.executable, "-c", "import resource,subprocess,sys;"
               "r=subprocess.run(sys.argv[1:],capture_output=True,text=True);"
               "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024);"
               "print(r.stdout.strip() or r.stderr[-400:])", *command]  # fmt: skip
    done = subprocess.run(wrapped, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak, _, said = done.stdout.partition("\n")
    return spent, int(peak), said.strip()


def claims() -> None:
    """Time a thousand sentences, and let word overlap judge the same mutations."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from rapidfuzz.fuzz import token_set_ratio

    from checks.respond_claims import mutations, test_claims
    from undersign.languages.markdown import parse

    text = "\n\n".join((test_claims.SENTENCES * 7)[:1000])
    test_claims.alarms("warm [trail:62]")
    begun = process_time()
    document = parse(text)
    for check in test_claims.ASKED:
        function = check.load()
        given = {"case": test_claims.CASE, "timeline": None}
        needs = test_claims.needs_of(function)
        list(function(document, **{name: given[name] for name in needs}))
    print(f"1,000 sentences, read and checked: {process_time() - begun:.3f} s CPU")

    corpus = mutations.Corpus(test_claims.EVENTS)

    def overlap(sentence: str) -> float:
        ids = re.findall(r"\b(?:trail|otrf|benign|evtx):\d+", sentence)
        raw = " ".join(test_claims.EVENTS[i].raw for i in ids if i in test_claims.EVENTS)
        return token_set_ratio(re.sub(r"\[[^\]]*\]", "", sentence), raw)

    right = [s for s in test_claims.SENTENCES if not test_claims.alarms(s)]
    floor = sorted(map(overlap, right))[len(right) // 20]  # alarms on 5 % of right sentences
    print(f"{'wrong in':26} {'sentences':>9} {'undersign':>9} {'word overlap at 5 % alarms':>27}")
    for name in mutations.MUTATIONS:
        rng = random.Random(3)
        made = [m for s in right for m in mutations.mutated(name, s, corpus, rng)]
        ours = sum(bool(test_claims.alarms(m)) for m in made) / len(made)
        theirs = sum(overlap(m) < floor for m in made) / len(made)
        print(f"{name:26} {len(made):>9} {ours:>9.1%} {theirs:>27.1%}")
    wrong = len(test_claims.SENTENCES) - len(right)
    print(f"right sentences with an alarm: {wrong} of {len(test_claims.SENTENCES)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--drain3", metavar="PYTHON")
    parser.add_argument("--log2timeline", metavar="PROGRAM")
    parser.add_argument("--timeline", nargs="+", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--channel", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.timeline:
        timeline(options.timeline)
    elif options.channel:
        channel(options.channel)
    else:
        measure(options.lines, options.drain3, options.log2timeline)


def measure(lines: int, drain3: str | None, plaso: str | None) -> None:
    me = (sys.executable, __file__)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in (lines // 4, lines):
            paths = [str(p) for p in write_logs(folder, count)]
            spent, peak, said = cost(*me, "--timeline", *paths)
            each = spent / count * 1e6
            print(f"{count:>9,} mixed lines to a timeline: {spent:5.1f} s CPU, "
                  f"{each:.1f} us a line, {peak} MB, {said} entries")  # fmt: skip
        own, peak, _ = cost(*me, "--timeline", paths[0])
        print(f"its syslog part: undersign {own:.1f} s CPU, {peak} MB")
        if drain3:
            (folder / "drain.py").write_text(DRAIN)
            spent, peak, said = cost(drain3, str(folder / "drain.py"), paths[0])
            print(f"  drain3 {spent:.1f} s, {peak} MB, {said} clusters; no times, no fields read")
        if plaso:
            store = (
                "--storage-file",
                str(folder / "auth.plaso"),
                "--logfile",
                str(folder / "l.gz"),
            )
            alone = ("--single-process", "--parsers", "text/syslog_traditional")
            quiet = ("-u", "-q", "--status-view", "none")
            spent, peak, _ = cost(plaso, *alone, *quiet, *store, paths[0])
            print(f"  log2timeline {spent:.1f} s, {peak} MB; its one parser, nothing grouped")
        export = folder / "slack" / "inc"
        export.mkdir(parents=True)
        (export / "2026-03-04.json").write_text(json.dumps([
            {"type": "message", "user": "U1", "ts": f"{1772620861 + n}.000100",
             "text": f"alert {n}: checkout is slow, looking at 192.0.2.{n % 250}"}
            for n in range(10_000)
        ]))  # fmt: skip
        spent, peak, _ = cost(*me, "--channel", str(folder / "slack"))
        print(f"   10,000 messages to a timeline: {spent:5.1f} s CPU, {peak} MB")
    claims()


if __name__ == "__main__":
    main()
