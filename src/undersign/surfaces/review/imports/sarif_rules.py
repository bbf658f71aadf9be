"""The rules of a SARIF run: which one a result is of, and what it says of severity and lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from undersign.catalogs.owasp import read
from undersign.catalogs.weaknesses import ids_in
from undersign.surfaces.review.imports.texts import at, items, objects, scored, severity_of, text_of

_MOST = 8
"""Ids of one list that are kept of one finding."""
_KEYS = ("tags", "cwe", "cwes", "owasp", "categories")


@dataclass(frozen=True, slots=True)
class Labels:
    """What a rule or a result says it is."""

    cwe: tuple[str, ...]
    owasp: tuple[str, ...]
    severity: str


class Rules:
    """The rules of one run, of its driver and of its extensions."""

    def __init__(self, run: Mapping[str, Any]) -> None:
        tool = at(run, "tool")
        self._components = [at(tool, "driver"), *objects(tool.get("extensions"))]
        self._extensions = items(tool.get("extensions"))
        self._taxonomies = items(run.get("taxonomies"))
        self._by_id: dict[str, Mapping[str, Any]] = {}
        for component in self._components:
            for rule in objects(component.get("rules")):
                self._by_id.setdefault(text_of(rule.get("id"), 500), rule)
        self._labels: dict[int, Labels] = {}

    def of(self, result: Mapping[str, Any]) -> tuple[Mapping[str, Any], str, bool]:
        """Return the rule of a result, its id, and whether index and id name the same one."""
        said = at(result, "rule")
        wanted = text_of(result.get("ruleId"), 500) or text_of(said.get("id"), 500)
        indexed = self._indexed(said.get("index", result.get("ruleIndex")), said)
        id_ = text_of(indexed.get("id"), 500)
        if indexed and (not wanted or wanted == id_ or wanted.startswith(f"{id_}/")):
            return indexed, wanted or id_, True
        by_id = self._by_id.get(wanted) or self._by_id.get(wanted.rpartition("/")[0]) or {}
        return by_id, wanted, not indexed or bool(by_id)

    def labels(self, rule: Mapping[str, Any], result: Mapping[str, Any]) -> Labels:
        """Return what a result says of itself, and else what its rule says."""
        if id(rule) not in self._labels:
            level = at(rule, "defaultConfiguration").get("level")
            self._labels[id(rule)] = self._of(rule, level)
        general = self._labels[id(rule)]
        if not (result.get("properties") or result.get("taxa")):
            own = Labels((), (), "")
        else:
            own = self._of(result, None)
        severity = own.severity or general.severity
        if not own.severity and not _rated(rule):
            # The level of the result beats the level its rule has by default.
            severity = severity_of(result.get("level")) or severity
        return Labels(own.cwe or general.cwe, own.owasp or general.owasp, severity)

    def _indexed(self, index: Any, said: Mapping[str, Any]) -> Mapping[str, Any]:
        component = self._components[0]
        where = at(said, "toolComponent")
        at_extension = where.get("index")
        if isinstance(at_extension, int) and not isinstance(at_extension, bool):
            there = 0 <= at_extension < len(self._extensions)
            component = at({"it": self._extensions[at_extension]} if there else {}, "it")
        elif name := where.get("name"):
            component = next((c for c in self._components if c.get("name") == name), {})
        rules = items(component.get("rules"))
        whole = isinstance(index, int) and not isinstance(index, bool)
        found = rules[index] if whole and 0 <= index < len(rules) else None
        return found if isinstance(found, dict) else {}

    def _of(self, holder: Mapping[str, Any], level: Any) -> Labels:
        tags = tuple(dict.fromkeys(self._tags(holder)))
        return Labels(_cwe(tags), _owasp(tags), _rated(holder) or severity_of(level))

    def _tags(self, holder: Mapping[str, Any]) -> Iterator[str]:
        properties = at(holder, "properties")
        for key in _KEYS:
            value = properties.get(key)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str):
                    yield text_of(one, 200)
                elif key != "tags" and isinstance(one, int) and not isinstance(one, bool):
                    yield f"CWE-{one}"
        relations = (at(one, "target") for one in objects(holder.get("relationships")))
        for taxon in (*objects(holder.get("taxa")), *relations):
            yield f"{self._taxonomy(taxon)}-{text_of(taxon.get('id'), 200)}"

    def _taxonomy(self, taxon: Mapping[str, Any]) -> str:
        component = at(taxon, "toolComponent")
        if name := text_of(component.get("name"), 60):
            return name
        index, guid = component.get("index"), component.get("guid")
        for number, one in enumerate(self._taxonomies):
            if isinstance(one, dict) and (number == index or (guid and one.get("guid") == guid)):
                return text_of(one.get("name"), 60)
        return ""


def _rated(holder: Mapping[str, Any]) -> str:
    properties = at(holder, "properties")
    said = properties.get("severity", properties.get("issue_severity"))
    return scored(properties.get("security-severity")) or severity_of(said)


def _cwe(tags: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for tag in tags:
        if tag.strip().isdigit():
            continue  # a bare number is an id only where a key says so
        ids = ids_in(tag.replace("/", " ").replace("CWE-CWE", "CWE"))
        # With its name where the origin gives one, for the check that holds names against ids.
        found += [tag] if len(ids) == 1 and tag[:4].upper() == "CWE-" and ":" in tag else ids
    return tuple(dict.fromkeys(found))[:_MOST]


def _owasp(tags: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for tag in tags:
        named = tag.lower().startswith(("owasp", "external/owasp"))
        plain = tag.rpartition("/")[2] if named else tag
        if read(plain) is not None:
            found.append(plain)
    return tuple(dict.fromkeys(found))[:_MOST]
