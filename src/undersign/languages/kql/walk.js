// Kusto's syntax tree -> pipelines of stages, in the shape of records/query.py, as JSON.

const STAGE = {
  FilterOperator: "filter", SearchOperator: "filter", FindOperator: "filter",
  ExtendOperator: "extend", ParseOperator: "parse", ParseWhereOperator: "parse", ParseKvOperator: "parse",
  SerializeOperator: "window", ScanOperator: "window",
  ProjectOperator: "project", ProjectAwayOperator: "project", ProjectKeepOperator: "project",
  ProjectReorderOperator: "project", ProjectByNamesOperator: "project", ProjectRenameOperator: "rename",
  SummarizeOperator: "aggregate", CountOperator: "aggregate", MakeSeriesOperator: "aggregate",
  TopNestedOperator: "aggregate", TopHittersOperator: "aggregate",
  DistinctOperator: "distinct", SampleDistinctOperator: "distinct",
  SortOperator: "sort", TopOperator: "limit", TakeOperator: "limit", SampleOperator: "limit",
  JoinOperator: "join", LookupOperator: "lookup", UnionOperator: "union",
  MvExpandOperator: "expand", MvApplyOperator: "expand",
};
// Aggregates of Kusto -> [common word, position of its condition].
const AGGREGATE = {
  countif: ["count", 0], dcountif: ["dcount", 1], count_distinct: ["dcount"], count_distinctif: ["dcount", 1],
  sumif: ["sum", 1], avgif: ["avg", 1], minif: ["min", 1], maxif: ["max", 1],
  stdevif: ["stdev", 1], stdevp: ["stdev"], variancep: ["variance"],
  makeset: ["make_set"], make_set_if: ["make_set", 1], makelist: ["make_list"], make_list_if: ["make_list", 1],
  percentiles: ["percentile"], percentile_tdigest: ["percentile"], argmax: ["arg_max"], argmin: ["arg_min"],
  any: ["take_any"], anyif: ["take_any", 1], take_anyif: ["take_any", 1],
};
const DAYS_IN = { startofday: 86400, startofweek: 604800 };
const BINS = new Set(["bin", "floor", "bin_at", "bin_auto"]);

class Walk {
  constructor(code) {
    this.globals = code.Globals;
    this.lets = new Map();
    this.named = [];
    this.conditions = new Conditions(this.globals, this.lets);
  }

  query(root) {
    visit(root, (node) => {
      if (kindOf(node) === "LetStatement") this.lets.set(node.Name.ReferencedSymbol, node.Expression);
    });
    let main = null;
    const block = kindOf(root) === "QueryBlock" ? root.Statements : null;
    for (const statement of items(block)) main = this.statement(statement) || main;
    return { main, named: this.named, lets: this.lets.size };
  }

  statement(node) {
    const kind = kindOf(node);
    if (kind === "LetStatement") this.let(node);
    return kind === "ExpressionStatement" ? this.pipeline(node.Expression) : null;
  }

  let(node) {
    const name = node.Name.SimpleName;
    const value = unwrapped(node.Expression);
    if (kindOf(value) === "FunctionDeclaration") {
      items(value.Body && value.Body.Statements).forEach((inner) => this.statement(inner));
      const result = value.Body && value.Body.Expression;
      if (result && this.isPipeline(result)) this.named.push([name, this.pipeline(result)]);
    } else if (this.isPipeline(value)) {
      this.named.push([name, this.pipeline(value)]);
    }
  }

  isPipeline(node) {
    node = unwrapped(node);
    return isSource(node) || ["UnionOperator", "SearchOperator", "FindOperator", "PrintOperator", "RangeOperator"]
      .includes(kindOf(node)) || isA(node.ResultType, S.TableSymbol);
  }

  // Flattens `a | b | c`, which Kusto nests to the left, and parentheses around its start.
  pipeline(node) {
    const operators = [];
    let base = node;
    for (;;) {
      const kind = kindOf(base);
      if (kind === "PipeExpression") { operators.unshift(base.Operator); base = base.Expression; }
      else if (kind === "ParenthesizedExpression" || kind === "ToScalarExpression" || kind === "MaterializeExpression") base = base.Expression;
      else if (kind === "FunctionCallExpression" && base.Name.SimpleName === "view") base = items(base.ArgumentList.Expressions)[0] || base;
      else break;
      if (!base) return { sources: [], stages: [], at: place(node) };
    }
    const { sources, stages } = this.start(base);
    const all = [...stages, ...operators.filter(Boolean).map((operator) => this.stage(operator))];
    all.forEach((stage, i) => { if (stage.join) stage.join.time_bound = this.timeBound(stage, all.slice(i + 1)); });
    all.forEach((stage) => { delete stage.node; });
    return { sources, stages: all, at: place(node) };
  }

