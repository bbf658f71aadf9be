"""Other views of one analysis: PASTA, LINDDUN, a verification checklist, the risk register.

Each is filled from the description and the rules, and lists its holes; none adds a threat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from undersign.catalogs.application_classes import ApplicationClass
from undersign.catalogs.references import References
from undersign.catalogs.threat_rules import Rules
from undersign.records.system import System, Value
from undersign.records.table import Table
from undersign.records.threat import Analysis, Threat

LINDDUN = {
    "L": "Linking", "I": "Identifying", "Nr": "Non-repudiation", "D": "Detecting",
    "Dd": "Data disclosure", "U": "Unawareness and unintervenability", "Nc": "Non-compliance",
}  # fmt: skip
"""LINDDUN's categories: linddun.org."""
_LOWERED = {"critical": "high", "high": "medium", "medium": "low", "low": "low"}
_ORDER = ("critical", "high", "medium", "low", "none")
_STATUSES = ("open", "accepted", "transferred", "mitigated", "rejected")


def pasta(system: System, analysis: Analysis) -> tuple[Table, ...]:
    """Return the seven stages of PASTA, each with what the description has for it and its holes."""
    about = dict(next(system.of("system")).facts)
    boundary, asset = any(system.of("boundary")), any(system.of("asset"))
    techniques = {
        one
        for threat in analysis.threats
        for key in ("attack", "atlas")
        for one in threat.references.get(key, ())
    }
    decided = [(t.id, t.treatment.status if t.treatment else "") for t in analysis.threats]
    said = ("purpose", "owner")
    stages: tuple[tuple[str, list[str], list[str]], ...] = (
        ("1 Objectives", _stated(about, said), _unsaid(about, said)),
        (
            "2 Technical scope",
            [f"{c.name} ({c.kind})" for c in system.of("component")],
            [] if boundary else ["no boundary: where trust changes is not said"],
        ),
        (
            "3 Decomposition",
            [f"{f.source} to {f.target}" for f in system.of("flow")],
            [] if asset else ["no asset: what is worth attacking is not said"],
        ),
        (
            "4 Threat analysis",
            [t.title for t in analysis.threats],
            [q.text for q in analysis.questions],
        ),
        (
            "5 Vulnerabilities and weaknesses",
            _weaknesses(analysis),
            ["findings of scans and reviews stand elsewhere"],
        ),
        (
            "6 Attack modelling",
            sorted(techniques),
            ["attack trees: undersign threatmodel tree --objective"],
        ),
        (
            "7 Risk and impact",
            [f"{key}: {status or 'undecided'}" for key, status in decided],
            [f"nobody decided about {key}" for key, status in decided if not status],
        ),
    )
    return tuple(
        Table(title, ("Found",), tuple((one,) for one in found), tuple(holes))
        for title, found, holes in stages
    )


def _stated(facts: Mapping[str, Value], names: Sequence[str]) -> list[str]:
    return [f"{name}: {facts[name]}" for name in names if facts.get(name)]


def _unsaid(facts: Mapping[str, Value], names: Sequence[str]) -> list[str]:
    return [f"{name} is not said" for name in names if not facts.get(name)]


def _weaknesses(analysis: Analysis) -> list[str]:
    found: dict[str, int] = {}
    for threat in analysis.threats:
        for one in threat.references.get("cwe", ()):
            found[one] = found.get(one, 0) + 1
    return [f"{one} ({number} threats)" for one, number in sorted(found.items())]


def linddun(system: System, analysis: Analysis) -> Table:
    """Return the threats to privacy by category; personal data that no rule spoke of is a hole."""
    rows = [
        (LINDDUN[key], threat.element_name, threat.title)
        for key in LINDDUN
        for threat in analysis.threats
        if key in threat.linddun
    ]
    told = {threat.element for threat in analysis.threats if threat.linddun}
    personal = [e for e in system.elements if e.facts.get("data_class") == "personal"]
    holes = [f"{e.name or e.id} holds or carries personal data, and no privacy threat is on it"
             for e in personal if e.id not in told]  # fmt: skip
    silent = [LINDDUN[k] for k in LINDDUN if not any(k in t.linddun for t in analysis.threats)]
    holes += [f"nothing was found for {name}" for name in silent] if personal else []
    return Table("LINDDUN", ("Category", "Element", "Threat"), tuple(rows), tuple(holes))


