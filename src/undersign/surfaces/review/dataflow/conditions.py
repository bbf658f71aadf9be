"""Conditions of sinks: what must hold of a call beside the value that reaches it.

Each takes the call as it was evaluated and answers True (it is a sink), False (it is none, and
that was seen) or None (it cannot be told).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from undersign.surfaces.review.dataflow.values import Value, flat


@dataclass(frozen=True, slots=True)
class Called:
    """A call whose parts were evaluated."""

    name: str
    """Dotted, as imports and assignments resolve it."""
    receiver: Value | None
    positional: tuple[Value, ...]
    keywords: dict[str, Value]
    starred: bool = False
    """Whether `*args` or `**kwargs` are passed, so that more may be said than is written."""

    def argument(self, which: int | str) -> Value | None:
        """Return an argument by position or keyword."""
        if isinstance(which, int):
            return self.positional[which] if which < len(self.positional) else None
        return self.keywords.get(which)


Condition = Callable[[Called], bool | None]


def _flag(call: Called, name: str) -> bool | None:
    """Return the truth of a keyword; None when it is not a constant; False when it is not there."""
    value = call.keywords.get(name)
    if value is None:
        return None if call.starred else False
    return bool(value.const) if value.is_const else None


def _shell_or_program(call: Called) -> bool | None:
    """A shell reads the command, or the program itself is chosen by somebody else."""
    shell = _flag(call, "shell")
    if shell or shell is None:
        return shell
    command = call.argument(0) or call.argument("args")
    if command is None:
        return None
    if command.items is not None:
        return _program_is_chosen(command.items)
    return bool(command.taints) or (None if not command.known else False)


_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash", "cmd", "powershell", "pwsh"})
_RUNNERS = frozenset(
    {
        "python", "perl", "ruby", "node", "php", "lua", "env", "sudo", "su", "doas", "xargs", "ssh",
        "find", "awk", "gawk", "sed", "tar", "git", "hg", "docker", "podman", "kubectl", "nice",
        "nohup", "timeout", "watch", "osascript", "expect", "make", "vim", "ed", "rsync", "zip",
        "tcpdump", "nmap", "man", "less", "scp", "ffmpeg", "wget", "curl", "busybox", "chroot",
    }
)  # fmt: skip
"""Programs that run what an argument names, or can be told to by one."""


def _program_is_chosen(items: tuple[Value, ...]) -> bool | None:
    if items and flat(items[0]).taints:
        return True
    words = [w for item in items[:1] for w in (item.choices or (item.const,))]
    programs = {str(word).rpartition("/")[2].removesuffix(".exe").rstrip("0123456789.") for word
                in words}  # fmt: skip
    if programs & _SHELLS:
        return True
    if programs & _RUNNERS:
        return None  # what they are told may be run, too
    return False if not items or items[0].is_const or items[0].choices else None


def _path_argument(call: Called) -> bool | None:
    del call
    return True


def _upload(call: Called) -> bool | None:
    """A file that was uploaded is saved under a name somebody chose."""
    return bool(call.receiver is not None and call.receiver.taints) or None


def _html_response(call: Called) -> bool | None:
    """The answer is HTML: no other type is named."""
    for name in ("mimetype", "content_type", "media_type"):
        value = call.keywords.get(name)
        if value is not None:
            return "html" in str(value.const) if value.is_const else None
    first = call.argument(0)
    return not (first is not None and first.fields is not None)


_UNSAFE_PARSERS = ("lxml.",)


def _entities(call: Called) -> bool | None:
    """The parser was told to follow external entities; the standard library's do not by default."""
    parsers = [
        *call.positional[1:],
        *call.keywords.values(),
        *([call.receiver] if call.receiver else []),
    ]
    told = [
        value.fields["<entities>"]
        for value in parsers
        if value.fields and "<entities>" in value.fields
    ]
    if told:
        return bool(told[0].const) if told[0].is_const else None
    if call.name.startswith(_UNSAFE_PARSERS):
        return None  # it depends on the version of lxml and of libxml2
    return None if any(not value.known for value in parsers) else False


def _yaml_loader(call: Called) -> bool | None:
    """The loader builds any object: none is named, or not a safe one."""
    loader = call.keywords.get("Loader") or call.argument(1)
    if loader is None:
        return None if call.starred else True
    if "Safe" in loader.ref or "Base" in loader.ref:
        return False
    return True if loader.ref.startswith("yaml.") else None


def _text_argument(call: Called) -> bool | None:
    del call
    return True


def _element(call: Called) -> bool | None:
    """The receiver is a tree of XML, not a text whose `find` is another."""
    receiver = call.receiver
    if receiver is None or receiver.is_const:
        return False
    if "elementtree" in receiver.ref.lower() or "lxml" in receiver.ref:
        return True
    return False if receiver.taints else None


CONDITIONS: dict[str, Condition] = {
    "shell-or-program": _shell_or_program,
    "path-argument": _path_argument,
    "upload": _upload,
    "html-response": _html_response,
    "entities": _entities,
    "yaml-loader": _yaml_loader,
    "text-argument": _text_argument,
    "element": _element,
}
"""By the name that `catalogs/code/sinks.toml` gives."""
