"""What the gateway keeps: two ledger rows per request, and running totals for a metrics page.

Neither ever holds a value of a request: classes, counts, digests and rule names only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True, slots=True)
class GatewayEntry:
    """One step of one request.

    `sending` is written before a byte leaves; `answered`, `failed` or `cut short` after. A request
    with `sending` alone was cut short by the end of the gateway: what was sent is known, what came
    back is not. `refused` stands alone: nothing was sent.
    """

    call: str
    """Id of the request: the same in all its entries."""
    step: str
    """`refused`, `sending`, `answered`, `failed` or `cut short`."""
    subject: str
    """`gateway/CLIENT`, so that `undersign log show gateway/CLIENT` finds it."""
    drafter: str
    purpose: str
    wire: str
    """`anthropic`, `openai-chat`, `openai-responses`, or `unknown`."""
    request: str = ""
    """Method and path, without the query; empty where the path itself held something."""
    upstream: str = ""
    """Where it was sent: the provider, or what `--upstream` names; empty where nothing was sent."""
    classes: Mapping[str, int] = field(default_factory=dict)
    """Data class -> pieces seen; 0 for the class of the whole when nothing was spotted in it."""
    ruling: str = ""
    rule: str = ""
    policy: str = ""
    """Hex SHA-256 of the `policy.yml` (or built-in policy) it was judged by; empty: none could be
    used."""
    lists: str = ""
    """Hex SHA-256 over what was read besides: files it names, ranges of [estate]; empty: none."""
    tokens: int = 0
    """Different values that left as tokens."""
    request_digest: str = ""
    """Hex SHA-256 of the body as the client sent it."""
    sent_digest: str = ""
    """Hex SHA-256 of the body as it left."""
    sent_bytes: int = 0
    status: int | None = None
    """What the upstream answered, or what the refused client was told."""
    reply_digest: str = ""
    """Hex SHA-256 of the reply's body as the upstream sent it, as far as it came."""
    reply_bytes: int = 0
    withheld: Mapping[str, int] = field(default_factory=dict)
    """Reason -> tokens of the reply that stayed tokens."""
    seconds: float | None = None
    error: str = ""
    """Of `refused`, `failed` and `cut short`: one line without any value."""


class Counters:
    """Running totals since the gateway started, by metric and labels; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._totals: dict[tuple[str, tuple[tuple[str, str], ...]], float] = defaultdict(float)

    def add(self, metric: str, amount: float = 1, **labels: str) -> None:
        """Add to a total. Labels must come from a short list: the policy's or our own words."""
        with self._lock:
            self._totals[metric, tuple(sorted(labels.items()))] += amount

    def text(self) -> str:
        """Write everything in Prometheus' text format."""
        with self._lock:
            totals = sorted(self._totals.items())
        lines, last = [], ""
        for (metric, labels), total in totals:
            if metric != last:
                lines += [f"# HELP {metric} {METRICS[metric][1]}"]
                lines += [f"# TYPE {metric} {METRICS[metric][0]}"]
                last = metric
            inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
            lines.append(f"{metric}{{{inside}}} {total:g}" if inside else f"{metric} {total:g}")
        return "\n".join(lines) + "\n"


METRICS = {
    "undersign_gateway_active": ("gauge", "Requests that are on their way."),
    "undersign_gateway_audit_failures_total": ("counter", "Ledger rows that could not be written."),
    "undersign_gateway_pieces_total": ("counter", "Pieces spotted in requests, by data class."),
    "undersign_gateway_reply_bytes_total": ("counter", "Bytes of replies from upstreams."),
    "undersign_gateway_requests_total": (
        "counter",
        "Requests, by client, wire and end.",
    ),
    "undersign_gateway_seconds_total": ("counter", "Seconds between sending and the reply's end."),
    "undersign_gateway_sent_bytes_total": ("counter", "Bytes of request bodies sent upstream."),
    "undersign_gateway_tokens_total": ("counter", "Values that left as tokens."),
    "undersign_gateway_withheld_total": ("counter", "Tokens not restored, by reason."),
}
"""Metric -> its Prometheus type, and what it counts."""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