def checklist(
    system: System, analysis: Analysis, rules: Rules, references: References, level: int
) -> Table:
    """Return what to verify of ASVS and AISVS up to a level (1 to 3), by component.

    Requirements are those of the sections that the rules of a component's threats, questions and
    kind name. `level` limits them by the standard's own levels.
    """
    by_rule = {rule.id: rule for rule in rules.rules}
    rows: list[tuple[str, ...]] = []
    for component in system.of("component"):
        threats = [t for t in analysis.threats if t.element == component.id]
        asked = {t.rule for t in threats} | {q.rule for q in analysis.questions
                                             if q.element == component.id}  # fmt: skip
        sections = {
            section: [t.id for t in threats if section in _sections(t.references)]
            for name in sorted(asked)
            if name in by_rule
            for section in _sections(by_rule[name].references)
        }
        rows += [
            (component.name, one.id, one.level, one.name, ", ".join(ids))
            for section, ids in sorted(sections.items())
            for one in references.requirements(section)
            if one.level and int(one.level) <= level
        ]
    unique = tuple(dict.fromkeys(rows))
    holes = () if unique else ("no rule of this system names a section of ASVS or AISVS",)
    head = ("Component", "Requirement", "Level", "Chapter and section", "Threats")
    return Table(f"ASVS and AISVS, level {level}", head, unique, holes)


def class_checklist(of: ApplicationClass, references: References, level: int) -> Table:
    """Return what to verify of ASVS and AISVS up to a level for a class of application."""
    rows = [
        (one.id, one.level, one.name, f"if {when}" if when else "always")
        for chapter, when in of.chapters.items()
        for one in references.requirements(chapter)
        if one.level and int(one.level) <= level
    ]
    head = ("Requirement", "Level", "Chapter and section", "Applies")
    return Table(f"{of.title}: ASVS and AISVS, level {level}", head, tuple(rows))


def _sections(references: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return (*references.get("asvs", ()), *references.get("aisvs", ()))


def register(analysis: Analysis) -> Table:
    """Return the residual risks: what people decided, by whom, until when, and what is left."""
    rows = sorted(
        map(_risk, analysis.threats),
        key=lambda row: (_ORDER.index(row[3]), _STATUSES.index(row[4]), row[0]),
    )
    holes = [f"nobody decided about {t.id}" for t in analysis.threats if t.treatment is None]
    head = ("Threat", "Element", "Severity", "Residual", "Status", "Owner", "Until", "Shown by")
    return Table("Residual risks", head, tuple(rows), tuple(holes))


def _risk(one: Threat) -> tuple[str, ...]:
    decided = one.treatment
    status = decided.status if decided else "open"
    residual = {"mitigated": _LOWERED[one.severity], "rejected": "none"}.get(status, one.severity)
    if decided is None:
        return one.id, one.element_name, one.severity, residual, status, "", "", ""
    until = decided.expires.isoformat() if decided.expires else ""
    shown = decided.evidence or decided.reason
    return one.id, one.element_name, one.severity, residual, status, decided.owner, until, shown


def difference(before: Analysis, after: Analysis) -> Table:
    """Return which threats and questions are new, gone, or decided otherwise."""
    return Table("Difference", ("What", "Id", "Text"), tuple(_differences(before, after)))


def _differences(before: Analysis, after: Analysis) -> Iterator[tuple[str, str, str]]:
    old = {one.id: one for one in before.threats}
    new = {one.id: one for one in after.threats}
    for key in sorted({*old, *new}):
        if key not in old:
            yield "new threat", key, new[key].title
        elif key not in new:
            yield "threat gone", key, old[key].title
        elif _decided(old[key]) != _decided(new[key]):
            yield "decided otherwise", key, f"{_decided(old[key])}, now {_decided(new[key])}"
    asked, asks = ({q.id: q.text for q in a.questions} for a in (before, after))
    yield from (("new question", key, asks[key]) for key in sorted(asks.keys() - asked.keys()))
    yield from (("question gone", key, asked[key]) for key in sorted(asked.keys() - asks.keys()))


def _decided(one: Threat) -> str:
    return one.treatment.status if one.treatment else "undecided"