  start(base) {
    switch (kindOf(base)) {
      case "UnionOperator": return this.startingUnion(base);
      case "SearchOperator": case "FindOperator": {
        const named = base.InClause ? items(base.InClause.Expressions) : [];
        const sources = named.map((n) => this.source(n));
        if (!sources.length) sources.push({ name: "*", kind: "wildcard", at: place(base), table: null });
        return { sources, stages: [this.stage(base)] };
      }
      case "PrintOperator": case "RangeOperator":
        return { sources: [{ name: keywordOf(base), kind: "inline", at: place(base), table: null }], stages: [] };
      default: return { sources: [this.source(base)], stages: [] };
    }
  }

  // `union A, B` at the start of a query reads both as one; a pipeline among them makes it a stage.
  startingUnion(node) {
    const parts = items(node.Expressions);
    const plain = parts.every((part) => !["PipeExpression"].includes(kindOf(unwrapped(part))));
    if (plain) return { sources: parts.map((part) => this.source(unwrapped(part))), stages: [] };
    return { sources: [], stages: [this.stage(node)] };
  }

  source(node) {
    const at = place(node);
    const symbol = node.ReferencedSymbol || node.ResultType;
    switch (kindOf(node)) {
      case "DataTableExpression": return { name: "datatable", kind: "inline", at, table: null };
      case "ExternalDataExpression": return { name: "externaldata", kind: "external", at, table: null };
      case "StarExpression": return { name: "*", kind: "wildcard", at, table: null };
      case "NameReference": {
        if (/Wildcarded/.test(kindOf(node.Name))) return { name: textOf(node), kind: "wildcard", at, table: null };
        const named = isA(symbol, S.VariableSymbol) || isA(symbol, S.ParameterSymbol) || this.lets.has(symbol);
        return { name: node.SimpleName, kind: named ? "named" : "table", at, table: named ? null : this.tableName(symbol) };
      }
      case "FunctionCallExpression": return this.calledSource(node, at);
      case "PathExpression": {
        const last = node.Selector && node.Selector.SimpleName;
        return { name: last || textOf(node), kind: "external", at, table: null };
      }
      default: return { name: textOf(node).slice(0, 80), kind: "external", at, table: null };
    }
  }

  calledSource(node, at) {
    const name = node.Name.SimpleName;
    const first = items(node.ArgumentList && node.ArgumentList.Expressions)[0];
    const value = name === "table" && first ? constant(first, this.lets) : null;
    if (value && value.kind === "string") {
      return { name: value.value, kind: "table", at, table: this.tableName(node.ResultType) };
    }
    return { name, kind: this.lets.has(node.Name.ReferencedSymbol) ? "named" : "table", at, table: null };
  }

  tableName(symbol) {
    return isA(symbol, S.TableSymbol) && !symbol.IsOpen && this.globals.IsDatabaseTable(symbol) ? symbol.Name : null;
  }

  stage(node) {
    const kind = kindOf(node);
    const stage = { kind: STAGE[kind] || "other", keyword: keywordOf(node), at: place(node), columns: columnsOf(node.ResultType), node };
    const fill = this[kind];
    if (fill) fill.call(this, node, stage);
    const skip = kind === "UnionOperator" || kind === "JoinOperator" || kind === "LookupOperator";
    const inner = skip ? [] : this.subqueries(node);
    if (inner.length) stage.subqueries = inner;
    return stage;
  }

  // Pipelines inside expressions: in (...), toscalar(...), and names of lets that are pipelines.
  subqueries(node) {
    const found = [];
    const look = (inner) => {
      if (isSource(inner)) found.push(this.pipeline(inner));
      else children(inner).forEach(look);
    };
    children(node).filter((child) => kindOf(child) !== "FindInClause").forEach(look);
    return found;
  }

  FilterOperator(node, stage) { stage.condition = this.conditions.of(node.Condition); }

  SearchOperator(node, stage) { stage.condition = this.conditions.of(node.Condition); }

  FindOperator(node, stage) { stage.condition = this.conditions.of(node.Condition); }

