"""What the gateway costs, beside a direct connection in the same run.

    python benches/gateway.py [--rounds N] [--fuzz N] [--json FILE]

A raw upstream and the gateway run in processes of their own on loopback; the client speaks HTTP
over a plain socket, so that nothing but the gateway differs. Direct and through are asked in turn.

- first byte: a 50 kB prompt with 5 planted secrets, streamed; the time from the first byte of the
  request to the first byte of the answer's body. `ledger` is what one durable row costs on this
  disk, measured in the same run: it is part of what is added, and most of it on a slow disk.
- events: one stream of 5,000 events as fast as they come, a token in every tenth. Per event: time
  through less time direct, over the number of events. `clean`: nothing is hidden in the request.
- processor: what the gateway's process itself spent on an event, and on the 50 kB request: unlike
  the times, nearly the same on a busy machine.
- paced: 300 events, one every 5 ms: how much longer each is on its way, median and p95.
- eight streams at once: events a second, direct and through.
- load: the machine's load average when it began and when it ended, and how many processors share
  it. Above about one, the times are those of a busy machine.
- memory: resident size of the gateway before and after all of it.
- fuzz: random cuts of random streams over the three wires, as in their tests, with other seeds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import socket
import statistics
import string
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests"))
PROMPT = 50_000
PLANTED = 5
EVENTS = 5_000
PACED = 300
PACE = 0.005
STREAMS = 8
WARMING = 5
STREAMED = 5
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_END = b"0\r\n\r\n"
_CLOCK = re.compile(rb"at ([0-9.]+) ")


def event(text: str) -> bytes:
    delta = {"type": "text_delta", "text": text}
    data = {"type": "content_block_delta", "index": 0, "delta": delta}
    return f"event: content_block_delta\ndata: {json.dumps(data)}\n\n".encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The upstream: as many events as the prompt begins with, paced as it says."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            body = json.loads(await reader.readexactly(length))
            text = body["messages"][0]["content"]
            events, pace, _ = text.split(" ", 2)
            token = next((w for w in text.split() if w.startswith("USX_")), "word")
            writer.write(_HEAD)
            for n in range(int(events)):
                said = f"a {token} b" if n % 10 == 0 else f"at {time.perf_counter():.9f} "
                writer.write(chunk(event(said)))
                await writer.drain()
                await asyncio.sleep(float(pace))
            writer.write(_END)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def serve_upstream(listening: socket.socket) -> None:
    async def run() -> None:
        server = await asyncio.start_server(answer, sock=listening)
        await server.serve_forever()

    asyncio.run(run())


def serve_gateway(root: str, port: int, upstream: str) -> None:
    from undersign.faces.gateway.serve import serve
    from undersign.workspace.gateway.gateway import open_gateway
    from undersign.workspace.workspace import Workspace

    gateway = open_gateway(
        Workspace(Path(root)), {"anthropic": upstream}, print, clock=lambda: datetime.now(UTC)
    )
    serve(gateway, "127.0.0.1", port, lambda _: None)


class Caller:
    """One kept connection."""

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.path = path

    async def open(self) -> Caller:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    def close(self) -> None:
        self.writer.close()

    async def ask(self, body: bytes, travels: list[float] | None = None) -> tuple[float, float]:
        """Send a request; return seconds to the first byte of the body, and to the end."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        self.writer.write(head.encode() + body)
        got = await self.reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in got.split(b"\r\n")[0], got
        first, tail = 0.0, b""
        while not tail.endswith(_END):
            data = await self.reader.read(1 << 16)
            assert data, "the answer broke off"
            at = time.perf_counter()
            first = first or at - began
            if travels is not None:
                # Linux: this clock is one for all processes.
                travels += [at - float(sent) for sent in _CLOCK.findall(data)]
            tail = (tail + data)[-16:]
        return first, time.perf_counter() - began

    async def travelled(self, body: bytes) -> list[float]:
        """Send a request; return how many seconds each event was on its way."""
        travels: list[float] = []
        await self.ask(body, travels)
        return travels


