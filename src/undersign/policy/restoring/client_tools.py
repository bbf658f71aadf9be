"""The built-in tools of coding agents: what they read, write and run on the person's machine.

A tool is one of these by its whole name, and by fields that are all its own. A name that a server
was put before (`mcp__files__Write`, `files.Write`) is none of them: who runs the server chose the
name, and where it writes nobody here can see. For the same reason `read_file`, `write_file` and
`edit_file` are none of them: they are the names of many servers' tools, and some clients show a
server's tools without the server's name. A client that shows a server's tool as plain `Write` or
`Bash` cannot be told from one that has them built in.

Names and fields: Claude Code's tools, the `text_editor`, `bash` and `apply_patch` tools of the
providers' interfaces, and Codex's `shell`, `shell_command` and `exec_command`.
"""

from __future__ import annotations

import re
from typing import Any

from undersign.policy.restoring import places
from undersign.policy.restoring.call_strings import quiet, texts

SHOWS = frozenset({"TodoWrite", "TaskCreate", "TaskUpdate", "ExitPlanMode", "AskUserQuestion"})
"""Tools that show their arguments to the person and do nothing else."""
_READS = {
    "Read": {"file_path", "offset", "limit", "pages"},
    "NotebookRead": {"notebook_path", "cell_id"},
    "LS": {"path", "ignore"},
    "Glob": {"path", "pattern"},
    "Grep": {
        "path", "pattern", "glob", "type", "output_mode", "head_limit", "offset", "multiline",
        "context", "-A", "-B", "-C", "-n", "-i", "-o",
    },
}  # fmt: skip
"""Tool -> its fields."""
_EDITOR = {
    "path", "command", "file_text", "old_str", "new_str", "insert_line", "insert_text",
    "view_range",
}  # fmt: skip
_WRITES = {
    "Write": ("file_path", {"file_path", "content"}),
    "Edit": ("file_path", {"file_path", "old_string", "new_string", "replace_all"}),
    "MultiEdit": ("file_path", {"file_path", "edits", "old_string", "new_string", "replace_all"}),
    "NotebookEdit": (
        "notebook_path",
        {"notebook_path", "cell_id", "cell_number", "new_source", "cell_type", "edit_mode"},
    ),
    "str_replace_editor": ("path", _EDITOR),
    "str_replace_based_edit_tool": ("path", _EDITOR),
    "str_replace_based_edit": ("path", _EDITOR),
}
"""Tool -> the field that names the one file it changes, and all its fields."""
_PATCHES = frozenset({"apply_patch"})
_PATCHED = re.compile(r"^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$", re.MULTILINE)
_PATHS = ("file_path", "notebook_path", "path")

SHELLS = frozenset(
    {
        "Bash", "bash", "shell", "local_shell", "shell_command", "exec_command",
        "run_terminal_cmd",
    }
)  # fmt: skip
_COMMANDS = ("command", "cmd")
_SAID = frozenset({"description", "justification"})
"""Fields of a shell that are shown to the person: a value may stand in them."""
_FOLDERS = frozenset({"cwd", "workdir", "working_dir", "working_directory"})
_PROGRAMS = frozenset(
    f"{folder}{name}" for folder in ("", "/bin/", "/usr/bin/") for name in ("bash", "sh", "zsh")
)
_FIXED = {
    "type": frozenset({"exec"}),
    "shell": _PROGRAMS,
    "sandbox_permissions": frozenset({"use_default", "require_escalated"}),
}
"""Field of a shell -> the words it may hold."""
_LOOKS = re.compile(r"LANG|LC_[A-Z]+|TERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CI")
"""Variables that change how output looks and lead no program elsewhere."""
_LOOK = re.compile(r"[\w.-]{0,40}")
_WAITS = _SAID | {
    "timeout", "timeout_ms", "yield_time_ms", "max_output_tokens", "run_in_background",
}  # fmt: skip
"""Fields of a shell that make no other command of it."""


