"""Request bodies of both OpenAI wires: `seen` hold a value a model reads, `kept` one it does not.

Each function takes the value and returns name -> body; every body of `seen_*` holds the value at
least once, and nowhere but in places that must be hidden.
"""

from __future__ import annotations

import json
from typing import Any

Body = dict[str, Any]
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"


def chat(*messages: Body, **more: Any) -> Body:
    return {"model": "gpt-x", "messages": list(messages), "stream": True, **more}


def user(content: Any) -> Body:
    return {"role": "user", "content": content}


def called(arguments: str, name: str = "deploy") -> Body:
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def function(**more: Any) -> Body:
    return {"type": "function", "function": {"name": "deploy", "parameters": {}, **more}}


def seen_chat(v: str) -> dict[str, Body]:
    text = f"use {v} now"
    schema = {"type": "object", "properties": {"id": {"type": "string", "description": text}}}
    return {
        "user string": chat(user(text)),
        "developer": chat({"role": "developer", "content": text}),
        "system": chat({"role": "system", "content": text}),
        "system parts": chat({"role": "system", "content": [{"type": "text", "text": text}]}),
        "user part": chat(user([{"type": "text", "text": text}])),
        "several parts": chat(user([{"type": "text", "text": v}, {"type": "text", "text": text}])),
        "assistant": chat({"role": "assistant", "content": text}),
        "assistant parts": chat({"role": "assistant", "content": [{"type": "text", "text": text}]}),
        "assistant refusal": chat({"role": "assistant", "refusal": text}),
        "refusal part": chat({"role": "assistant", "content": [{"type": "refusal", "refusal": v}]}),
        "tool result": chat({"role": "tool", "tool_call_id": "call_1", "content": text}),
        "tool result parts": chat(
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": text}]}
        ),
        "function result": chat({"role": "function", "name": "deploy", "content": text}),
        "arguments": chat(called(json.dumps({"password": v, "n": 1}))),
        "arguments, compact": chat(called(json.dumps({"p": v}, separators=(",", ":")))),
        "arguments, escaped": chat(called(json.dumps({"p": f"é {v}"}, ensure_ascii=True))),
        "arguments under id": chat(called(json.dumps({"id": v, "type": v, "model": v}))),
        "arguments, nested": chat(called(json.dumps({"a": [{"b": [text]}]}))),
        "arguments, a key": chat(called(json.dumps({v: 1}))),
        "function_call": chat(
            {"role": "assistant", "function_call": {"name": "f", "arguments": json.dumps([v])}}
        ),
        "custom tool call": chat(
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c", "type": "custom", "custom": {"name": "sh", "input": text}}
                ],
            }
        ),
        "participant's name": chat({"role": "user", "name": v, "content": "hi"}),
        "tool description": chat(user("hi"), tools=[function(description=text)]),
        "schema description": chat(user("hi"), tools=[function(parameters=schema)]),
        "schema enum": chat(user("hi"), tools=[function(parameters={"enum": [v, "b"]})]),
        "schema default": chat(user("hi"), tools=[function(parameters={"default": {"id": v}})]),
        "legacy function": chat(user("hi"), functions=[{"name": "f", "description": text}]),
        "custom tool": chat(
            user("hi"),
            tools=[{"type": "custom", "custom": {"name": "sh", "description": text}}],
        ),
        "grammar": chat(
            user("hi"),
            tools=[
                {
                    "type": "custom",
                    "custom": {
                        "name": "sh",
                        "format": {
                            "type": "grammar",
                            "grammar": {"syntax": "lark", "definition": text},
                        },
                    },
                }
            ],
        ),
        "reply schema": chat(
            user("hi"),
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "r", "description": text, "schema": schema},
            },
        ),
        "prediction": chat(user("hi"), prediction={"type": "content", "content": text}),
        "prediction parts": chat(
            user("hi"),
            prediction={"type": "content", "content": [{"type": "text", "text": text}]},
        ),
        "image by address": chat(
            user([{"type": "image_url", "image_url": {"url": f"https://example.org/?k={v}"}}])
        ),
        "file name": chat(user([{"type": "file", "file": {"file_id": "file-1", "filename": v}}])),
        "stop": chat(user("hi"), stop=[v]),
        "end user": chat(user("hi"), user=v),
        "metadata": chat(user("hi"), metadata={"ticket": text, "id": v}),
        "place": chat(
            user("hi"),
            web_search_options={
                "user_location": {"type": "approximate", "approximate": {"city": v}}
            },
        ),
        "reasoning that came back": chat({"role": "assistant", "reasoning_content": text}),
        "reasoning details": chat(
            {"role": "assistant", "reasoning_details": [{"type": "reasoning.text", "text": text}]}
        ),
        "unknown role": chat({"role": "observer", "content": text}),
        "unknown part": chat(user([{"type": "novel", "payload": {"deep": [text]}}])),
        "a value for a name": chat(user([{"type": "novel", "payload": {v: 1}}]), metadata={v: "a"}),
        "unknown field of a message": chat({"role": "user", "content": "hi", "aside": text}),
        "unknown field of the request": chat(user("hi"), guidance={"note": [text]}),
        "content is an object": chat(user({"text": text})),
        "messages is a string": {"model": "gpt-x", "messages": text},
        "a string among messages": {"model": "gpt-x", "messages": [text]},
    }


