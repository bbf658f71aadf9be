"""The data flow diagram of a system, as DOT and as Mermaid text; every name quoted and escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from undersign.records.system import Element, System

_SHAPES = {"process": "ellipse", "store": "cylinder", "external": "box", "ai": "hexagon"}
_MERMAID = {
    "process": ("(", ")"), "store": ("[(", ")]"), "external": ("[", "]"), "ai": ("{{", "}}"),
}  # fmt: skip


def dot(system: System, classes: Mapping[str, str]) -> str:
    """Return the diagram in Graphviz's language: boundaries are clusters, crossings dashed."""
    numbers = _numbers(system)
    lines = ["digraph system {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for n, (boundary, inside) in enumerate(_grouped(system)):
        indent = "  "
        if boundary is not None:
            lines += [f"  subgraph cluster_{n} {{", f"    label={_quoted(boundary.name)};"]
            indent = "    "
        for one in inside:
            shape = _SHAPES.get(classes.get(one.kind, ""), "ellipse")
            lines.append(f"{indent}{numbers[one.id]} [label={_quoted(one.name)}, shape={shape}];")
        if boundary is not None:
            lines.append("  }")
    places = {one.id: one.boundary for one in system.of("component")}
    for flow in system.of("flow"):
        style = ", style=dashed" if places[flow.source] != places[flow.target] else ""
        label = _quoted(_flow_label(flow))
        lines.append(f"  {numbers[flow.source]} -> {numbers[flow.target]} [label={label}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def mermaid(system: System, classes: Mapping[str, str]) -> str:
    """Return the diagram as a Mermaid flowchart."""
    numbers = _numbers(system)
    lines = ["flowchart LR"]
    for n, (boundary, inside) in enumerate(_grouped(system)):
        indent = "  "
        if boundary is not None:
            lines.append(f"  subgraph b{n}[{_entities(boundary.name)}]")
            indent = "    "
        for one in inside:
            begin, end = _MERMAID.get(classes.get(one.kind, ""), ("(", ")"))
            lines.append(f"{indent}{numbers[one.id]}{begin}{_entities(one.name)}{end}")
        if boundary is not None:
            lines.append("  end")
    for flow in system.of("flow"):
        label = _flow_label(flow)
        told = f"|{_entities(label)}|" if label else ""
        lines.append(f"  {numbers[flow.source]} -->{told} {numbers[flow.target]}")
    return "\n".join(lines) + "\n"


def _numbers(system: System) -> dict[str, str]:
    return {one.id: f"n{n}" for n, one in enumerate(system.of("component"))}


def _grouped(system: System) -> Iterator[tuple[Element | None, list[Element]]]:
    inside: dict[str, list[Element]] = {}
    for one in system.of("component"):
        inside.setdefault(one.boundary, []).append(one)
    for boundary in system.of("boundary"):
        if boundary.id in inside:
            yield boundary, inside.pop(boundary.id)
    for rest in inside.values():
        yield None, rest


def _flow_label(flow: Element) -> str:
    data = flow.facts.get("data")
    return flow.name or (data if isinstance(data, str) else "")


def _quoted(text: str) -> str:
    safe = "".join(c if c.isprintable() else "?" for c in text)
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entities(text: str) -> str:
    """Write a text for Mermaid: quoted, and each mark that it would read as a numeric entity."""
    return '"' + "".join(c if c.isalnum() or c in " .,-_:" else f"#{ord(c)};" for c in text) + '"'
