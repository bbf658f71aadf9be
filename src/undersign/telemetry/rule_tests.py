"""The true-positive and true-negative events beside a rule, run through shaping and matching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from undersign.catalogs.log_sources import LogSources
from undersign.errors import BadInput
from undersign.languages.sigma.document import SigmaFile
from undersign.languages.sigma.evaluate import CannotTell
from undersign.languages.sigma.filters import apply_filter
from undersign.languages.yaml.depth import MOST, too_deep
from undersign.records.rule_tests import RuleTests, TestCase
from undersign.telemetry.layout import Table
from undersign.telemetry.one_event import matches, place

UNKNOWN_AUTHOR = "unknown"
_KEYS = {"name", "expect", "written_by", "event", "events"}


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """One case as it stands in the file."""

    name: str
    expect_match: bool
    written_by: str
    events: tuple[Mapping[str, Any], ...]
    line: int
    single: bool
    """Written with `event`: asks the rules of the file, not its correlations."""


def read_cases(text: str, path: str) -> tuple[WrittenCase, ...]:
    """Read a `RULE.tests.yml`. Raises BadInput, located, for anything that is no list of cases."""
    import yaml

    if too_deep(text):
        raise BadInput(f"nested deeper than {MOST} levels", path=path)
    try:
        node = yaml.compose(text, Loader=_loader())
        data = yaml.load(text, Loader=_loader())  # noqa: S506 - a safe loader without aliases
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise BadInput(str(error.problem), path=path, line=line, column=column) from error
    except yaml.YAMLError as error:
        raise BadInput(str(error).splitlines()[0], path=path) from error
    except ValueError as error:  # a date or a number that is none
        raise BadInput(str(error).partition(";")[0], path=path) from error
    if data is None:
        return ()
    if not isinstance(data, list):
        raise BadInput("must be a list of cases", path=path, line=1)
    assert isinstance(node, yaml.SequenceNode)
    lines = [item.start_mark.line + 1 for item in node.value]
    return tuple(_case(item, path, line) for item, line in zip(data, lines, strict=True))


def _loader() -> Any:
    import yaml

    class WithoutAliases(yaml.SafeLoader):
        """Test events need no anchors, and without aliases no YAML bomb can be written."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
                raise yaml.composer.ComposerError(None, None, "aliases are not allowed here", mark)
            return super().compose_node(parent, index)

    return WithoutAliases


def _case(item: Any, path: str, line: int) -> WrittenCase:
    if not isinstance(item, dict):
        raise BadInput("a case must be a mapping", path=path, line=line)
    odd = sorted(str(k) for k in item.keys() - _KEYS)
    if odd:
        raise BadInput(
            f"unknown key {odd[0]!r}",
            path=path,
            line=line,
            hint=f"known: {', '.join(sorted(_KEYS))}",
        )
    if item.get("expect") not in ("match", "no-match"):
        raise BadInput("expect must be `match` or `no-match`", path=path, line=line)
    events = item["events"] if "events" in item else [item.get("event")]
    if not isinstance(events, list) or not events or not all(isinstance(e, dict) for e in events):
        raise BadInput(
            "needs `event` (a mapping) or `events` (a list of them)", path=path, line=line
        )
    return WrittenCase(
        name=str(item.get("name") or f"case at line {line}"),
        expect_match=item["expect"] == "match",
        written_by=str(item.get("written_by") or UNKNOWN_AUTHOR),
        events=tuple(events),
        line=line,
        single="events" not in item,
    )


def run_cases(
    cases: Sequence[WrittenCase], file: SigmaFile, sources: LogSources, path: str
) -> RuleTests:
    """Run every case against a rule file.

    `event` asks the detection rules; `events` asks the correlations, or the rules of a file that
    has none. What cannot be evaluated fails with the reason.
    """
    return RuleTests(path, tuple(_run(case, file, sources) for case in cases))


def _run(case: WrittenCase, file: SigmaFile, sources: LogSources) -> TestCase:
    ask = _one_event if case.single else _many_events
    try:
        matched, remarks = ask(case, file, sources)
    except BadInput as error:
        return _done(case, False, f"its event cannot be read: {error.message}")
    except CannotTell as error:
        return _done(case, False, f"cannot be told: {error}")
    if matched == case.expect_match:
        return _done(case, True, "")
    said = f" ({'; '.join(remarks)})" if remarks else ""
    wanted, got = ("match", "does not") if case.expect_match else ("not match", "does")
    return _done(case, False, f"should {wanted}, and {got}{said}")


def _done(case: WrittenCase, passed: bool, detail: str) -> TestCase:
    return TestCase(case.name, case.expect_match, case.written_by, passed, detail, case.line)


def _one_event(
    case: WrittenCase, file: SigmaFile, sources: LogSources
) -> tuple[bool, tuple[str, ...]]:
    """Say whether a rule of the file matches the event; needs no column library."""
    from undersign.telemetry.shape import shape_dict

    event = shape_dict(case.events[0], sources)
    rules = [reduce(apply_filter, file.filters, rule) for rule in file.rules]
    if any(matches(rule, event.source, event.values, sources) for rule in rules):
        return True, ()
    remarks = (place(rule, event.source, event.values, sources)[1] for rule in rules)
    return False, tuple(dict.fromkeys(r for r in remarks if r))


def _many_events(
    case: WrittenCase, file: SigmaFile, sources: LogSources
) -> tuple[bool, tuple[str, ...]]:
    """Say whether the correlations of the file (its rules, without any) fire on the events."""
    from undersign.telemetry.baseline import Asked, Ground, measure
    from undersign.telemetry.match.chunk import Memory
    from undersign.telemetry.memory import in_memory
    from undersign.telemetry.shape import shape_dict

    data = in_memory((shape_dict(e, sources) for e in case.events), sources)
    tables = {name: table_of(name, rows) for name, rows in data.items()}
    ground = Ground(tables, Memory(data), sources)
    histories = measure([Asked("case", "", file)], ground)["case"].by_document
    asked = file.correlations or file.rules
    deciding = [h for number, h in histories.items() if file.documents[number] in asked]
    remarks = tuple(dict.fromkeys(m for h in deciding for m in h.missing))
    return any(h.matches for h in deciding), remarks


def table_of(name: str, rows: Any) -> Table:
    """Describe an in-memory Arrow table as a table of the lake."""
    return Table(
        name=name,
        source=name,
        columns=dict.fromkeys(rows.column_names, "string"),
        rows=rows.num_rows,
        first=None,
        last=None,
        files=(),
    )
