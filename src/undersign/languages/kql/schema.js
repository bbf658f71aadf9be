// What a query may name: a workspace's tables as Kusto symbols, made once and only as they are
// named; and functions that Sentinel and Defender add to Kusto, with results nobody here can know.

const KUSTO_TYPE = {
  string: "string", long: "long", double: "real", boolean: "bool", timestamp: "datetime",
  timespan: "timespan", dynamic: "dynamic", list: "dynamic",
};
const OUR_TYPE = {
  string: "string", guid: "string", int: "long", long: "long", real: "double", decimal: "double",
  bool: "boolean", datetime: "timestamp", timespan: "timespan", dynamic: "dynamic",
};
// The ASIM parsers, and what the two products document beside Kusto's own functions.
const ADDED_TABULAR = /^(_Im_|_ASim_|_GetWatchlist|im[A-Z]|vim[A-Z]|ASim[A-Z])\w*$/;
const ADDED = new Set(["FileProfile", "DeviceFromIP", "SeenBy", "AssignedIPAddresses"]);
const ELSEWHERE = new Set(["workspace", "app", "resource", "adx", "arg"]); // ("name").Table
const EVERY_TABLE_UP_TO = 300;

const schemas = new Map(); // key of a Visible -> { declared, symbols, globals }

function declare(key, tables) {
  schemas.set(key, { declared: tables, symbols: new Map(), globals: new Map() });
  return Object.keys(tables).length;
}

function forget(key) {
  return schemas.delete(key);
}

function typeSymbol(type) {
  return KUSTO_TYPE[type] ? S.ScalarTypes.GetSymbol(KUSTO_TYPE[type]) : S.ScalarTypes.Unknown;
}

function tableSymbol(schema, name) {
  let table = schema.symbols.get(name);
  if (!table) {
    const columns = schema.declared[name].map(([column, type]) => columnSymbol(column, typeSymbol(type)));
    table = new S.TableSymbol.$ctor4(name, columns);
    schema.symbols.set(name, table);
  }
  return table;
}

function columnSymbol(name, type) {
  return new S.ColumnSymbol(name, type, null, null, null, null);
}

function openTable(name) {
  return new S.TableSymbol.$ctor4(name, []).WithIsOpen(true);
}

const anyArguments = () => [
  new S.Parameter.ctor("argument", S.ParameterTypeKind.Any, 0, null, null, false, null, 0, 64, null, null),
];

// The names a query uses, by their place in the tree: sources, functions, and patterns like `Sign*`.
function namesIn(root) {
  const found = { sources: new Set(), functions: new Set(), patterns: new Set() };
  visit(root, (node) => {
    const kind = kindOf(node);
    if (kind === "FunctionCallExpression") {
      const called = node.Name.SimpleName;
      found.functions.add(called);
      if (called === "table") visit(node.ArgumentList, (inner) => {
        if (kindOf(inner) === "StringLiteralExpression") found.sources.add(inner.LiteralValue);
      });
    } else if (kind === "NameReference") {
      const name = node.Name;
      if (/Wildcarded/.test(kindOf(name))) found.patterns.add(textOf(name).replace(/^\[["']|["']\]$/g, ""));
      else found.sources.add(node.SimpleName);
    } else if (kind === "StarExpression" || (kind === "SearchOperator" && !node.InClause)
      || (kind === "FindOperator" && !node.InClause)) found.patterns.add("*");
  });
  return found;
}

// Names that stand where only a table can stand; everything else may as well be a column.
function sourceNames(root) {
  const found = new Set();
  const add = (node) => {
    if (!node) return;
    const kind = kindOf(node);
    if (kind === "NameReference") found.add(node.SimpleName);
    else if (kind === "ParenthesizedExpression" || kind === "PipeExpression") add(node.Expression);
  };
  visit(root, (node) => {
    switch (kindOf(node)) {
      case "PipeExpression": case "ExpressionStatement": case "JoinOperator": case "LookupOperator":
      case "ToScalarExpression": case "MaterializeExpression": add(node.Expression); break;
      case "UnionOperator": items(node.Expressions).forEach(add); break;
      case "FindInClause": items(node.Expressions).forEach(add); break;
    }
  });
  return found;
}

// Globals for one query. With a schema only its tables are known; without one every source is an
// open table, so that names can be followed but never missed.
function globalsFor(root, key) {
  const names = namesIn(root);
  const added = [...new Set([...names.functions, ...names.sources])].filter((n) => ADDED_TABULAR.test(n)
    || (names.functions.has(n) && (ADDED.has(n) || ELSEWHERE.has(n))));
  const schema = key === null ? null : schemas.get(key);
  let tables;
  if (schema) tables = visibleNames(schema, names);
  else tables = [...sourceNames(root)].filter((n) => !added.includes(n));
  const cacheKey = JSON.stringify([tables, added]);
  if (schema && schema.globals.has(cacheKey)) return schema.globals.get(cacheKey);
  const members = tables.map((n) => (schema ? tableSymbol(schema, n) : openTable(n)));
  if (schema && names.patterns.has("*") && !tables.length) members.push(openTable("any"));
  for (const name of added) {
    const result = ELSEWHERE.has(name) ? new S.DatabaseSymbol.$ctor1(name, [], true) : openTable(name);
    members.push(new S.FunctionSymbol.$ctor5(name, result, anyArguments()));
  }
  const globals = K.GlobalState.Default.WithDatabase(new S.DatabaseSymbol.ctor("workspace", members));
  if (schema) {
    if (schema.globals.size > 200) schema.globals.clear();
    schema.globals.set(cacheKey, globals);
  }
  return globals;
}

function visibleNames(schema, names) {
  const known = Object.keys(schema.declared);
  const wanted = known.filter((n) => names.sources.has(n));
  for (const pattern of names.patterns) {
    const like = new RegExp("^" + pattern.split("*").map(escapeRegExp).join(".*") + "$");
    const matching = known.filter((n) => like.test(n));
    if (pattern !== "*" || matching.length <= EVERY_TABLE_UP_TO) wanted.push(...matching);
  }
  return [...new Set(wanted)].sort();
}

function escapeRegExp(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
