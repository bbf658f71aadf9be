// Small tools over Kusto's syntax tree. Places are [start, end) in UTF-16 units of the text.

const K = Kusto.Language, S = K.Symbols;
const KIND = {};
for (const [name, number] of Object.entries(K.Syntax.SyntaxKind)) {
  if (typeof number === "number") KIND[number] = name;
}

function kindOf(node) {
  return KIND[node.Kind] || "";
}

// Children that are nodes, not tokens.
function children(node) {
  const found = [];
  for (let i = 0; i < node.ChildCount; i++) {
    const child = node.GetChild(i);
    if (child && child.ChildCount) found.push(child);
  }
  return found;
}

function visit(node, see) {
  see(node);
  for (let i = 0; i < node.ChildCount; i++) {
    const child = node.GetChild(i);
    if (child && child.ChildCount) visit(child, see);
  }
}

// The elements of a list, separators left out.
function items(list) {
  const found = [];
  if (!list) return found;
  for (let i = 0; i < list.ChildCount; i++) {
    const child = list.GetChild(i);
    if (child) found.push(kindOf(child) === "SeparatedElement" ? child.GetChild(0) : child);
  }
  return found;
}

function place(node) {
  const start = node.TextStart;
  return [start, Math.max(start, node.End)];
}

// The text being read: a slice of it is far cheaper than the service's own way to print a node.
let source = "";

function textOf(node) {
  return source.slice(...place(node));
}

function isA(symbol, kind) {
  return Boolean(symbol) && Bridge.is(symbol, kind);
}

function unwrapped(node) {
  while (node && kindOf(node) === "ParenthesizedExpression") node = node.Expression;
  return node;
}

function columnsOf(type) {
  if (!isA(type, S.TableSymbol) || type.IsOpen || !type.Columns) return null;
  const found = [];
  for (let i = 0; i < type.Columns.Count; i++) {
    const column = type.Columns.getItem(i);
    found.push([column.Name, typeName(column.Type)]);
  }
  return found;
}

function typeName(type) {
  return (type && OUR_TYPE[type.Name]) || (isA(type, S.DynamicSymbol) ? "dynamic" : "unknown");
}
