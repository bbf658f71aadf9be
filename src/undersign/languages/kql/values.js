// Constants: what an expression is worth without any row. Times before now stay relative.
// A value is { kind, value }, `kind` as in records/query.py, or { kind: "list", value: [node...] }.

const SECONDS = {
  d: 86400, day: 86400, days: 86400, h: 3600, hr: 3600, hrs: 3600, hour: 3600, hours: 3600,
  m: 60, min: 60, minute: 60, minutes: 60, s: 1, sec: 1, second: 1, seconds: 1,
  ms: 1e-3, milli: 1e-3, millis: 1e-3, millisecond: 1e-3, milliseconds: 1e-3,
  microsecond: 1e-6, microseconds: 1e-6, tick: 1e-7, ticks: 1e-7,
};
const PART = { day: 86400, hour: 3600, minute: 60, second: 1, week: 604800, millisecond: 1e-3 };

function timespanSeconds(text) {
  const inner = text.trim().replace(/^(?:timespan|time)\s*\(\s*(.*?)\s*\)$/s, "$1").replace(/^["']|["']$/g, "");
  let match = /^(-?\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(inner);
  if (match && SECONDS[match[2].toLowerCase()]) return Number(match[1]) * SECONDS[match[2].toLowerCase()];
  if (/^-?\d+$/.test(inner)) return Number(inner) * 86400;
  match = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$/.exec(inner);
  if (!match) return null;
  const seconds = Number(match[2] || 0) * 86400 + match[3] * 3600 + match[4] * 60 + Number(match[5] || 0);
  return match[1] ? -seconds : seconds;
}

// RFC 3339 UTC of what stands inside datetime(...); null when it is no date written out.
function instant(text) {
  const inner = text.trim().replace(/^(?:datetime|date)\s*\(\s*(.*?)\s*\)$/s, "$1").replace(/^["']|["']$/g, "");
  const match = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?)?$/i.exec(inner);
  if (!match) return null;
  const [, year, month = 1, day = 1, hour = 0, minute = 0, second = 0, fraction = "", zone = "Z"] = match;
  let when = Date.UTC(year, month - 1, day, hour, minute, second);
  const offset = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (offset) when -= (offset[1] === "-" ? -1 : 1) * (offset[2] * 60 + Number(offset[3])) * 60000;
  return Number.isNaN(when) ? null : new Date(when).toISOString().replace(/\.000Z$/, fraction + "Z");
}

function literalValue(node) {
  const text = textOf(node).trim();
  if (/\(\s*null\s*\)$/i.test(text)) return { kind: "null", value: null };
  switch (kindOf(node)) {
    case "StringLiteralExpression": case "CompoundStringLiteralExpression": case "GuidLiteralExpression":
      return { kind: "string", value: String(node.LiteralValue) };
    case "LongLiteralExpression": case "IntLiteralExpression":
      return { kind: "long", value: Number(node.LiteralValue) };
    case "RealLiteralExpression": case "DecimalLiteralExpression":
      return { kind: "double", value: Number(node.LiteralValue) };
    case "BooleanLiteralExpression": return { kind: "boolean", value: /true|1/i.test(text) };
    case "TimespanLiteralExpression": return known("timespan", timespanSeconds(text));
    case "DateTimeLiteralExpression": return known("timestamp", instant(text));
    case "NullLiteralExpression": return { kind: "null", value: null };
    default: return null;
  }
}

function known(kind, value) {
  return value === null || value === undefined || Number.isNaN(value) ? null : { kind, value };
}

// `lets` ties the symbol of each let statement to its expression.
function constant(node, lets, depth = 0) {
  node = unwrapped(node);
  if (!node || depth > 20) return null;
  const kind = kindOf(node);
  const inner = (part) => constant(part, lets, depth + 1);
  if (/LiteralExpression$/.test(kind)) return literalValue(node);
  switch (kind) {
    case "UnaryMinusExpression": return negative(inner(node.Expression));
    case "UnaryPlusExpression": return inner(node.Expression);
    case "NameReference": {
      const bound = lets.get(node.ReferencedSymbol);
      return bound ? inner(bound) : null;
    }
    case "DynamicExpression": return dynamicValue(node.Expression, inner);
    case "AddExpression": case "SubtractExpression": case "MultiplyExpression": case "DivideExpression":
      return computed(kind, inner(node.Left), inner(node.Right));
    case "FunctionCallExpression": return callValue(node, inner);
    default: return null;
  }
}

function negative(value) {
  return value && typeof value.value === "number" && value.kind !== "ago"
    ? { kind: value.kind, value: -value.value } : null;
}

function dynamicValue(node, inner) {
  if (node && kindOf(node) === "JsonArrayExpression") return { kind: "list", value: items(node.Values) };
  return inner(node);
}

function computed(kind, left, right) {
  if (!left || !right || typeof left.value !== "number" || typeof right.value !== "number") return null;
  const timeless = left.kind !== "ago" && right.kind !== "ago";
  if (kind === "MultiplyExpression" && timeless) {
    return { kind: left.kind === "timespan" ? left.kind : right.kind, value: left.value * right.value };
  }
  if (kind === "DivideExpression" && timeless && right.value) {
    return right.kind === "timespan"
      ? { kind: "double", value: left.value / right.value }
      : { kind: left.kind, value: left.value / right.value };
  }
  const sign = kind === "AddExpression" ? 1 : kind === "SubtractExpression" ? -1 : 0;
  if (!sign) return null;
  // `ago` counts backwards from now.
  if (left.kind === "ago" && right.kind === "timespan") {
    return { kind: "ago", value: left.value - sign * right.value, rounded: left.rounded };
  }
  if (left.kind === "ago" && right.kind === "ago" && sign < 0) {
    return { kind: "timespan", value: right.value - left.value };
  }
  return timeless ? { kind: left.kind, value: left.value + sign * right.value } : null;
}

const ROUNDING = /^(startof|endof)(day|week|month|year)$/;
const LOOKS_THROUGH = new Set([
  "materialize", "toint", "tolong", "todouble", "toreal", "totimespan", "dynamic", "real", "long", "int",
]);

function callValue(node, inner) {
  const name = node.Name.SimpleName.toLowerCase();
  const parts = items(node.ArgumentList && node.ArgumentList.Expressions);
  const first = parts.length ? inner(parts[0]) : null;
  if (name === "datetime_add") return addedTime(parts.map(inner));
  if (name === "now") return parts.length ? shifted(0, first) : { kind: "ago", value: 0 };
  if (name === "ago") return first && first.kind === "timespan" ? { kind: "ago", value: first.value } : null;
  if (name === "pack_array") return { kind: "list", value: parts };
  if (ROUNDING.test(name) || name === "bin" || name === "floor") {
    return first && first.kind === "ago" && parts.length <= 2 ? { ...first, rounded: name } : null;
  }
  if (LOOKS_THROUGH.has(name) && parts.length === 1) return first;
  if (!first) return null;
  if (name === "tostring") return { kind: "string", value: String(first.value) };
  return first.kind === "string" ? stringCall(name, first.value) : null;
}

function shifted(seconds, by) {
  return by && by.kind === "timespan" ? { kind: "ago", value: seconds - by.value } : null;
}

function stringCall(name, text) {
  switch (name) {
    case "tolower": return { kind: "string", value: text.toLowerCase() };
    case "toupper": return { kind: "string", value: text.toUpperCase() };
    case "todatetime": return known("timestamp", instant(text));
    case "time": case "timespan": return known("timespan", timespanSeconds(text));
    default: return null;
  }
}

// datetime_add('day', -7, now()) and its kin, which name the unit in words.
function addedTime([unit, count, base]) {
  if (!unit || !count || !base || base.kind !== "ago" || !PART[unit.value]) return null;
  return { kind: "ago", value: base.value - count.value * PART[unit.value], rounded: base.rounded };
}
