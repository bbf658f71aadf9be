"""Whether a tool call in a reply may get values back."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from undersign.policy.scope import Scope


def may_restore(scope: Scope, tool: str, arguments: Any) -> str:
    """Return why the values in a call's arguments stay hidden; empty when they may come back."""
    restored = json.loads(scope.restored(json.dumps(arguments)))
    call = hashlib.sha256(json.dumps([tool, restored], sort_keys=True).encode()).hexdigest()
    tokens = scope.held(json.dumps(arguments))
    if all(f"call:{call}" in scope.known(scope.value(t) or "") for t in tokens):
        return ""
    return "no call has carried the value to this place before"