def kept_chat(v: str) -> dict[str, Body]:
    return {
        "model": chat(user("hi"), model=v),
        "call ids": chat({"role": "tool", "tool_call_id": v, "content": "ok"}),
        "encrypted reasoning": chat(
            {
                "role": "assistant",
                "reasoning_details": [
                    {"type": "reasoning.encrypted", "data": v, "signature": v, "id": v}
                ],
            }
        ),
        "thought signature": chat(
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                    | {"extra_content": {"google": {"thought_signature": v}}}
                ],
            }
        ),
        "a file's id": chat(user([{"type": "file", "file": {"file_id": v}}])),
        "an earlier audio": chat({"role": "assistant", "audio": {"id": v}}),
    }


def ask(*items: Any, **more: Any) -> Body:
    return {"model": "gpt-x", "input": list(items), "stream": True, **more}


def message(content: Any, role: str = "user") -> Body:
    return {"type": "message", "role": role, "content": content}


def seen_responses(v: str) -> dict[str, Body]:
    text = f"use {v} now"
    schema = {"type": "object", "properties": {"id": {"type": "string", "description": text}}}
    return {
        "input string": {"model": "gpt-x", "input": text},
        "instructions": ask(message("hi"), instructions=text),
        "easy message": ask({"role": "user", "content": text}),
        "developer": ask(message(text, "developer")),
        "input_text": ask(message([{"type": "input_text", "text": text}])),
        "output_text": ask(
            {
                **message([{"type": "output_text", "text": text, "annotations": []}], "assistant"),
                "id": "msg_1",
                "status": "completed",
            }
        ),
        "refusal": ask(message([{"type": "refusal", "refusal": text}], "assistant")),
        "annotation": ask(
            message(
                [
                    {
                        "type": "output_text",
                        "text": "see",
                        "annotations": [{"type": "url_citation", "title": text, "url": "x"}],
                    }
                ],
                "assistant",
            )
        ),
        "function_call": ask(
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": json.dumps([v])}
        ),
        "arguments under id": ask(
            {
                "type": "function_call",
                "call_id": "c",
                "name": "f",
                "arguments": json.dumps({"id": v, "encrypted_content": v}),
            }
        ),
        "function_call_output": ask({"type": "function_call_output", "call_id": "c", "output": v}),
        "output parts": ask(
            {
                "type": "function_call_output",
                "call_id": "c",
                "output": [{"type": "input_text", "text": text}],
            }
        ),
        "custom call": ask(
            {"type": "custom_tool_call", "call_id": "c", "name": "sh", "input": text}
        ),
        "custom output": ask({"type": "custom_tool_call_output", "call_id": "c", "output": text}),
        "reasoning summary": ask(
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [{"type": "summary_text", "text": text}],
                "encrypted_content": "gAAA",
            }
        ),
        "reasoning text": ask(
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [],
                "content": [{"type": "reasoning_text", "text": text}],
            }
        ),
        "file search": ask(
            {
                "type": "file_search_call",
                "id": "fs_1",
                "queries": [text],
                "results": [
                    {"file_id": "file-1", "filename": v, "text": text, "attributes": {"id": v}}
                ],
            }
        ),
        "web search": ask(
            {"type": "web_search_call", "id": "ws_1", "action": {"type": "search", "query": text}}
        ),
        "computer call": ask(
            {
                "type": "computer_call",
                "id": "cu_1",
                "call_id": "c",
                "action": {"type": "type", "text": v},
                "pending_safety_checks": [],
            }
        ),
        "safety check": ask(
            {
                "type": "computer_call_output",
                "call_id": "c",
                "output": {"type": "computer_screenshot", "file_id": "file-1"},
                "acknowledged_safety_checks": [{"id": "sc", "message": text}],
            }
        ),
        "code interpreter": ask(
            {
                "type": "code_interpreter_call",
                "id": "ci_1",
                "container_id": "cntr_1",
                "code": f"p = '{v}'",
                "outputs": [{"type": "logs", "logs": text}],
            }
        ),
        "local shell": ask(
            {
                "type": "local_shell_call",
                "id": "ls_1",
                "call_id": "c",
                "action": {
                    "type": "exec",
                    "command": ["echo", v],
                    "env": {"id": v},
                    "working_directory": v,
                },
            }
        ),
        "local shell output": ask({"type": "local_shell_call_output", "id": "c", "output": text}),
        "shell": ask({"type": "shell_call", "call_id": "c", "action": {"commands": [text]}}),
        "shell output": ask(
            {
                "type": "shell_call_output",
                "call_id": "c",
                "output": [{"stdout": text, "stderr": v, "outcome": {"type": "timeout"}}],
            }
        ),
        "apply patch": ask(
            {
                "type": "apply_patch_call",
                "call_id": "c",
                "operation": {"type": "update_file", "path": v, "diff": f"+{v}"},
            }
        ),
        "apply patch output": ask(
            {"type": "apply_patch_call_output", "call_id": "c", "output": text}
        ),
        "mcp call": ask(
            {
                "type": "mcp_call",
                "id": "mcp_1",
                "name": "find",
                "server_label": "s",
                "arguments": json.dumps({"q": v}),
                "output": text,
                "error": {"message": text},
            }
        ),
        "mcp tools": ask(
            {
                "type": "mcp_list_tools",
                "id": "mcpl_1",
                "server_label": "s",
                "tools": [{"name": "t", "description": text, "input_schema": schema}],
            }
        ),
        "mcp approval": ask(
            {
                "type": "mcp_approval_request",
                "id": "mcpr_1",
                "name": "t",
                "server_label": "s",
                "arguments": json.dumps({"q": v}),
            }
        ),
        "approval reason": ask(
            {"type": "mcp_approval_response", "approval_request_id": "r", "reason": text}
        ),
        "tool search": ask(
            {"type": "tool_search_call", "call_id": "c", "arguments": {"id": v, "q": [text]}}
        ),
        "found tools": ask(
            {
                "type": "tool_search_output",
                "call_id": "c",
                "tools": [{"type": "function", "name": "f", "description": text}],
            }
        ),
        "image generation": ask(
            {"type": "image_generation_call", "id": "ig_1", "revised_prompt": text, "result": None}
        ),
        "program": ask({"type": "program", "id": "p", "call_id": "c", "code": text}),
        "program output": ask({"type": "program_output", "id": "p", "call_id": "c", "result": v}),
        "unknown item": ask({"type": "novel_call", "id": "n", "payload": {"deep": [[text]]}}),
        "a value for a name": ask({"type": "novel", "payload": {v: 1}}, metadata={v: "a"}),
        "unknown item, free names": ask({"type": "novel", "payload": {"id": v}}),
        "a string among items": ask(text),
        "tool": ask(message("hi"), tools=[{"type": "function", "name": "f", "description": text}]),
        "tool schema": ask(
            message("hi"), tools=[{"type": "function", "name": "f", "parameters": schema}]
        ),
        "mcp server": ask(
            message("hi"),
            tools=[
                {
                    "type": "mcp",
                    "server_label": "s",
                    "server_url": f"https://example.org/{v}",
                    "authorization": v,
                    "headers": {"id": v},
                }
            ],
        ),
        "search filter": ask(
            message("hi"),
            tools=[
                {
                    "type": "file_search",
                    "vector_store_ids": ["vs_1"],
                    "filters": {"type": "eq", "key": "owner", "value": v},
                }
            ],
        ),
        "image by address": ask(
            message([{"type": "input_image", "image_url": f"https://example.org/?k={v}"}])
        ),
        "file by address": ask(
            message([{"type": "input_file", "file_url": f"https://example.org/?k={v}"}])
        ),
        "file name": ask(message([{"type": "input_file", "file_id": "file-1", "filename": v}])),
        "reply schema": ask(
            message("hi"),
            text={"format": {"type": "json_schema", "name": "r", "schema": schema}},
        ),
        "prompt variables": ask(prompt={"id": "pmpt_1", "variables": {"id": v, "b": text}}),
        "prompt variable part": ask(
            prompt={"id": "pmpt_1", "variables": {"b": {"type": "input_text", "text": text}}}
        ),
        "metadata": ask(message("hi"), metadata={"id": v}),
        "safety identifier": ask(message("hi"), safety_identifier=v),
        "cache key": ask(message("hi"), prompt_cache_key=v),
    }


