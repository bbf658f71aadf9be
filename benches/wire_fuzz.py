"""10,000 random streams of the Anthropic wire, cut at random: no leak, no corruption, no crash.

    uv run python benches/wire_fuzz.py [STREAMS]

The same property as in tests/policy/wire/test_anthropic.py, where 300 streams always run; here with
other seeds. Prints the number of streams and the processor time of one event.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from policy.wire.anthropic_streams import assert_restored, known_scope, streamed
from undersign.policy.wire import anthropic


def main() -> None:
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for seed in range(1_000_000, 1_000_000 + streams):
        assert_restored(seed)
    print(f"{streams} streams: every block as it must be")
    scope = known_scope()
    text = " ".join(["some words of a reply"] * 2000 + [scope.hide("IP", "192.0.2.7")] * 20)
    raw = streamed([("text", "", text)] * 5, random.Random(2))
    events = raw.count(b"\n\n") or raw.count(b"\r\n\r\n")
    began = time.process_time()
    stream = anthropic.stream(scope)
    for position in range(0, len(raw), 1400):
        stream.feed(raw[position : position + 1400])
    stream.flush()
    spent = (time.process_time() - began) / events * 1e6
    print(f"{spent:.1f} us of processor time an event, over {events} events")


if __name__ == "__main__":
    main()
