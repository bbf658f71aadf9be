"""Other rules to compare with: the workspace's own, and the corpora named in undersign.toml."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from undersign.errors import BadInput
from undersign.records.corpus import Corpus, CorpusRule
from undersign.workspace import cache, files
from undersign.workspace.workspace import Workspace


def corpus(workspace: Workspace) -> Corpus:
    """Read all rules; a folder that has not changed since is taken from the cache."""
    if not workspace.declared:
        return Corpus(())
    folders = [workspace.config.rules, *workspace.config.corpora]
    return Corpus(tuple(rule for folder in folders for rule in _rules(workspace, folder)))


def _rules(workspace: Workspace, folder: Path) -> list[CorpusRule]:
    listed = list(_listed(folder))
    stamp = sha256(repr([(str(p), s.st_size, s.st_mtime_ns) for p, s in listed]).encode())
    key = stamp.hexdigest()
    kept = cache.load(workspace, "corpus", key)
    if kept is not None:
        return [_revived(data) for data in kept]
    rules = [rule for path, _ in listed if (rule := _rule(path, workspace)) is not None]
    cache.store(workspace, "corpus", key, [asdict(rule) for rule in rules])
    return rules


def _listed(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".yml", ".yaml")) and not name.endswith(".tests.yml"):
                path = Path(here) / name
                if path.is_file():
                    yield path, path.stat()


def _rule(path: Path, workspace: Workspace) -> CorpusRule | None:
    from undersign.drafters.call import corpus_rule

    try:
        text = files.read_text(path)
    except BadInput:
        return None  # not a rule one could learn from; `check` says what is wrong with it
    return corpus_rule(files.relative(path, workspace.root), text)


def _revived(data: dict[str, Any]) -> CorpusRule:
    product, category, service = data["logsource"]
    return CorpusRule(
        **{**data, "tags": tuple(data["tags"]), "logsource": (product, category, service)}
    )
