"""Smaller parts of `policy.yml`: the built-in classes' sentences, internal names, secret rules."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import PurePosixPath

from undersign.languages.yaml.tree import Tree
from undersign.policy.policy import SecretRule

CLASS_SENTENCES = {
    "public": "Anybody may know it: published rules, ATT&CK, documentation.",
    "internal": "Ordinary work: questions, table and field names, own rules.",
    "internal-names": "Names of internal hosts, and internal addresses.",
    "confidential": "Would hurt if it got out: log rows, real values, how the estate is built.",
    "secrets": "Keys and tokens that open something.",
    "credentials": "Passwords, password hashes, session cookies, private keys.",
    "personal": "About a person: e-mail addresses, phone numbers, names that were listed.",
    "customer": "Names and data of customers.",
    "regulated": "Card and account numbers, health data: a law or contract says who may see it.",
    "incident-restricted": "Of an incident that only its team may know of.",
    "source-code": "Source code that is not public.",
    "opaque-binary": "Nobody can look into it: images, PDFs, large encoded blobs.",
}
"""Built-in data class -> what it means."""
_LABEL = re.compile(r"[A-Z]{2,8}")
_RULE_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_HOST = re.compile(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


def sentence(tree: Tree) -> str:
    """Return a text that may not be empty."""
    text = tree.text().strip()
    if not text:
        raise tree.wrong("expected words here")
    return text


def one_of(tree: Tree, known: Collection[str], what: str) -> str:
    """Return one of the known names; `what` says what they are names of."""
    name = tree.text()
    if name not in known:
        near = get_close_matches(name, list(known), n=1)
        hint = f"did you mean {str(near[0])!r}?" if near else f"there are: {', '.join(known)}"
        raise tree.wrong(f"there is no {what} {name!r}", hint)
    return name


def internal(tree: Tree | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the suffixes of internal hosts and the internal address ranges."""
    if tree is None:
        return (), ()
    fields = tree.fields(("hosts", "ranges"))
    hosts = [_host(one) for one in fields["hosts"].items()] if "hosts" in fields else []
    ranges = [_range(one) for one in fields["ranges"].items()] if "ranges" in fields else []
    return tuple(hosts), tuple(ranges)


def _host(tree: Tree) -> str:
    if not _HOST.fullmatch(tree.text()):
        raise tree.wrong("expected the end of a host name, like corp.example.org")
    return tree.text()


def _range(tree: Tree) -> str:
    try:
        ip_network(tree.text(), strict=False)
    except ValueError as error:
        raise tree.wrong("expected an address range, like 192.0.2.0/24") from error
    return tree.text()


def secret_rules(tree: Tree | None, classes: Collection[str]) -> tuple[tuple[SecretRule, ...], str]:
    """Return the workspace's own shapes of secrets, and the gitleaks file it names."""
    if tree is None:
        return (), ""
    fields = tree.fields(("rules", "gitleaks"))
    found: dict[str, SecretRule] = {}
    for item in fields["rules"].items() if "rules" in fields else ():
        rule = _secret_rule(item, classes)
        if rule.id in found:
            raise item.wrong(f"the id {rule.id!r} is taken")
        found[rule.id] = rule
    return tuple(found.values()), beside(fields["gitleaks"]) if "gitleaks" in fields else ""


def _secret_rule(item: Tree, classes: Collection[str]) -> SecretRule:
    fields = item.fields(("id", "regex", "class", "label"))
    for key in ("id", "regex"):
        if key not in fields:
            raise item.wrong(f"this secret rule lacks `{key}`")
    name, label = fields["id"].text(), fields["label"].text() if "label" in fields else "TOKEN"
    if not _RULE_ID.fullmatch(name):
        raise fields["id"].wrong("expected small letters, digits and `-`")
    if not _LABEL.fullmatch(label):
        raise fields["label"].wrong("expected 2 to 8 capital letters")
    data_class = one_of(fields["class"], classes, "data class") if "class" in fields else "secrets"
    _compiles(fields["regex"])
    return SecretRule(name, fields["regex"].text(), data_class, label)


def _compiles(tree: Tree) -> None:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(tree.text(), options)
    except re2.error as error:
        raise tree.wrong(f"RE2 cannot read this expression: {_reason(error)}") from error
    if compiled.search("") is not None:
        raise tree.wrong("this expression finds the empty text, so it finds everything")


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def beside(tree: Tree) -> str:
    """Return the path of a file that must lie beside the policy or below it."""
    path = PurePosixPath(tree.text())
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise tree.wrong("expected a file beside the policy or below it")
    return str(path)


def personal(tree: Tree | None) -> bool:
    """Return whether Presidio is asked to look for personal data as well."""
    fields = tree.fields(("presidio",)) if tree else {}
    return "presidio" in fields and fields["presidio"].boolean()
