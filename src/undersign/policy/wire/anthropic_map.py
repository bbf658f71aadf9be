"""What stands where in a request of the Anthropic Messages API, as far as it is not text.

Written from the public API reference and the types of the `anthropic` package (MIT; facts only).
Whatever is not named here is looked at as text: see body_map, which says what the words mean.
"""

from __future__ import annotations

from undersign.policy.wire.body_map import BY_TYPE, EACH, FILE, ITSELF, KEPT, NOTE, SCHEMA, Map

_TYPED: Map = {"type": KEPT}
_CACHE: Map = {"type": KEPT, "ttl": KEPT}
_BLOCKS: dict[str, Map] = {}
_CONTENT: Map = _BLOCKS
"""A string, a list of blocks or one block; filled below, because blocks hold blocks."""
_SOURCE: Map = {
    "type": KEPT,
    "media_type": KEPT,
    "file_id": FILE,
    "content": _CONTENT,
    BY_TYPE: {"base64": {"data": FILE}},
}
_SEEN: Map = {"type": KEPT, "source": _SOURCE, "cache_control": _CACHE, NOTE: "text"}
_CITED: Map = {"type": KEPT, "file_id": KEPT, "encrypted_index": KEPT}
_BLOCK: dict[str, Map] = {
    "type": KEPT,
    "id": KEPT,
    "tool_use_id": KEPT,
    "name": KEPT,
    "server_name": KEPT,
    "signature": KEPT,
    "cache_control": _CACHE,
    "caller": {"type": KEPT, "tool_id": KEPT},
    "encrypted_content": KEPT,
    "encrypted_stdout": KEPT,
    "error_code": KEPT,
    "retrieved_at": KEPT,
    "page_age": KEPT,
    "source": _SOURCE,
    "content": _CONTENT,
    "citations": {EACH: _CITED},
    BY_TYPE: {
        "thinking": {"thinking": KEPT},
        "redacted_thinking": {"data": KEPT},
        "image": _SEEN,
        "document": _SEEN,
        "container_upload": {"file_id": FILE, NOTE: "text"},
        "code_execution_output": {"file_id": KEPT},
        "bash_code_execution_output": {"file_id": KEPT},
        "tool_reference": {"tool_name": KEPT},
        "search_result": {"source": None},
    },
}
_BLOCKS.update({**_BLOCK, EACH: _BLOCK})
_TOOL: Map = {
    "type": KEPT,
    "name": KEPT,
    "mcp_server_name": KEPT,
    "input_schema": SCHEMA,
    "cache_control": _CACHE,
    "allowed_callers": {EACH: KEPT},
}
_FORMAT: Map = {"type": KEPT, "schema": SCHEMA}
MESSAGES: Map = {
    "model": KEPT,
    "system": _CONTENT,
    "messages": {EACH: {"role": KEPT, "content": _CONTENT}},
    "tools": {EACH: _TOOL},
    "tool_choice": {"type": KEPT, "name": KEPT},
    "metadata": {"user_id": KEPT},
    "thinking": {"type": KEPT, "display": KEPT},
    "service_tier": KEPT,
    "inference_geo": KEPT,
    "speed": KEPT,
    "betas": {EACH: KEPT},
    "cache_control": _CACHE,
    "container": {
        ITSELF: KEPT,
        "id": KEPT,
        "skills": {EACH: {"type": KEPT, "skill_id": KEPT, "version": KEPT}},
    },
    "context_management": {EACH: _TYPED, "edits": {EACH: {"type": KEPT, "trigger": _TYPED}}},
    "mcp_servers": {EACH: {"type": KEPT, "name": KEPT}},
    "output_config": {"effort": KEPT, "format": _FORMAT},
    "output_format": _FORMAT,
}
"""A body of `POST /v1/messages` and `POST /v1/messages/count_tokens`."""
