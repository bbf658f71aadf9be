"""The description of a system as YAML -> System: places kept, nothing executed, nothing lost.

What is wrong in one element is told with its place, and hides no other element. Keys that are not
structure are facts or controls: `true`, `false`, a value, or `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TypeVar

from undersign.errors import BadInput
from undersign.languages.yaml.tree import Tree
from undersign.languages.yaml.tree import read as read_yaml
from undersign.records.artifact import Span
from undersign.records.system import Element, Proposal, System, Value
from undersign.surfaces.threatmodel import rows
from undersign.surfaces.threatmodel.rows import ID, facts_of, span

_T = TypeVar("_T")
FORMAT = "undersign/threatmodel/1"
SYSTEM = "system"
"""The id of the system itself."""
MOST_ELEMENTS = 50_000
_SECTIONS = (
    "format", "name", "owner", "purpose", "boundaries", "components", "actors", "flows", "assets",
    "suppliers", "facts", "treatments", "waivers", "threats", "drafted", "answers_due",
    "drift_base", "drift_source", "observed_unlisted",
)  # fmt: skip
_BEGINNING = re.compile(r"^(?:components|flows|boundaries)\s*:", re.MULTILINE)


def looks_like_one(text: str) -> bool:
    """Tell by a look whether a text is a description of a system."""
    if FORMAT.rpartition("/")[0] in text[:400]:
        return True
    return len(_BEGINNING.findall(text)) >= 2 and "\ndetection:" not in text


def read(text: str) -> System:
    """Read a description; what cannot be read is among its problems, and nothing is raised."""
    try:
        tree = read_yaml(text)
        fields = dict(tree.fields())
    except BadInput as error:
        return System("", problems=((error.message, _at(error)),))
    return _Reader().system(fields)


def _at(error: BadInput) -> Span | None:
    if error.line is None:
        return None
    column = error.column or 1
    return Span(error.line, column, error.line, column + 1)


class _Reader:
    """Collects what can be read, and what cannot."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, Span | None]] = []
        self.ids: set[str] = set()

    def system(self, fields: dict[str, Tree]) -> System:
        for name, value in fields.items():
            if name not in _SECTIONS:
                self.wrong(
                    value.wrong(f"unknown section {name!r}", f"one of {', '.join(_SECTIONS)}")
                )
        name = (self.try_(fields["name"].text) if "name" in fields else "") or ""
        suppliers = {one.id: one for one in self.each(fields, "suppliers", self.supplier)}
        stated = [
            *self.each(fields, "boundaries", self.boundary),
            *self.each(fields, "actors", self.actor),
            *self.each(fields, "components", self.component),
            *self.each(fields, "assets", self.asset),
        ]
        stated_flows = list(self.each(fields, "flows", self.flow))
        proposals = tuple(self.each(fields, "drafted", rows.proposal))
        judged = [one for one in proposals if one.judged_by]
        added = list(self.added(judged))
        elements = [
            *(self.supplied(one, suppliers) for one in stated),
            *(one for one in added if one.sort != "flow"),
        ]
        known = {one.id: one for one in elements}
        flows = [*stated_flows, *(one for one in added if one.sort == "flow")]
        flows = [one for one in flows if self.ends(one, known)]
        self.inside(elements, known)
        system = Element(SYSTEM, name or "the system", "system", facts=self.own_facts(fields))
        return System(
            name=name,
            elements=tuple(
                self.with_facts((*elements, *flows, *suppliers.values(), system), judged)
            ),
            treatments=tuple(self.each(fields, "treatments", rows.treatment)),
            waivers=tuple(self.each(fields, "waivers", rows.waiver)),
            threats=tuple(self.each(fields, "threats", rows.extra_threat)),
            proposals=proposals,
            answers_due=dict(self.dates(fields, "answers_due")),
            drift_base=dict(self.words(fields, "drift_base")),
            drift_source=(self.try_(fields["drift_source"].text) or "")
            if "drift_source" in fields
            else "",
            problems=tuple(self.problems),
        )

    def wrong(self, error: BadInput) -> None:
        hint = f" ({error.hint})" if error.hint else ""
        self.problems.append((f"{error.message}{hint}", _at(error)))

    def try_(self, what: Callable[[], _T]) -> _T | None:
        try:
            return what()
        except BadInput as error:
            self.wrong(error)
            return None

    def each(
        self, fields: dict[str, Tree], section: str, read_one: Callable[[Tree], _T]
    ) -> Iterator[_T]:
        if section not in fields:
            return
        items = self.try_(lambda: list(fields[section].items())) or []
        if len(items) > MOST_ELEMENTS:
            self.wrong(fields[section].wrong(f"more than {MOST_ELEMENTS:,} {section}"))
            items = items[:MOST_ELEMENTS]
        for item in items:
            made = self.try_(partial(read_one, item))
            if made is not None:
                yield made

    def words(self, fields: dict[str, Tree], section: str) -> Iterator[tuple[str, str]]:
        inner = self.try_(lambda: fields[section].fields()) if section in fields else None
        for key, value in (inner or {}).items():
            text = self.try_(value.text)
            if text is not None:
                yield key, text

    def dates(self, fields: dict[str, Tree], section: str) -> Iterator[tuple[str, date]]:
        inner = self.try_(lambda: fields[section].fields()) if section in fields else None
        for key, value in (inner or {}).items():
            day = self.try_(partial(rows.day, value))
            if day is not None:
                yield key, day

    def own_facts(self, fields: dict[str, Tree]) -> dict[str, Value]:
        inner = self.try_(lambda: dict(fields["facts"].fields())) if "facts" in fields else None
        told = {key: rows.value(value) for key, value in (inner or {}).items()}
        for key in ("owner", "purpose"):
            if key in fields:
                told[key] = self.try_(fields[key].text)
        told["observed_unlisted"] = ()  # an observation: none was made until one is
        if "observed_unlisted" in fields:
            told["observed_unlisted"] = self.try_(fields["observed_unlisted"].texts)
        return told

    # --- elements ---

    def boundary(self, tree: Tree) -> Element:
        return self.element(tree, "boundary", ())

    def component(self, tree: Tree) -> Element:
        return self.element(tree, "component", ("kind", "boundary"))

    def actor(self, tree: Tree) -> Element:
        return self.element(tree, "component", ("boundary",), kind="person")

    def asset(self, tree: Tree) -> Element:
        return self.element(tree, "asset", ())

    def supplier(self, tree: Tree) -> Element:
        return self.element(tree, "supplier", ())

    def supplied(self, one: Element, suppliers: Mapping[str, Element]) -> Element:
        """Return an element with what is said of its supplier, where it says nothing else."""
        named = one.facts.get("supplier")
        if not suppliers or named is None:
            return one
        supplier = suppliers.get(str(named))
        if supplier is None:
            told = f"component {one.id!r}: there is no supplier {named!r}"
            self.problems.append((told, one.fact_spans.get("supplier")))
            return one
        return replace(one, facts={**supplier.facts, **one.facts},
                       fact_spans={**supplier.fact_spans, **one.fact_spans})  # fmt: skip

    # --- what a drafter wrote and a person judged ---

    def added(self, judged: Iterable[Proposal]) -> Iterator[Element]:
        for one in judged:
            if one.sort == "fact":
                continue
            if one.element in self.ids or one.element == SYSTEM:
                self.problems.append((f"the id {one.element!r} stands here twice", one.span))
                continue
            self.ids.add(one.element)
            yield rows.element_of(one)

    def with_facts(
        self, elements: Iterable[Element], judged: Iterable[Proposal]
    ) -> Iterator[Element]:
        """Yield the elements with judged facts, where nobody had stated another."""
        of: dict[str, dict[str, Proposal]] = {}
        for one in judged:
            if one.sort != "fact":
                continue
            first = of.setdefault(one.element, {}).setdefault(one.fact, one)
            if first.value != one.value:
                self.problems.append((f"{one.id} contradicts {first.id}", one.span))
        for element in elements:
            mine = of.pop(element.id, {})
            facts = {name: one.value for name, one in mine.items()}
            stated = {key: told for key, told in element.facts.items() if told is not None}
            yield replace(element, facts={**element.facts, **facts, **stated}) if mine else element
        for one in (one for rest in of.values() for one in rest.values()):
            self.problems.append((f"{one.id}: there is no element {one.element!r}", one.span))

    def flow(self, tree: Tree) -> Element:
        fields = dict(tree.fields())
        for end in ("from", "to"):
            if end not in fields:
                raise tree.wrong(f"a flow needs {end!r}")
        source, target = fields.pop("from").text(), fields.pop("to").text()
        flow_id = fields.pop("id").text() if "id" in fields else self.free(f"{source}->{target}")
        name = fields.pop("name").text() if "name" in fields else ""
        self.take(tree, flow_id)
        facts, spans = facts_of(fields)
        return Element(flow_id, name, "flow", "", "", source, target, facts, span(tree), spans)

    def element(self, tree: Tree, sort: str, own: tuple[str, ...], kind: str = "") -> Element:
        fields = dict(tree.fields())
        if "id" not in fields:
            raise tree.wrong(f"a {sort} needs an `id`")
        element_id = fields.pop("id").text()
        if not ID.fullmatch(element_id):
            raise tree.wrong(f"{element_id!r} is no id", "letters, digits, dots and dashes")
        self.take(tree, element_id)
        name = fields.pop("name").text() if "name" in fields else element_id
        structure = {key: fields.pop(key).text() for key in own if key in fields}
        kind = structure.get("kind", kind)
        if sort == "component" and not kind:
            raise tree.wrong(
                f"component {element_id!r} needs a `kind`", "such as web.api, store.sql"
            )
        facts, spans = facts_of(fields)
        return Element(
            element_id,
            name,
            sort,
            kind,
            structure.get("boundary", ""),
            "",
            "",
            facts,
            span(tree),
            spans,
        )

    def free(self, wanted: str) -> str:
        """Return an id for a flow without one: the second between two components is `A->B#2`."""
        number, found = 1, wanted
        while found in self.ids:
            number += 1
            found = f"{wanted}#{number}"
        return found

    def take(self, tree: Tree, element_id: str) -> None:
        if element_id in self.ids or element_id == SYSTEM:
            raise tree.wrong(f"the id {element_id!r} stands here twice")
        self.ids.add(element_id)

    def ends(self, flow: Element, known: dict[str, Element]) -> bool:
        for end in (flow.source, flow.target):
            if end not in known or known[end].sort != "component":
                self.problems.append(
                    (f"flow {flow.id!r}: there is no component {end!r}", flow.span)
                )
                return False
        return True

    def inside(self, elements: list[Element], known: dict[str, Element]) -> None:
        for one in elements:
            if one.boundary and (
                one.boundary not in known or known[one.boundary].sort != "boundary"
            ):
                told = f"component {one.id!r}: there is no boundary {one.boundary!r}"
                self.problems.append((told, one.span))