  ExtendOperator(node, stage) { stage.assigned = items(node.Expressions).map((e) => this.assigned(e)); }

  SerializeOperator(node, stage) { stage.assigned = items(node.Expressions).map((e) => this.assigned(e)); }

  ProjectOperator(node, stage) {
    stage.assigned = items(node.Expressions).filter((e) => kindOf(e) !== "NameReference").map((e) => this.assigned(e));
  }

  ProjectRenameOperator(node, stage) { stage.assigned = items(node.Expressions).map((e) => this.assigned(e)); }

  assigned(node) {
    const named = /NamedExpression$/.test(kindOf(node));
    const value = named ? node.Expression : node;
    const calls = [];
    visit(value, (inner) => {
      if (kindOf(inner) === "FunctionCallExpression") calls.push([inner.TextStart, inner.Name.SimpleName.toLowerCase()]);
    });
    return {
      name: named && node.Name ? nameOf(node) : this.resultName(value), value: place(value), at: place(node),
      columns: columnNames(value), functions: calls.sort((a, b) => a[0] - b[0]).map((c) => c[1]),
      renamed: kindOf(unwrapped(value)) === "NameReference" && columnNodes(value).size === 1,
    };
  }

  // Kusto names an unnamed expression itself; the symbol it makes points back to it.
  resultName(node) {
    if (kindOf(node) === "NameReference") return node.SimpleName;
    const made = this.resultColumns(node).find((column) => column.Source === node);
    if (made) return made.Name;
    const only = columnNames(node);
    return only.length === 1 ? only[0] : "";
  }

  aggregateName(node) {
    const columns = this.resultColumns(node);
    const made = columns.find((column) => column.Source === node);
    if (made || kindOf(node) !== "FunctionCallExpression") return made ? made.Name : "";
    // Of several columns by one call only the first is told: percentile_x_95.
    const stem = `${node.Name.SimpleName}_${columnNames(node)[0] || ""}`;
    return (columns.find((column) => column.Name.startsWith(stem)) || { Name: "" }).Name;
  }

  resultColumns(node) {
    let parent = node.Parent;
    while (parent && !isA(parent.ResultType, S.TableSymbol)) parent = parent.Parent;
    const columns = parent && parent.ResultType.Columns, found = [];
    for (let i = 0; columns && i < columns.Count; i++) found.push(columns.getItem(i));
    return found;
  }

  SummarizeOperator(node, stage) {
    stage.aggregates = items(node.Aggregates).flatMap((e) => this.aggregates(e));
    stage.groups = items(node.ByClause && node.ByClause.Expressions).map((e) => this.group(e));
  }

  MakeSeriesOperator(node, stage) {
    stage.aggregates = items(node.Aggregates).flatMap((e) => this.aggregates(e.Expression || e));
    stage.groups = items(node.ByClause && node.ByClause.Expressions).map((e) => this.group(e));
    const on = node.OnClause && node.OnClause.Expression;
    if (!on) return;
    const group = this.group(on);
    visit(node.RangeClause || node, (inner) => {
      if (kindOf(inner) !== "MakeSeriesStepClause") return;
      const step = constant(inner.Expression, this.lets);
      if (step && step.kind === "timespan") group.bin_seconds = step.value;
    });
    stage.groups.push(group);
  }

  CountOperator(node, stage) {
    stage.aggregates = [{ function: "count", column: "", name: "Count", at: place(node) }];
  }

  TopNestedOperator(node, stage) {
    stage.aggregates = [];
    stage.groups = [];
    for (const clause of items(node.Clauses)) {
      if (clause.OfExpression) stage.groups.push(this.group(clause.OfExpression));
      if (clause.ByExpression) stage.aggregates.push(...this.aggregates(clause.ByExpression));
    }
  }

  TopHittersOperator(node, stage) {
    stage.limit = this.number(node.Expression);
    if (node.OfExpression) stage.groups = [this.group(node.OfExpression)];
  }

  aggregates(node) {
    const named = /NamedExpression$/.test(kindOf(node));
    const value = named ? node.Expression : node;
    const calls = [];
    const look = (inner) => {
      const kind = kindOf(inner);
      if (kind === "FunctionCallExpression" && this.isAggregate(inner)) calls.push(inner);
      else if (!isSource(inner)) children(inner).forEach(look);
    };
    look(value);
    return calls.map((call) => this.aggregate(call, named ? nameOf(node) : this.aggregateName(value)));
  }

