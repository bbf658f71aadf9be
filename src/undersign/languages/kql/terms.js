// Columns, comparisons and conditions: the shape of records/query.py's Condition.

// Operator kinds of Kusto -> [our operator, negated, minds case].
const COMPARED = {
  EqualExpression: ["==", false, true], NotEqualExpression: ["!=", false, true],
  EqualTildeExpression: ["==", false, false], BangTildeExpression: ["!=", false, false],
  LessThanExpression: ["<", false, true], LessThanOrEqualExpression: ["<=", false, true],
  GreaterThanExpression: [">", false, true], GreaterThanOrEqualExpression: [">=", false, true],
  MatchesRegexExpression: ["regex", false, true], SearchExpression: ["has", false, false],
  InExpression: ["in", false, true], InCsExpression: ["in", false, false],
  NotInExpression: ["in", true, true], NotInCsExpression: ["in", true, false],
  BetweenExpression: ["between", false, true], NotBetweenExpression: ["between", true, true],
  HasAnyExpression: ["has", false, false],
};
for (const [stem, op] of [["Has", "has"], ["Contains", "contains"], ["StartsWith", "startswith"],
  ["EndsWith", "endswith"], ["Like", "like"]]) {
  COMPARED[stem + "Expression"] = [op, false, false];
  COMPARED["Not" + stem + "Expression"] = [op, true, false];
  COMPARED[stem + "CsExpression"] = [op, false, true];
  COMPARED["Not" + stem + "CsExpression"] = [op, true, true];
}
const MIRRORED = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=" };
const PRESENCE = { isnotempty: false, isnotnull: false, notempty: false, notnull: false, isempty: true, isnull: true };
const RANGES = new Set(["ipv4_is_in_range", "ipv4_is_in_any_range", "ipv6_is_in_range", "ipv6_is_in_any_range", "ipv4_is_match", "ipv6_is_match"]);
const SAME_VALUE = new Set(["tolower", "toupper", "tostring", "trim", "toint", "tolong", "todatetime"]);
const SIGN = {
  AddExpression: "+", SubtractExpression: "-", MultiplyExpression: "*", DivideExpression: "/",
  ModuloExpression: "%", UnaryMinusExpression: "-",
};

function isSource(node) {
  switch (kindOf(node)) {
    case "PipeExpression": case "ToScalarExpression": case "MaterializeExpression":
    case "DataTableExpression": case "ExternalDataExpression": return true;
    case "NameReference": return isTabular(node.ReferencedSymbol);
    case "FunctionCallExpression": return isTabular(node.ResultType);
    default: return false;
  }
}

function isTabular(symbol) {
  return isA(symbol, S.TableSymbol) || (isA(symbol, S.VariableSymbol) && isA(symbol.Type, S.TableSymbol));
}

// The columns below an expression, each once; subqueries, properties and function names left out.
function columnNodes(node, found = new Map()) {
  node = unwrapped(node);
  if (!node || isSource(node)) return found;
  switch (kindOf(node)) {
    case "NameReference": {
      const symbol = node.ReferencedSymbol;
      if (!symbol || isA(symbol, S.ColumnSymbol)) found.set(symbol || node.SimpleName, node);
      return found;
    }
    case "PathExpression": {
      const side = sideOf(node);
      if (side) { found.set(side + node.Selector.SimpleName, node.Selector); return found; }
      return columnNodes(node.Expression, found);
    }
    case "FunctionCallExpression":
      items(node.ArgumentList && node.ArgumentList.Expressions).forEach((part) => columnNodes(part, found));
      return found;
    case "SimpleNamedExpression": return columnNodes(node.Expression, found);
    default:
      children(node).forEach((child) => columnNodes(child, found));
      return found;
  }
}

function sideOf(path) {
  const base = path.Expression;
  if (!base || kindOf(base) !== "NameReference") return null;
  return base.SimpleName === "$left" || base.SimpleName === "$right" ? base.SimpleName : null;
}

function columnNames(node) {
  return [...new Set([...columnNodes(node).values()].map((n) => n.SimpleName))];
}

// Functions around the one column of an expression, outermost first; arithmetic is its sign.
function around(node, target, found = []) {
  node = unwrapped(node);
  if (!node || node === target) return found;
  const kind = kindOf(node);
  if (kind === "FunctionCallExpression") found.push(node.Name.SimpleName.toLowerCase());
  else if (SIGN[kind]) found.push(SIGN[kind]);
  const next = children(node).find((child) => [...columnNodes(child).values()].includes(target));
  return next ? around(next, target, found) : found;
}

// { column, functions, table, table_column, type } of an expression over one column, else null.
function term(node, globals) {
  const found = [...columnNodes(node).values()];
  if (found.length !== 1) return null;
  const origin = tracedTo(found[0].ReferencedSymbol, globals);
  return {
    column: found[0].SimpleName, functions: around(node, found[0]),
    table: origin && origin.table, table_column: origin && origin.column,
    type: typeName(unwrapped(node).ResultType),
  };
}

// The table and column that a column shows unchanged, through renames, joins and projections.
function tracedTo(symbol, globals, depth = 0) {
  if (!isA(symbol, S.ColumnSymbol) || depth > 50) return null;
  const table = globals.GetTable(symbol);
  if (table) return { table: table.Name, column: symbol.Name };
  const before = symbol.OriginalColumns;
  if (before && before.Count) {
    const origins = [];
    for (let i = 0; i < before.Count; i++) origins.push(tracedTo(before.getItem(i), globals, depth + 1));
    const first = origins[0];
    const agree = first && origins.every((o) => o && o.table === first.table && o.column === first.column);
    return agree ? first : null;
  }
  const source = symbol.Source && unwrapped(symbol.Source);
  if (source && kindOf(source) === "NameReference" && source.ReferencedSymbol !== symbol) {
    return tracedTo(source.ReferencedSymbol, globals, depth + 1);
  }
  return null;
}

