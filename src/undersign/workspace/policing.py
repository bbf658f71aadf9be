"""The AI-tool policy of a workspace: which one holds, and what stands guard with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from undersign.errors import UsageError
from undersign.policy.policy import AT_HOME, Policy
from undersign.records.policing import Marked, PolicyCheck, PolicyExplained, PolicyQuestion
from undersign.records.ruling import Ruling
from undersign.workspace import files

if TYPE_CHECKING:
    from undersign.policy.detect import Detector
    from undersign.policy.detect.own import SecretShape
    from undersign.policy.guard import Guard, Looked
    from undersign.policy.tokens import Tokens
    from undersign.workspace.workspace import Workspace

POLICY_NAME = "policy.yml"
WHOLE = "internal"
"""The class of a text of which nothing else is said: ordinary work."""


def policy_of(workspace: Workspace) -> Policy:
    """Return the workspace's policy; where it has none, the packaged one, whose `path` is empty.

    Raises BadInput, located, for a `policy.yml` that is none.
    """
    from undersign.policy.policy_file import default_text, parse, read

    path = workspace.root / POLICY_NAME
    # A policy that is a broken link is a policy nobody can read, and not none.
    return read(path) if path.exists() or path.is_symlink() else parse(default_text(), "")


def detector_of(workspace: Workspace, policy: Policy) -> Detector:
    """Return what spots sensitive data here: built-in rules, the policy's, the estate's ranges.

    Raises BadInput for a gitleaks file or a secret rule that cannot be used, UsageError when the
    policy asks for Presidio and it is not installed.
    """
    from undersign.policy.detect import detector, read_gitleaks
    from undersign.policy.detect.presidio import presidio

    estate = workspace.config.estate
    extra: list[SecretShape] = [*policy.secret_rules]
    if policy.gitleaks:
        where = workspace.root / policy.gitleaks
        extra += read_gitleaks(files.read_text(where), str(where))
    return detector(
        words=policy.words,
        hosts=policy.hosts,
        ranges=(*policy.ranges, *(estate.corporate if estate else ())),
        extra=extra,
        besides=presidio() if policy.presidio else None,
    )


def guard_of(workspace: Workspace) -> Guard:
    """Return what stands between the workspace's texts and every drafter.

    Makes the workspace's key when it has none yet. Raises NoWorkspace where none can be kept, and
    BadInput for a policy that cannot be read.
    """
    from undersign.policy.guard import Guard
    from undersign.policy.vault import Vault

    workspace.require_declared()
    policy = policy_of(workspace)
    detector = detector_of(workspace, policy)
    workspace.state.mkdir(exist_ok=True)
    return Guard(policy, detector, Vault(workspace.state).tokens)


def check(workspace: Workspace, now: datetime) -> PolicyCheck:
    """Say whether every cell of the policy is decided, and what else its owner must know.

    Raises BadInput when the policy, or a file it names, cannot be used.
    """
    from undersign.policy.cells import cells, holes, troubles

    policy = policy_of(workspace)
    # A secret rule that cannot be used is found here, and not at the first request.
    detector_of(workspace, policy)
    return PolicyCheck(
        policy.path,
        policy.digest,
        tuple(cells(policy, now)),
        holes(policy, now),
        troubles(policy, now),
    )


def explain(workspace: Workspace, asked: PolicyQuestion, *, now: datetime) -> PolicyExplained:
    """Say what would happen to a text, without sending it or writing anything down.

    Tokens in what would be sent look like the real ones; they are made with a key that is thrown
    away, so that asking makes no key in the workspace.
    """
    from undersign.policy.decide import decide
    from undersign.policy.guard import Guard

    policy = policy_of(workspace)
    guard = Guard(policy, detector_of(workspace, policy), _throwaway())
    whole = asked.classes or (WHOLE,)
    looked = guard.look([(asked.text, whole[0])], asked.drafter, asked.purpose, now)
    found = [one.data_class for one in looked.spotted[0]]
    judgement = decide(policy, asked.drafter, asked.purpose, [*whole, *found], now=now)
    looked = replace(looked, judgement=judgement)
    return PolicyExplained(
        asked,
        policy.path,
        policy.groups_of(asked.drafter),
        judgement,
        {**dict.fromkeys(whole, 0), **looked.classes},
        _marked(asked.text, looked),
        _sent(guard, asked.text, looked, whole),
        tuple(_slips(policy, asked)),
    )


def _slips(policy: Policy, asked: PolicyQuestion) -> Iterator[str]:
    """Yield what was probably meant by names that the policy does not know, or by the drafter."""
    yield from _sent_elsewhere(asked.drafter)
    if not policy.groups_of(asked.drafter):
        if asked.drafter in policy.drafters:
            patterns = ", ".join(policy.drafters[asked.drafter])
            yield f"{asked.drafter} is a group of drafters; name one of them: {patterns}"
        else:
            groups = ", ".join(policy.drafters)
            yield f"no pattern under `drafters` names it; groups there: {groups}"
    if asked.purpose not in policy.purposes:
        yield f"purposes there: {', '.join(policy.purposes)}"
    if any(one not in policy.classes for one in asked.classes):
        yield f"classes there: {', '.join(policy.classes)}"


def _sent_elsewhere(drafter: str) -> Iterator[str]:
    """Yield what `--with` makes of a drafter's name here, where that is another name."""
    from undersign.drafters import names

    if not drafter.startswith(tuple(f"{one}:" for one in AT_HOME)):
        return
    try:
        name = names.in_effect(drafter)
    except UsageError as wrong:
        yield f"--with {drafter} is refused here: {wrong.message}"
        return
    if str(name) != drafter:
        why = names.named_by(name)
        yield f"--with {drafter} is {name} here" + (f": {why} is set" if why else "")


def schema() -> str:
    """Return the JSON Schema of `policy.yml`."""
    from undersign.policy.policy_file import schema_text

    return schema_text()


def cedar(
    workspace: Workspace, drafters: Sequence[str], now: datetime
) -> tuple[str, list[dict[str, Any]]]:
    """Return the policy in Cedar, and the entities of some drafters and their groups."""
    from undersign.policy.cedar import entities, to_cedar

    policy = policy_of(workspace)
    return to_cedar(policy, now), entities(policy, drafters)


def _sent(guard: Guard, text: str, looked: Looked, whole: Sequence[str]) -> str | None:
    if looked.judgement.ruling is Ruling.REFUSE:
        return None
    # A text is withheld as a whole when any class it has as a whole is hidden.
    hidden = [one for one in whole if looked.judgement.of(one) is Ruling.REDACT]
    looked = replace(looked, declared=(hidden[0] if hidden else whole[0],))
    return guard.hide([text], looked, guard.scope())[0]


def _marked(text: str, looked: Looked) -> tuple[Marked, ...]:
    by_class = {one.cell.data_class: one for one in looked.judgement.ruled}
    marked, line, start_of_line, at = [], 1, 0, 0
    for one in looked.spotted[0]:
        line += text.count("\n", at, one.start)
        start_of_line = text.rfind("\n", 0, one.start) + 1
        at = one.start
        marked.append(Marked(one, line, one.start - start_of_line + 1, by_class[one.data_class]))
    return tuple(marked)


def _throwaway() -> Tokens:
    from secrets import token_bytes

    from undersign.policy.tokens import Tokens

    return Tokens(token_bytes(32))
