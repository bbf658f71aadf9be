"""A query as checks see it: pipelines of stages, in whatever language it was written.

`languages.kql`, `languages.spl` and `languages.sql` each turn text into a `Query`; everything above
reads only this. What a language says that this model has no word for is kept as `Opaque` or as a
stage of kind `other` with its text and span, so that a check can say it could not look inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

from undersign.records.artifact import Span

Type: TypeAlias = OneOf[
    "string", "long", "double", "boolean", "timestamp", "timespan", "dynamic", "list", "unknown"
]
"""Kusto's guid is `string`, int is `long`, real and decimal are `double`."""

StageKind: TypeAlias = OneOf[
    "filter", "extend", "project", "rename", "aggregate", "distinct", "sort", "limit", "join",
    "union", "lookup", "expand", "parse", "window", "other",
]  # fmt: skip
"""`project` picks columns (drop and reorder too), `window` adds running or group values to every
row (eventstats, streamstats, SQL window functions), `expand` makes several rows of one."""

ProblemKind: TypeAlias = OneOf[
    "syntax", "unknown-table", "unknown-column", "unknown-function", "ambiguous-name", "type",
    "arguments", "unsupported", "forbidden", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the language itself refuses, with its place."""

    kind: ProblemKind
    message: str
    span: Span
    name: str = ""
    """The unknown or ambiguous name, as written."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant as written in a query."""

    value: str | int | float | bool | None
    """`timestamp`: RFC 3339 UTC text. `timespan`: seconds. `ago`: seconds before now. `null`: None.
    `name`: text of another column. Else the plain value."""
    kind: OneOf[
        "string", "long", "double", "boolean", "timestamp", "timespan", "ago", "null", "name"
    ]
    span: Span
    text: str = ""
    """As written, quotes included; the name of a let or macro where that holds the constant."""
    rounded: str = ""
    """Of `ago`: the function that then rounds it, such as `startofday` or `bin`."""


Operator: TypeAlias = OneOf[
    "==", "!=", "<", "<=", ">", ">=", "in", "between", "contains", "has", "startswith", "endswith",
    "like", "regex", "cidr", "exists", "true",
]  # fmt: skip
"""Negation is in `negated`, so `!contains` is `contains` and negated, `not in` is `in` and negated;
only `!=` stays itself and is never negated. `has` matches whole terms. `like` carries `*` and `?`
as wildcards, `%` and `_` already translated. `exists`: not null and not empty (isnotempty,
isnotnull, SPL `field=*`). `true`: a boolean column or expression stands by itself. `cidr`:
ipv4_is_in_range and its kin, values are ranges."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One column (or expression over one) compared with constants."""

    column: str
    """Name as written at this stage; the innermost column when wrapped in functions; empty when the
    left side is no column (SPL free text: compare with the raw event)."""
    op: Operator
    values: tuple[Literal, ...]
    span: Span
    text: str
    negated: bool = False
    case_sensitive: bool = True
    functions: tuple[str, ...] = ()
    """Functions around the column, outermost first, lower case: `tolower(tostring(x))` -> both."""
    table: str | None = None
    """Visible table that the column comes from unchanged (renames are followed); None if computed
    or not known."""
    table_column: str | None = None
    """The column's name in that table."""
    type: Type = "unknown"
    """Of the left side."""


@dataclass(frozen=True, slots=True)
class And:
    """All hold. Never nested directly in another And."""

    children: tuple[Condition, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Or:
    """Any holds. Never nested directly in another Or."""

    children: tuple[Condition, ...]
    span: Span
    bare: bool = False
    """True when it was written beside an `and` without parentheses, so precedence decided."""


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not hold."""

    child: Condition
    span: Span


@dataclass(frozen=True, slots=True)
class Opaque:
    """A condition this model has no word for, such as a call with two columns."""

    text: str
    span: Span
    columns: tuple[str, ...] = ()
    """Columns it reads, as far as known."""


Condition: TypeAlias = Comparison | And | Or | Not | Opaque


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an intermediate or final result."""

    name: str
    type: Type = "unknown"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate of a stage."""

    function: str
    """Lower case and common to all languages where there is a common word: count, dcount, sum, avg,
    min, max, stdev, percentile, make_set, make_list, first, last, mode, arg_max, arg_min; else as
    written."""
    column: str
    """Innermost column it is over; empty for plain count."""
    name: str
    """Name of the result column."""
    span: Span
    condition: Condition | None = None
    """Of countif, sumif, count(eval(...)) and FILTER (WHERE ...)."""


@dataclass(frozen=True, slots=True)
class Group:
    """One grouping key."""

    column: str
    """Innermost column; empty when there is none."""
    name: str
    span: Span
    bin_seconds: float | None = None
    """Width when times are put into bins."""
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """One computed or renamed column."""

    name: str
    text: str
    """The expression as written."""
    span: Span
    columns: tuple[str, ...] = ()
    """Columns it reads."""
    functions: tuple[str, ...] = ()
    """Functions it calls, lower case, in the order of text."""
    renamed: bool = False
    """The expression is one column and nothing else."""


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key."""

    column: str
    descending: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Join:
    """How two sides are put together."""

    kind: str
    """inner, innerunique, left, right, full, leftanti, rightanti, leftsemi, rightsemi, cross."""
    kind_written: bool
    right: Pipeline
    keys: tuple[tuple[str, str], ...]
    """(left column, right column); empty for a cross join or when the condition is no equality."""
    span: Span
    condition: Condition | None = None
    """What else must hold between the sides, as in SQL's ON."""
    time_bound: bool = False
    """Something in the join or in the filters after it compares the two sides' times."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a pipeline, from rows to rows."""

    kind: StageKind
    keyword: str
    """As the language calls it, lower case: `where`, `summarize`, `tstats`, `having`."""
    text: str
    span: Span
    condition: Condition | None = None
    aggregates: tuple[Aggregate, ...] = ()
    groups: tuple[Group, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    """Of extend, project, rename: what is new or renamed."""
    order: tuple[Order, ...] = ()
    limit: int | None = None
    join: Join | None = None
    branches: tuple[Pipeline, ...] = ()
    """Of union and append: the pipelines that are added."""
    subqueries: tuple[Pipeline, ...] = ()
    """Pipelines inside its expressions: `in (...)`, `toscalar(...)`, EXISTS."""
    columns: tuple[Column, ...] | None = None
    """What comes out, when known; None when not."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from."""

    name: str
    """As written: table, data model object (`Endpoint.Processes`), sourcetype, let name, CTE."""
    kind: OneOf["table", "datamodel", "events", "named", "inline", "wildcard", "external"]
    """`events`: SPL's index and sourcetype search, `name` is the visible table it resolves to or
    empty; `named`: a let or CTE of this query; `inline`: datatable, print, makeresults,
    VALUES, range; `wildcard`: union *, index=*; `external`: externaldata, read_csv, inputlookup."""
    span: Span
    table: str | None = None
    """Visible table it resolves to; None when unknown or none."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Sources, read as one, and what is done with their rows."""

    sources: tuple[Source, ...]
    stages: tuple[Stage, ...]
    span: Span
    name: str = ""
    """Of a let statement or CTE; empty for the main one and for subqueries."""

    def pipelines(self) -> Iterator[Pipeline]:
        """Yield this pipeline and every one inside it, outermost first."""
        yield self
        for stage in self.stages:
            right = (stage.join.right,) if stage.join else ()
            for pipeline in (*stage.branches, *right, *stage.subqueries):
                yield from pipeline.pipelines()


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; bound to a workspace's tables when these were known."""

    language: OneOf["kql", "spl", "sql"]
    text: str
    main: Pipeline
    named: Mapping[str, Pipeline] = field(default_factory=dict)
    """let statements and CTEs that are pipelines, by name, in order of text."""
    problems: tuple[Problem, ...] = ()
    """Located; those of kind `syntax` mean that the rest of the model may be incomplete."""
    bound: bool = False
    """Whether names were looked up in a workspace's tables."""
    functions: tuple[tuple[str, Span], ...] = ()
    """Every function called, lower case."""
    hints: tuple[Problem, ...] = ()
    """What the language's own linter says (Kusto's analyzers); no errors."""

    @property
    def unreadable(self) -> bool:
        """Whether part of the text cannot be read, so that nothing can be said of it."""
        return any(problem.kind == "syntax" for problem in self.problems)

    def pipelines(self) -> Iterator[Pipeline]:
        """Yield the named pipelines in order, then the main one, each with its inner ones."""
        for pipeline in (*self.named.values(), self.main):
            yield from pipeline.pipelines()


def comparisons(condition: Condition | None) -> Iterator[Comparison]:
    """Yield every comparison below a condition, in order of text."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, And | Or):
        for child in condition.children:
            yield from comparisons(child)
    elif isinstance(condition, Not):
        yield from comparisons(condition.child)