def kept_responses(v: str) -> dict[str, Body]:
    return {
        "model": ask(message("hi"), model=v),
        "encrypted reasoning": ask(
            {"type": "reasoning", "id": v, "summary": [], "encrypted_content": v}
        ),
        "compaction": ask({"type": "compaction", "id": "cmp_1", "encrypted_content": v}),
        "item reference": ask({"type": "item_reference", "id": v}),
        "earlier response": ask(message("hi"), previous_response_id=v),
        "conversation": ask(message("hi"), conversation=v),
        "conversation object": ask(message("hi"), conversation={"id": v}),
        "call id": ask({"type": "function_call_output", "call_id": v, "output": "ok"}),
        "program fingerprint": ask(
            {"type": "program", "id": "p", "call_id": "c", "code": "1", "fingerprint": v}
        ),
        "container": ask(message("hi"), tools=[{"type": "code_interpreter", "container": v}]),
        "stores": ask(message("hi"), tools=[{"type": "file_search", "vector_store_ids": [v]}]),
    }


def binaries_chat() -> dict[str, Body]:
    return {
        "image": chat(user([{"type": "image_url", "image_url": {"url": PNG}}])),
        "audio": chat(
            user([{"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}])
        ),
        "file": chat(user([{"type": "file", "file": {"filename": "a.pdf", "file_data": PNG}}])),
    }


def binaries_responses() -> dict[str, Body]:
    return {
        "image": ask(message([{"type": "input_image", "image_url": PNG}])),
        "file": ask(
            message([{"type": "input_file", "filename": "a.pdf", "file_data": "JVBERi0="}])
        ),
        "screenshot": ask(
            {
                "type": "computer_call_output",
                "call_id": "c",
                "output": {"type": "computer_screenshot", "image_url": PNG},
            }
        ),
        "generated": ask({"type": "image_generation_call", "id": "ig_1", "result": "iVBORw0KGgo="}),
        "tool result": ask(
            {
                "type": "function_call_output",
                "call_id": "c",
                "output": [{"type": "input_image", "image_url": PNG}],
            }
        ),
        "mask": ask(
            message("hi"),
            tools=[{"type": "image_generation", "input_image_mask": {"image_url": PNG}}],
        ),
    }