  isAggregate(call) {
    const symbol = call.Name.ReferencedSymbol || call.ReferencedSymbol;
    return isA(symbol, S.FunctionSymbol) && this.globals.IsAggregateFunction(symbol);
  }

  aggregate(call, name) {
    const written = call.Name.SimpleName.toLowerCase();
    const [word, position] = AGGREGATE[written] || [written];
    const parts = items(call.ArgumentList && call.ArgumentList.Expressions);
    const over = parts.length && position !== 0 ? [...columnNodes(parts[0]).values()] : [];
    const made = { function: word, column: over.length ? over[0].SimpleName : "", name, at: place(call) };
    if (!made.name) made.name = /^arg_m/.test(word) ? made.column : `${written}_${made.column}`;
    if (position !== undefined && parts[position]) made.condition = this.conditions.of(parts[position]);
    return made;
  }

  group(node) {
    const named = /NamedExpression$/.test(kindOf(node));
    const value = unwrapped(named ? node.Expression : node);
    const over = [...columnNodes(value).values()];
    const functions = over.length === 1 ? around(value, over[0]) : [];
    const name = named ? nameOf(node) : this.resultName(value);
    return { column: over.length ? over[0].SimpleName : "", name, at: place(node), functions, bin_seconds: this.bin(value) };
  }

  bin(node) {
    if (kindOf(node) !== "FunctionCallExpression") return null;
    const name = node.Name.SimpleName.toLowerCase();
    if (DAYS_IN[name]) return DAYS_IN[name];
    const parts = items(node.ArgumentList && node.ArgumentList.Expressions);
    const width = BINS.has(name) && parts[1] ? constant(parts[1], this.lets) : null;
    return width && width.kind === "timespan" ? width.value : null;
  }

  SortOperator(node, stage) { stage.order = items(node.Expressions).map(ordered); }

  TopOperator(node, stage) {
    stage.limit = this.number(node.Expression);
    if (node.ByExpression) stage.order = [ordered(node.ByExpression)];
  }

  TakeOperator(node, stage) { stage.limit = this.number(node.Expression); }

  SampleOperator(node, stage) { stage.limit = this.number(node.Expression); }

  SampleDistinctOperator(node, stage) { stage.limit = this.number(node.Expression); }

  DistinctOperator(node, stage) { stage.groups = items(node.Expressions).filter((e) => kindOf(e) !== "StarExpression").map((e) => this.group(e)); }

  number(node) {
    const value = node && constant(node, this.lets);
    return value && value.kind === "long" ? value.value : null;
  }

  UnionOperator(node, stage) { stage.branches = items(node.Expressions).map((e) => this.pipeline(e)); }

  JoinOperator(node, stage) { this.join(node, stage, "innerunique"); }

  LookupOperator(node, stage) { this.join(node, stage, "left"); }

  join(node, stage, assumed) {
    const written = items(node.Parameters).find((p) => p.Name && p.Name.SimpleName === "kind");
    const kind = written && written.Expression ? textOf(written.Expression).trim().toLowerCase() : assumed;
    const clause = node.ConditionClause || node.LookupClause;
    const keys = items(clause && clause.Expressions).flatMap(keyPairs);
    stage.join = {
      kind: JOIN[kind] || kind, kind_written: Boolean(written), right: this.pipeline(node.Expression),
      keys: keys.filter(Boolean), at: place(node),
    };
    const other = clause && items(clause.Expressions).find((e) => keyPairs(e).includes(null));
    if (other) stage.join.condition = this.conditions.of(other);
  }

  // Whether a key is a time, or a filter after the join holds two different times against another.
  timeBound(stage, after) {
    const clause = stage.node.ConditionClause || stage.node.LookupClause;
    for (const key of items(clause && clause.Expressions)) {
      for (const node of columnNodes(key).values()) if (isTime(node)) return true;
    }
    for (const next of after) {
      if (next.kind === "filter" && comparesTimes(next.node.Condition)) return true;
      if (next.kind === "aggregate") return false;
    }
    return false;
  }
}

const JOIN = {
  leftouter: "left", rightouter: "right", fullouter: "full", anti: "leftanti", leftantisemi: "leftanti",
  rightantisemi: "rightanti", semi: "leftsemi",
};