class Conditions {
  constructor(globals, lets) {
    this.globals = globals;
    this.lets = lets;
  }

  of(node) {
    const inner = unwrapped(node);
    const kind = kindOf(inner);
    if (kind === "AndExpression" || kind === "OrExpression") return this.chain(inner, kind);
    if (COMPARED[kind]) return this.compared(inner, COMPARED[kind]) || opaque(inner);
    if (kind === "HasAllExpression") return this.hasAll(inner) || opaque(inner);
    if (kind === "FunctionCallExpression") return this.called(inner) || opaque(inner);
    if (kind === "StringLiteralExpression") return this.freeText(inner);
    return this.standing(inner) || opaque(inner);
  }

  // `a and b and c` is nested to the left, hundreds deep in real queries: unrolled, not recursed.
  chain(node, kind) {
    const parts = [];
    let left = node;
    while (kindOf(unwrapped(left)) === kind) {
      left = unwrapped(left);
      parts.unshift(left.Right);
      left = left.Left;
    }
    parts.unshift(left);
    const word = kind === "AndExpression" ? "and" : "or";
    const nested = [];
    for (const part of parts) {
      const made = this.of(part);
      if (made.is === word) nested.push(...made.children);
      else nested.push(made);
    }
    const bare = word === "or" && parts.some((part) => kindOf(part) === "AndExpression");
    return { is: word, children: nested, at: place(node), bare };
  }

  compared(node, [op, negated, cased]) {
    let [left, right] = [node.Left, node.Right];
    let ours = op;
    if (MIRRORED[op] && !columnNodes(left).size && columnNodes(right).size) {
      [left, right] = [right, left];
      ours = MIRRORED[op];
    }
    const star = kindOf(unwrapped(left)) === "StarExpression";
    const side = star ? { column: "", functions: [], type: "unknown" } : term(left, this.globals);
    const values = side && this.values(right, ours);
    if (!values) return null;
    return { is: "comparison", ...side, op: ours, values, negated, cased, at: place(node) };
  }

  // Constants on the right side, or another column; null when they cannot be known from the text.
  values(node, op) {
    const kind = kindOf(node);
    if (kind === "ExpressionList") return this.listed(items(node.Expressions), op);
    if (kind === "ExpressionCouple") return this.listed([node.First, node.Second], op);
    return this.listed([node], op);
  }

  listed(nodes, op) {
    const found = [];
    for (const node of nodes) {
      const value = constant(node, this.lets);
      if (value && value.kind === "list") {
        const inner = this.listed(value.value, op);
        if (!inner) return null;
        // A list kept elsewhere, by a let: its values stand there, the use of them here.
        const outside = inner.map((v) => (inside(v.at, place(node)) ? v : { ...v, at: place(node), text: textOf(node) }));
        found.push(...outside);
      } else if (value) {
        found.push({ ...value, value: op === "like" ? wildcards(value.value) : value.value, at: place(node) });
      } else {
        const other = subqueriesIn(node) ? null : term(node, this.globals);
        if (!other || !other.functions.every((name) => SAME_VALUE.has(name))) return null;
        found.push({ kind: "name", value: other.column, at: place(node) });
      }
    }
    return found;
  }

  hasAll(node) {
    const side = term(node.Left, this.globals);
    const values = side && this.values(node.Right, "has");
    if (!values || !values.length) return null;
    const at = place(node);
    const each = values.map((value) => ({
      is: "comparison", ...side, op: "has", values: [value], negated: false, cased: false, at,
    }));
    return each.length === 1 ? each[0] : { is: "and", children: each, at };
  }

  called(node) {
    const name = node.Name.SimpleName.toLowerCase();
    const parts = items(node.ArgumentList && node.ArgumentList.Expressions);
    if (name === "not" && parts.length === 1) return { is: "not", child: this.of(parts[0]), at: place(node) };
    if (name in PRESENCE && parts.length === 1) {
      const side = term(parts[0], this.globals);
      return side && this.comparison(node, side, "exists", [], PRESENCE[name]);
    }
    if (RANGES.has(name) && parts.length > 1) {
      const side = term(parts[0], this.globals);
      const values = side && this.listed(parts.slice(1), "cidr");
      return values && values.every((v) => v.kind === "string") ? this.comparison(node, side, "cidr", values, false) : null;
    }
    return this.standing(node);
  }

  // A boolean column or expression by itself.
  standing(node) {
    const side = subqueriesIn(node) ? null : term(node, this.globals);
    return side && this.comparison(node, side, "true", [], false);
  }

  freeText(node) {
    const value = { ...literalValue(node), at: place(node) };
    const side = { column: "", functions: [], type: "unknown" };
    return { ...this.comparison(node, side, "has", [value], false), cased: false };
  }

  comparison(node, side, op, values, negated) {
    return { is: "comparison", ...side, op, values, negated, cased: true, at: place(node) };
  }
}

function opaque(node) {
  return { is: "opaque", columns: columnNames(node), at: place(node) };
}

function inside(inner, outer) {
  return inner[0] >= outer[0] && inner[1] <= outer[1];
}

function wildcards(value) {
  return typeof value === "string" ? value.replace(/%/g, "*").replace(/_/g, "?") : value;
}

function subqueriesIn(node) {
  let found = false;
  visit(node, (inner) => { found = found || isSource(inner); });
  return found;
}
