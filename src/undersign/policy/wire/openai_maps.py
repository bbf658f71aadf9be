"""What stands where in a request of the two OpenAI wires, as far as it is not text.

Written from the public API reference and the types of the `openai` package (Apache-2.0; facts
only). Whatever is not named here is looked at as text: see body_map.
"""

from __future__ import annotations

from undersign.policy.wire.body_map import (
    BY_TYPE,
    EACH,
    FILE,
    ITSELF,
    JSON_TEXT,
    KEPT,
    NOTE,
    SCHEMA,
    Map,
)

_NAMED: Map = {"type": KEPT, "name": KEPT}
_CHAT_PART: Map = {
    NOTE: "text",
    "type": KEPT,
    "image_url": {"detail": KEPT},
    "input_audio": {"data": FILE, "format": KEPT},
    "file": {"file_id": FILE, "file_data": FILE},
}
_CHAT_CALL: Map = {
    "id": KEPT,
    "type": KEPT,
    "function": {"name": KEPT, "arguments": JSON_TEXT},
    "custom": {"name": KEPT},
    "extra_content": {"google": {"thought_signature": KEPT}},
}
_SIGNED: Map = {"type": KEPT, "id": KEPT, "format": KEPT, "data": KEPT, "signature": KEPT}
CHAT: Map = {
    "model": KEPT,
    "messages": {
        EACH: {
            "role": KEPT,
            "tool_call_id": KEPT,
            "content": {EACH: _CHAT_PART},
            "tool_calls": {EACH: _CHAT_CALL},
            "function_call": {"name": KEPT, "arguments": JSON_TEXT},
            "audio": {"id": KEPT},
            "reasoning_details": {EACH: _SIGNED},
        }
    },
    "tools": {
        EACH: {
            "type": KEPT,
            "function": {"name": KEPT, "parameters": SCHEMA},
            "custom": {"name": KEPT},
        }
    },
    "functions": {EACH: {"name": KEPT, "parameters": SCHEMA}},
    "function_call": {ITSELF: KEPT, "name": KEPT},
    "tool_choice": {ITSELF: KEPT, "type": KEPT, "function": _NAMED, "custom": _NAMED},
    "response_format": {"type": KEPT, "json_schema": {"name": KEPT, "schema": SCHEMA}},
    "prediction": {"type": KEPT, "content": {EACH: _CHAT_PART}},
    "audio": {"format": KEPT},
    "modalities": {EACH: KEPT},
    "logit_bias": {},
    "stream_options": {},
}
"""A body of `POST /v1/chat/completions`."""

_PART: Map = {
    NOTE: "input_text",
    "type": KEPT,
    "file_id": FILE,
    "file_data": FILE,
    "detail": KEPT,
    "annotations": {EACH: {"type": KEPT, "file_id": KEPT, "container_id": KEPT}},
}
_TYPED: Map = {"type": KEPT}
_TOOL: Map = {
    "type": KEPT,
    "name": KEPT,
    "parameters": SCHEMA,
    "server_label": KEPT,
    "connector_id": KEPT,
    "vector_store_ids": {EACH: KEPT},
    "container": {ITSELF: KEPT, "type": KEPT, "file_ids": {EACH: KEPT}},
    "input_image_mask": {"file_id": FILE},
    "allowed_tools": {EACH: KEPT, "tool_names": {EACH: KEPT}},
    "tools": {EACH: {"type": KEPT, "name": KEPT, "parameters": SCHEMA}},
}
_CALL: Map = {"name": KEPT, "namespace": KEPT, "arguments": JSON_TEXT}
_MCP: Map = {"name": KEPT, "server_label": KEPT, "arguments": JSON_TEXT}
_OUTPUT: Map = {"name": KEPT, "namespace": KEPT, "output": {EACH: _PART}}
_ITEM: Map = {
    "type": KEPT,
    "id": KEPT,
    "call_id": KEPT,
    "status": KEPT,
    "role": KEPT,
    "phase": KEPT,
    "encrypted_content": KEPT,
    "approval_request_id": KEPT,
    "content": {EACH: _PART},
    BY_TYPE: {
        "function_call": _CALL,
        "custom_tool_call": {"name": KEPT, "namespace": KEPT},
        "function_call_output": _OUTPUT,
        "custom_tool_call_output": _OUTPUT,
        "reasoning": {"summary": {EACH: _TYPED}},
        "computer_call": {"action": _TYPED, "actions": {EACH: _TYPED}},
        "computer_call_output": {"output": {"type": KEPT, "file_id": FILE}},
        "code_interpreter_call": {"container_id": KEPT, "outputs": {EACH: _TYPED}},
        "local_shell_call": {"action": {"type": KEPT}},
        "apply_patch_call": {"operation": _TYPED},
        "web_search_call": {"action": _TYPED},
        "file_search_call": {"results": {EACH: {"file_id": KEPT}}},
        "mcp_call": _MCP,
        "mcp_approval_request": _MCP,
        "mcp_list_tools": {
            "server_label": KEPT,
            "tools": {EACH: {"name": KEPT, "input_schema": SCHEMA}},
        },
        "image_generation_call": {"result": FILE},
        "program": {"fingerprint": KEPT},
        "tool_search_output": {"tools": {EACH: _TOOL}},
        "additional_tools": {"tools": {EACH: _TOOL}},
    },
}
RESPONSES: Map = {
    "model": KEPT,
    "input": {EACH: _ITEM},
    "previous_response_id": KEPT,
    "conversation": {ITSELF: KEPT, "id": KEPT},
    "tools": {EACH: _TOOL},
    "tool_choice": {ITSELF: KEPT, "type": KEPT, "name": KEPT, "server_label": KEPT},
    "text": {"format": {"type": KEPT, "name": KEPT, "schema": SCHEMA}},
    "prompt": {"id": KEPT, "version": KEPT},
    "include": {EACH: KEPT},
    "stream_options": {},
}
"""A body of `POST /v1/responses`."""
