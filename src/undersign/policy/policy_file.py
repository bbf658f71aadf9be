"""`policy.yml`: read strictly, every fault with its line and column.

The format is documented key by key in docs/surfaces/policy.md and, for editors, as the JSON Schema
`policy.schema.json` beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from undersign.errors import BadInput
from undersign.languages.yaml.tree import Tree
from undersign.languages.yaml.tree import read as read_yaml
from undersign.policy.policy import Client, Policy, PolicyException, Rule
from undersign.policy.policy_parts import (
    CLASS_SENTENCES,
    beside,
    internal,
    one_of,
    personal,
    secret_rules,
    sentence,
)
from undersign.records.ruling import Ruling

__all__ = ["FORMAT", "Policy", "default_text", "parse", "read", "schema_text"]

FORMAT = "undersign/policy/v1"
WIRES = ("anthropic", "openai-chat", "openai-responses")
KEYS = (
    "format", "drafters", "purposes", "classes", "rules", "exceptions", "clients", "words",
    "internal", "secrets", "personal",
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LARGEST = 64 * 1024 * 1024


def read(path: Path) -> Policy:
    """Read a policy file and the word lists it names.

    Raises BadInput, located, for what is no policy, and for files it names that cannot be read.
    """
    text = _text_of(path, str(path))
    policy = parse(text, str(path))
    words = dict(policy.words)
    for data_class, names in policy.word_files.items():
        for name in names:
            lines = _text_of(path.parent / name, str(path)).splitlines()
            words[data_class] = words.get(data_class, ()) + tuple(filter(None, map(_word, lines)))
    return replace(policy, words=words)


def parse(text: str, where: str) -> Policy:
    """Read the text of a policy; `where` is the path that errors name.

    Reads no other file: words of `word_files` are not in `words`. Raises BadInput, located.
    """
    top = read_yaml(text, where)
    fields = top.fields(KEYS)
    _format(top, fields)
    for key in ("drafters", "purposes", "rules"):
        if key not in fields:
            raise top.wrong(f"a policy needs `{key}`")
    drafters = {name: _patterns(tree) for name, tree in _named(fields["drafters"]).items()}
    purposes = {name: sentence(tree) for name, tree in _named(fields["purposes"]).items()}
    added = _classes(fields.get("classes"))
    policy = Policy(drafters, {**CLASS_SENTENCES, **added}, purposes, (), path=where)
    policy = replace(policy, rules=_rules(fields["rules"], policy))
    policy = replace(policy, exceptions=_exceptions(fields.get("exceptions"), policy))
    words, word_files = _words(fields.get("words"), policy)
    hosts, ranges = internal(fields.get("internal"))
    own, gitleaks = secret_rules(fields.get("secrets"), tuple(policy.classes))
    return replace(
        policy,
        clients=_clients(fields.get("clients"), policy),
        words=words,
        word_files=word_files,
        hosts=hosts,
        ranges=ranges,
        secret_rules=own,
        gitleaks=gitleaks,
        presidio=personal(fields.get("personal")),
        digest=sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def default_text() -> str:
    """Return the policy that `undersign init` writes and that holds where there is none."""
    return (files("undersign.policy") / "default.yml").read_text(encoding="utf-8")


def schema_text() -> str:
    """Return the JSON Schema of the format, for editors."""
    return (files("undersign.policy") / "policy.schema.json").read_text(encoding="utf-8")


def _text_of(path: Path, named_by: str) -> str:
    shown = str(path)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise BadInput("is not a regular file", path=shown)
        if path.stat().st_size > _LARGEST:
            raise BadInput(f"larger than {_LARGEST >> 20} MB", path=shown)
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", path=shown) from error
    except OSError as error:
        hint = None if shown == named_by else f"{named_by} names it"
        raise BadInput(f"cannot be read: {error.strerror}", path=shown, hint=hint) from error


def _word(line: str) -> str:
    stripped = line.strip()
    return "" if stripped.startswith("#") else stripped


def _format(top: Tree, fields: Mapping[str, Tree]) -> None:
    if "format" not in fields:
        raise top.wrong(f"not a policy: it does not begin with `format: {FORMAT}`")
    if fields["format"].text() != FORMAT:
        raise fields["format"].wrong(f"this version reads `format: {FORMAT}` only")


def _named(tree: Tree) -> Mapping[str, Tree]:
    found = tree.fields()
    if not found:
        raise tree.wrong("nothing is declared here")
    for name, value in found.items():
        _well_named(value, name)
    return found


def _well_named(tree: Tree, name: str) -> None:
    if not _NAME.fullmatch(name) or name == "all":
        raise tree.wrong(f"{name!r} cannot be a name: small letters, digits and `-`, and not `all`")


def _patterns(tree: Tree) -> tuple[str, ...]:
    patterns = []
    for one in tree.items():
        if not one.text().strip():
            raise one.wrong("an empty pattern means no drafter")
        patterns.append(one.text())
    if not patterns:
        raise tree.wrong("a group without a drafter", "write patterns: [`offline`, `anthropic:*`]")
    return tuple(patterns)


def _classes(tree: Tree | None) -> Mapping[str, str]:
    if tree is None:
        return {}
    found = _named(tree)
    for name, value in found.items():
        if name in CLASS_SENTENCES:
            raise value.wrong(f"the class {name!r} is built in")
    return {name: sentence(value) for name, value in found.items()}


def _rules(tree: Tree, policy: Policy) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for item in tree.items():
        keys = ("id", "drafters", "classes", "purposes", "ruling", "why")
        fields = _whole(item, keys, keys)
        name = _id(fields["id"], rules)
        rules[name] = Rule(
            name,
            _some(fields["drafters"], policy.drafters, "group of drafters"),
            _some(fields["classes"], policy.classes, "data class"),
            _some(fields["purposes"], policy.purposes, "purpose"),
            Ruling(one_of(fields["ruling"], list(Ruling), "ruling")),
            sentence(fields["why"]),
            item.node.start_mark.line + 1,
        )
    return tuple(rules.values())


def _exceptions(tree: Tree | None, policy: Policy) -> tuple[PolicyException, ...]:
    found: dict[str, PolicyException] = {}
    taken = {rule.id: rule for rule in policy.rules}
    keys = (
        "id", "drafters", "classes", "purposes", "ruling", "owner", "reason", "expires",
    )  # fmt: skip
    for item in tree.items() if tree else ():
        fields = _whole(item, keys, keys)
        name = _id(fields["id"], {**taken, **found})
        found[name] = PolicyException(
            name,
            tuple(_excepted_drafter(one, policy) for one in _listed(fields["drafters"])),
            tuple(one_of(one, policy.classes, "data class") for one in _listed(fields["classes"])),
            tuple(one_of(one, policy.purposes, "purpose") for one in _listed(fields["purposes"])),
            Ruling(one_of(fields["ruling"], list(Ruling), "ruling")),
            sentence(fields["owner"]),
            sentence(fields["reason"]),
            _day(fields["expires"]),
            item.node.start_mark.line + 1,
        )
    return tuple(found.values())


def _whole(item: Tree, keys: tuple[str, ...], needed: tuple[str, ...]) -> Mapping[str, Tree]:
    fields = item.fields(keys)
    missing = [key for key in needed if key not in fields]
    if missing:
        named = f" {fields['id'].text()!r}" if "id" in fields else ""
        raise item.wrong(f"this entry{named} lacks {', '.join(f'`{key}`' for key in missing)}")
    return fields


def _id(tree: Tree, taken: Mapping[str, object]) -> str:
    name = tree.text()
    if not _ID.fullmatch(name) or name == "default":
        raise tree.wrong(
            f"{name!r} cannot be an id: letters, digits, `.`, `_`, `-`, and not `default`"
        )
    if name in taken:
        raise tree.wrong(f"the id {name!r} is taken: an audit row names who decided by it")
    return name


def _some(tree: Tree, known: Mapping[str, object], what: str) -> tuple[str, ...] | None:
    import yaml

    if isinstance(tree.node, yaml.ScalarNode):
        if tree.text() != "all":
            raise tree.wrong("expected `all` or a list here", f"write [{tree.text()}]")
        return None
    return tuple(one_of(one, known, what) for one in _listed(tree))


def _listed(tree: Tree) -> list[Tree]:
    items = list(tree.items())
    if not items:
        raise tree.wrong("an empty list names nothing")
    return items


def _excepted_drafter(tree: Tree, policy: Policy) -> str:
    name = tree.text()
    if name in policy.drafters:
        return name
    if "*" in name or name == "all":
        raise tree.wrong("an exception names groups or exact drafters, never a pattern")
    if not policy.groups_of(name):
        raise tree.wrong(f"{name!r} is neither a group nor a drafter that any group holds")
    return name


def _day(tree: Tree) -> date:
    try:
        return date.fromisoformat(tree.text())
    except ValueError as error:
        raise tree.wrong("expected the last day it holds, as YYYY-MM-DD") from error


def _clients(tree: Tree | None, policy: Policy) -> Mapping[str, Client]:
    found: dict[str, Client] = {}
    for name, item in (_named(tree) if tree else {}).items():
        fields = _whole(item, ("purpose", "class", "drafter", "wires"), ("purpose",))
        client = Client(name, one_of(fields["purpose"], policy.purposes, "purpose"))
        if "class" in fields:
            data_class = one_of(fields["class"], policy.classes, "data class")
            client = replace(client, data_class=data_class)
        if "drafter" in fields:
            client = replace(client, drafter=sentence(fields["drafter"]))
        if "wires" in fields:
            wires = tuple(one_of(one, WIRES, "wire") for one in _listed(fields["wires"]))
            client = replace(client, wires=wires)
        found[name] = client
    return found


Listed = Mapping[str, tuple[str, ...]]


def _words(tree: Tree | None, policy: Policy) -> tuple[Listed, Listed]:
    words: dict[str, tuple[str, ...]] = {}
    named: dict[str, tuple[str, ...]] = {}
    for data_class, item in (tree.fields() if tree else {}).items():
        if data_class not in policy.classes:
            raise item.wrong(f"there is no data class {data_class!r}", "declare it under `classes`")
        fields = _whole(item, ("list", "files"), ())
        if "list" in fields:
            words[data_class] = tuple(sentence(one) for one in fields["list"].items())
        if "files" in fields:
            named[data_class] = tuple(beside(one) for one in fields["files"].items())
    return words, named