def prompt(events: int, pace: float, size: int, planted: int, seed: int = 1) -> bytes:
    rng = random.Random(seed)
    letters = string.ascii_letters + string.digits
    words = ["the", "quick", "parser", "reads", "def f(x):", "return", "config", "log", "line"]
    parts = [f"{events} {pace}"]
    length = 0
    while length < size:
        parts.append(rng.choice(words) + ("\n" if rng.random() < 0.1 else ""))
        length += len(parts[-1]) + 1
    for n in range(planted):
        value = "ghp_" + "".join(rng.choices(letters, k=36))
        parts.insert(1 + n * (len(parts) // planted), value)
    said = {"role": "user", "content": " ".join(parts)}
    body = {"model": "claude-x", "max_tokens": 9, "stream": True, "messages": [said]}
    return json.dumps(body).encode()


async def first_bytes(callers: dict[str, Caller], rounds: int) -> dict[str, list[float]]:
    body = prompt(3, 0, PROMPT, PLANTED)
    times: dict[str, list[float]] = {name: [] for name in callers}
    for turn in range(rounds + WARMING):
        for name, caller in callers.items():
            first, _ = await caller.ask(body)
            if turn >= WARMING:
                times[name].append(first)
    return times


async def per_event(callers: dict[str, Caller], planted: int) -> dict[str, float]:
    body = prompt(EVENTS, 0, 200, planted)
    times: dict[str, list[float]] = {name: [] for name in callers}
    for _ in range(STREAMED):
        for name, caller in callers.items():
            times[name].append((await caller.ask(body))[1])
    return {name: statistics.median(t) for name, t in times.items()}


async def paced(callers: dict[str, Caller]) -> dict[str, list[float]]:
    """Return by way how long each event travelled: the upstream writes its clock into it."""
    body = prompt(PACED, PACE, 200, 1)
    return {name: (await caller.travelled(body))[1:] for name, caller in callers.items()}


async def at_once(port: int, path: str) -> float:
    body = prompt(EVENTS // 5, 0, 200, 1)
    callers = [await Caller(port, path).open() for _ in range(STREAMS)]
    began = time.perf_counter()
    await asyncio.gather(*(c.ask(body) for c in callers))
    seconds = time.perf_counter() - began
    for caller in callers:
        caller.close()
    return STREAMS * (EVENTS // 5) / seconds


def ledger_row(root: Path) -> float:
    """Return the median seconds of one durable row."""
    from undersign.ledger.event_log import EventLog

    times = []
    with EventLog(root / "probe.db") as ledger:
        for n in range(30):
            began = time.perf_counter()
            ledger.append("gateway", {"n": n, "of": "x" * 600}, now=datetime.now(UTC))
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def resident(pid: int) -> float:
    """Return the resident size of a process in MB, as Linux counts it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def processor(pid: int) -> float:
    """Return the processor seconds a process has used, as Linux counts them."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(direct: int, through: int, rounds: int, pid: int) -> dict[str, Any]:
    callers = {
        "direct": await Caller(direct, "/v1/messages").open(),
        "through": await Caller(through, "/claude-code/v1/messages").open(),
    }
    before = resident(pid)
    spent = [processor(pid)]
    first = await first_bytes(callers, rounds)
    spent.append(processor(pid))
    hiding = await per_event(callers, 1)
    spent.append(processor(pid))
    clean = await per_event(callers, 0)
    spent.append(processor(pid))
    travels = await paced(callers)
    figures = {
        "first_byte_ms": {name: _spread(t, 1e3) for name, t in first.items()},
        "first_byte_added_ms": _added(first, 1e3),
        "per_event_added_us": {
            "hiding": 1e6 * (hiding["through"] - hiding["direct"]) / EVENTS,
            "clean": 1e6 * (clean["through"] - clean["direct"]) / EVENTS,
        },
        "processor": {
            "request_ms": 1e3 * (spent[1] - spent[0]) / (rounds + WARMING),
            "event_hiding_us": 1e6 * (spent[2] - spent[1]) / EVENTS / STREAMED,
            "event_clean_us": 1e6 * (spent[3] - spent[2]) / EVENTS / STREAMED,
        },
        "paced_event_added_us": _added(travels, 1e6),
        "eight_streams_events_per_second": {
            "direct": await at_once(direct, "/v1/messages"),
            "through": await at_once(through, "/claude-code/v1/messages"),
        },
        "resident_mb": {"before": before, "after": resident(pid)},
    }
    for caller in callers.values():
        caller.close()
    return figures


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _spread(values: list[float], unit: float) -> dict[str, float]:
    return {"median": unit * statistics.median(values), "p95": unit * _p95(values)}


def _added(times: dict[str, list[float]], unit: float) -> dict[str, float]:
    direct, through = _spread(times["direct"], unit), _spread(times["through"], unit)
    return {name: through[name] - direct[name] for name in direct}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("the gateway did not start")


def fuzz(cases: int) -> dict[str, int]:
    """Run the properties of the wires' tests with other seeds; return the cases that held."""
    from policy.wire import test_openai_replies
    from policy.wire.anthropic_streams import assert_restored

    for seed in range(2_000_000, 2_000_000 + cases):
        assert_restored(seed)
    return {"anthropic": cases, "openai": test_openai_replies.fuzz(cases, seed=2_000_000)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60, help="requests for the first byte")
    parser.add_argument("--fuzz", type=int, default=0, metavar="N", help="cases; 10000 in earnest")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    load = [os.getloadavg()[0]]
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "undersign.toml").write_text("")
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        direct, through = listening.getsockname()[1], free_port()
        upstream = f"http://127.0.0.1:{direct}"
        processes = [
            context.Process(target=serve_upstream, args=(listening,), daemon=True),
            context.Process(target=serve_gateway, args=(folder, through, upstream), daemon=True),
        ]
        for process in processes:
            process.start()
        wait_for(through)
        pid = processes[1].pid or 0
        try:
            figures = asyncio.run(measure(direct, through, options.rounds, pid))
            figures["ledger_row_ms"] = 1e3 * ledger_row(root)
        finally:
            for process in processes:
                process.kill()
    load.append(os.getloadavg()[0])
    figures["load"] = {"began": load[0], "ended": load[1], "processors": os.cpu_count()}
    if options.fuzz:
        figures["fuzz_cases_held"] = fuzz(options.fuzz)
    _print(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2, default=str), encoding="utf-8")


def _print(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        told = ", ".join(f"{k} {_told(v)}".strip() for k, v in parts)
        print(f"{name:<34} {told}")


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{k} {_told(v)}" for k, v in value.items()) + ")"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