function keyPairs(node) {
  node = unwrapped(node);
  switch (kindOf(node)) {
    case "NameReference": return [[node.SimpleName, node.SimpleName]];
    case "AndExpression": return [...keyPairs(node.Left), ...keyPairs(node.Right)];
    case "EqualExpression": {
      const sides = [node.Left, node.Right].map(unwrapped);
      if (!sides.every((side) => kindOf(side) === "PathExpression" && sideOf(side))) return [null];
      const left = sides.find((side) => sideOf(side) === "$left");
      const right = sides.find((side) => sideOf(side) === "$right");
      return left && right ? [[left.Selector.SimpleName, right.Selector.SimpleName]] : [null];
    }
    default: return [null];
  }
}

function isTime(node) {
  const symbol = node.ReferencedSymbol;
  const type = symbol && symbol.Type ? typeName(symbol.Type) : "unknown";
  return type === "timestamp" || (type === "unknown" && /time|timestamp|date/i.test(node.SimpleName));
}

// Follows computed columns to the times they are made of.
function timesIn(node, found, depth = 0) {
  for (const [key, column] of columnNodes(node)) {
    const source = key.Source && unwrapped(key.Source);
    if (isTime(column)) found.add(key);
    else if (source && depth < 5 && source !== node) timesIn(source, found, depth + 1);
  }
  return found;
}

function comparesTimes(condition) {
  if (!condition) return false;
  const node = unwrapped(condition);
  if (["AndExpression", "OrExpression"].includes(kindOf(node))) {
    return comparesTimes(node.Left) || comparesTimes(node.Right);
  }
  return timesIn(node, new Set()).size > 1;
}

function ordered(node) {
  const plain = kindOf(node) === "OrderedExpression";
  const value = plain ? node.Expression : node;
  const names = columnNames(value);
  const word = plain && node.Ordering && node.Ordering.AscOrDescKeyword;
  return { column: names[0] || "", descending: !(word && word.Text === "asc"), at: place(node) };
}

function nameOf(named) {
  return named.Name ? named.Name.SimpleName : items(named.Names && named.Names.Names).map((n) => n.SimpleName).join(", ");
}

function keywordOf(node) {
  return node.GetFirstToken().Text.toLowerCase();
}

// [name, place of the name, place of the arguments, added by a product and no function of Kusto]
function functionsIn(root) {
  const found = [];
  visit(root, (node) => {
    if (kindOf(node) !== "FunctionCallExpression") return;
    const name = node.Name.SimpleName;
    found.push([name.toLowerCase(), place(node.Name), place(node), ADDED.has(name) || ADDED_TABULAR.test(name)]);
  });
  return found;
}

function listedDiagnostics(list) {
  const found = [];
  for (let i = 0; i < list.Count; i++) {
    const item = list.getItem(i);
    found.push([item.Code, item.Severity, item.Message, item.Start, item.Length]);
  }
  return found;
}

function read(text, key) {
  source = text;
  const parsed = K.KustoCode.Parse(text);
  const code = parsed.Analyze(globalsFor(parsed.Syntax, key));
  const walk = new Walk(code);
  const service = new K.Editor.KustoCodeService.ctor(code);
  return {
    ...walk.query(code.Syntax),
    command: code.Kind !== K.Editor.CodeKinds.Query,
    problems: listedDiagnostics(code.GetDiagnostics()),
    hints: code.HasSemantics ? listedDiagnostics(service.GetAnalyzerDiagnostics(true)) : [],
    functions: functionsIn(code.Syntax),
  };
}

const COMPLETION = {
  1: "keyword", 2: "keyword", 3: "keyword", 4: "name", 5: "value", 6: "keyword", 7: "keyword", 8: "keyword",
  9: "keyword", 10: "keyword", 11: "operator", 12: "keyword", 13: "column", 14: "table", 15: "function",
  16: "function", 17: "function", 18: "function", 19: "parameter", 20: "variable", 26: "type", 27: "option",
};

function complete(text, offset, key) {
  source = text;
  const parsed = K.KustoCode.Parse(text);
  const code = parsed.Analyze(globalsFor(parsed.Syntax, key));
  const list = new K.Editor.KustoCodeService.ctor(code).GetCompletionItems(offset).Items;
  const found = [];
  for (let i = 0; i < list.Count; i++) {
    const item = list.getItem(i);
    found.push([item.DisplayText.replace(/(?<=\w)\(.*$/, ""), COMPLETION[item.Kind] || "other", item.EditText || ""]);
  }
  return found;
}