def reads(tool: str, arguments: Any) -> str | None:
    """Return why a reading tool may not get a value, empty when it may; None for another tool."""
    fields = _READS.get(tool)
    if fields is None:
        return None
    if not _knows(arguments, fields):
        return "the call has a field that the tool does not have"
    off = any(places.leads_off(text) for text in texts(arguments))
    return "it reads off this machine" if off else ""


def written(tool: str, arguments: Any) -> frozenset[str] | None:
    """Return the files a writing tool changes, none if it cannot be told; None for another."""
    if tool in _PATCHES:
        patch = arguments.get("input") if isinstance(arguments, dict) else arguments
        alone = not isinstance(arguments, dict) or len(arguments) == 1
        named = _PATCHED.findall(patch) if isinstance(patch, str) and alone else []
        return frozenset(map(places.path, named))
    if tool not in _WRITES:
        return None
    field, fields = _WRITES[tool]
    if not _knows(arguments, fields):
        return frozenset()
    file = arguments.get(field)
    if not isinstance(file, str) or places.leads_off(file):
        return frozenset()
    return frozenset({places.path(file)})


def file_of(tool: str, arguments: Any) -> str | None:
    """Return the path of the one file that a call of a reading or writing tool is about."""
    if tool in _READS:
        readable = reads(tool, arguments) == ""
    else:
        readable = tool in _WRITES and bool(written(tool, arguments))
    named = [arguments[f] for f in _PATHS if isinstance(arguments.get(f), str)] if readable else []
    return named[0] if len(named) == 1 else None


def command(tool: str, arguments: Any) -> str | None:
    """Return the command line of a shell; None for another tool or shape."""
    if tool not in SHELLS or not isinstance(arguments, dict):
        return None
    said = [arguments[field] for field in _COMMANDS if field in arguments]
    line = said[0] if len(said) == 1 else None
    if isinstance(line, list) and len(line) == 3:
        program, option, line = line
        plain = program in tuple(_PROGRAMS) and option in ("-c", "-lc")
        line = line if plain else None
    return line if isinstance(line, str) else None


def beside(arguments: dict[str, Any], tokens: frozenset[str]) -> str:
    """Return why what a shell is told beside its command may lead it elsewhere; empty if not.

    Its environment, the folder it runs in, what it reads and fields nobody knows: of them only
    what is known to change nothing passes, and no value comes back in any.
    """
    for name, item in arguments.items():
        if name in _COMMANDS or name in _SAID:
            continue
        if any(token in text for text in (name, *texts(item)) for token in tokens):
            return "a value stands beside the command, not in it"
        if not (quiet(item) or _harmless(name, item)):
            return "what stands beside the command can lead it elsewhere"
    return ""


def asked(tool: str, arguments: Any) -> Any:
    """Return what a call asks for: of a shell all but how long it may take and what is said."""
    if tool not in SHELLS or not isinstance(arguments, dict):
        return arguments
    rest = {name: item for name, item in arguments.items() if name not in _WAITS}
    line = command(tool, arguments)
    if line is not None:
        rest = {"command": line, **{n: item for n, item in rest.items() if n not in _COMMANDS}}
    return {name: item for name, item in rest.items() if item not in (None, "", [], {})}


def _harmless(name: str, item: Any) -> bool:
    if name in _FOLDERS:
        return isinstance(item, str) and not places.leads_off(item)
    if name == "env" and isinstance(item, dict):
        return all(
            _LOOKS.fullmatch(variable) and isinstance(value, str) and _LOOK.fullmatch(value)
            for variable, value in item.items()
        )
    return isinstance(item, str) and item in _FIXED.get(name, ())


def _knows(arguments: Any, fields: set[str]) -> bool:
    """Whether a call has no field but these, or only such as can name nothing."""
    if not isinstance(arguments, dict):
        return False
    edits = arguments.get("edits")
    inside = edits if isinstance(edits, list) and "edits" in fields else []
    return all(name in fields or quiet(item) for name, item in arguments.items()) and all(
        isinstance(one, dict) and one.keys() <= fields - {"file_path"} for one in inside
    )
