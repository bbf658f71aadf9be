"""YAML of others, read strictly and with places: no aliases, no tags, nothing constructed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from undersign.errors import BadInput
from undersign.languages.yaml.depth import MOST, too_deep
from undersign.records.hunt import Cell

if TYPE_CHECKING:
    import yaml

_TAG = "tag:yaml.org,2002:"
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Tree:
    """One node of a YAML document and where it stands."""

    node: yaml.Node
    path: str | None
    first_line: int = 0
    """Lines of the file before the YAML begins."""

    def wrong(self, message: str, hint: str | None = None) -> BadInput:
        """Return the error that says what is wrong here."""
        mark = self.node.start_mark
        line = mark.line + 1 + self.first_line
        return BadInput(message, path=self.path, line=line, column=mark.column + 1, hint=hint)

    def fields(self, known: tuple[str, ...] = ()) -> Mapping[str, Tree]:
        """Return a mapping's values by key. Raises BadInput for a key twice, or not in `known`."""
        found: dict[str, Tree] = {}
        for key_node, value_node in self._pairs():
            key_tree = Tree(key_node, self.path, self.first_line)
            key = key_tree.text()
            if key in found:
                raise key_tree.wrong(f"{key!r} stands here twice")
            if known and key not in known:
                near = get_close_matches(key, known, n=1)
                raise key_tree.wrong(
                    f"unknown key {key!r}", f"did you mean {near[0]!r}?" if near else None
                )
            found[key] = Tree(value_node, self.path, self.first_line)
        return found

    def _pairs(self) -> list[tuple[yaml.Node, yaml.Node]]:
        import yaml

        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong("expected `key: value` lines here")
        return list(self.node.value)

    def items(self) -> Iterator[Tree]:
        """Yield the items of a list. Raises BadInput when it is none."""
        import yaml

        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong("expected a list here")
        for one in self.node.value:
            yield Tree(one, self.path, self.first_line)

    def text(self) -> str:
        """Return a scalar as the text it is written as, whatever YAML would take it for."""
        import yaml

        if not isinstance(self.node, yaml.ScalarNode):
            raise self.wrong("expected text here")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(one.text() for one in self.items())

    def number(self) -> int:
        """Return a whole number. Raises BadInput when it is none."""
        value = self.cell()
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong("expected a whole number here")
        return value

    def boolean(self) -> bool:
        """Return true or false. Raises BadInput for anything else."""
        value = self.cell()
        if not isinstance(value, bool):
            raise self.wrong("expected true or false here")
        return value

    def cell(self) -> Cell:
        """Return a scalar as null, bool, number or text; times stay text."""
        written, tag = self.text(), self.node.tag.removeprefix(_TAG)
        if tag == "null":
            return None
        if tag == "bool":
            return written.lower() in ("true", "yes", "on")
        try:
            if tag == "int":
                value = int(written.replace("_", ""))
                return value if -_LARGEST <= value < _LARGEST else written
            return float(written.replace("_", "")) if tag == "float" else written
        except ValueError:  # octal, base 60, .inf: nothing this package writes
            return written

    def plain(self) -> Any:
        """Return the node as None, bool, number, text, dict and list."""
        import yaml

        if isinstance(self.node, yaml.MappingNode):
            return {key: value.plain() for key, value in self.fields().items()}
        if isinstance(self.node, yaml.SequenceNode):
            return [one.plain() for one in self.items()]
        return self.cell()


def read(text: str, path: str | None = None, first_line: int = 0) -> Tree:
    """Read one YAML document of mappings, lists and scalars.

    Raises BadInput, located, for broken YAML, several documents, aliases (so that no YAML bomb can
    be written), explicit tags, or nesting deeper than anything written by hand.
    """
    import yaml

    if too_deep(text):
        raise BadInput(f"nested deeper than {MOST} levels", path=path)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            _refuse(event, path, first_line)
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1 + first_line, mark.column + 1) if mark else (None, None)
        raise BadInput(_problem(error, text), path=path, line=line, column=column) from error
    except yaml.YAMLError as error:
        raise BadInput(str(error).splitlines()[0], path=path) from error
    if node is None:
        raise BadInput("is empty", path=path)
    return Tree(node, path, first_line)


def _problem(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    lines = text.split("\n")
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab: YAML is indented with spaces"
    return str(error.problem)


def _refuse(event: yaml.Event, path: str | None, first_line: int) -> None:
    import yaml

    if isinstance(event, yaml.AliasEvent):
        what = "aliases (*name) are not read here"
    elif isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None):
        what = f"tags ({event.tag}) are not read here"  # type: ignore[attr-defined]
    else:
        return
    mark = event.start_mark
    line, column = (mark.line + 1 + first_line, mark.column + 1) if mark else (None, None)
    raise BadInput(what, path=path, line=line, column=column)
