import { type Symbols, symbolPattern } from "./symbols.ts";

/** One place where an answer is not what was recorded. `field` is a path, with `[]`, or `[its name]`, for an item of a list. */
export interface Difference {
  readonly field: string;
  /** undefined: Mesos has no such field. */
  readonly mesos: unknown;
  /** undefined: Meseta has no such field. */
  readonly meseta: unknown;
}

/**
 * Compares a recorded value with an answer: the same fields, the same values but where a symbol stands. Lists of objects are
 * compared without order, since Mesos walks hash maps.
 */
export function compare(mesos: unknown, meseta: unknown, symbols: Symbols, field = ""): Difference[] {
  if (typeof mesos === "string")
    return symbols.matches(mesos, meseta) ? [] : [{ field, mesos: symbols.fill(mesos), meseta }];
  if (Array.isArray(mesos) && Array.isArray(meseta)) return compareLists(mesos, meseta, symbols, `${field}[]`);
  if (isObject(mesos) && isObject(meseta)) return compareObjects(mesos, meseta, symbols, field);
  return Object.is(mesos, meseta) ? [] : [{ field, mesos, meseta }];
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compareObjects(mesos: Fields, meseta: Fields, symbols: Symbols, field: string): Difference[] {
  const differences: Difference[] = [];
  const here = new Map(Object.entries(mesos).map(([key, value]) => [keyHere(key, meseta, symbols), value]));
  // Ids first: they bind the symbols by which the rest is told apart.
  for (const key of [...here.keys()].sort((a, b) => rank(a) - rank(b))) {
    const at = field === "" ? key : `${field}.${key}`;
    if (!(key in meseta)) differences.push({ field: at, mesos: here.get(key), meseta: undefined });
    else differences.push(...compare(here.get(key), meseta[key], symbols, at));
  }
  for (const key of Object.keys(meseta))
    if (!here.has(key))
      differences.push({ field: field === "" ? key : `${field}.${key}`, mesos: undefined, meseta: meseta[key] });
  return differences;
}

function rank(key: string): number {
  return key === "id" || key === "task_id" || key === "framework_id" || key === "agent_id" ? 0 : 1;
}

/** Names of metrics hold ids too. */
function keyHere(key: string, meseta: Fields, symbols: Symbols): string {
  if (!symbolPattern().test(key)) return key;
  const filled = symbols.fill(key);
  return filled in meseta
    ? filled
    : (Object.keys(meseta).find((other) => symbols.fork().matches(key, other)) ?? filled);
}

/** Pairs each recorded item with the answer's most similar one. */
function compareLists(mesos: unknown[], meseta: unknown[], symbols: Symbols, field: string): Difference[] {
  if (!mesos.every(isObject)) return compareInOrder(mesos, meseta, symbols, field);
  const differences: Difference[] = [];
  const rest = [...meseta];
  const unpaired: unknown[] = [];
  for (const item of mesos) {
    const at = mostSimilar(item, rest, symbols);
    if (at < 0) unpaired.push(item);
    else differences.push(...compare(item, rest.splice(at, 1)[0], symbols, named(field, item)));
  }
  for (const item of unpaired) differences.push({ field: named(field, item), mesos: item, meseta: undefined });
  for (const item of rest) differences.push({ field: named(field, item), mesos: undefined, meseta: item });
  return differences;
}

/** `metrics[uptime_secs]`: a list whose items have names reads like a map. */
function named(field: string, item: unknown): string {
  const name = isObject(item) ? item["name"] : undefined;
  return typeof name === "string" ? `${field.slice(0, -2)}[${name}]` : field;
}

function compareInOrder(mesos: unknown[], meseta: unknown[], symbols: Symbols, field: string): Difference[] {
  if (mesos.length !== meseta.length) return [{ field, mesos, meseta }];
  return mesos.flatMap((item, i) => compare(item, meseta[i], symbols, field));
}

function mostSimilar(item: unknown, candidates: unknown[], symbols: Symbols): number {
  let best = -1;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [i, candidate] of candidates.entries()) {
    if (!sameName(item, candidate, symbols)) continue;
    const count = compare(item, candidate, symbols.fork()).length;
    if (count >= fewest) continue;
    best = i;
    fewest = count;
    if (count === 0) break;
  }
  return best;
}

/** Items that say who they are are only compared with their own kind. */
const NAMING = ["name", "id", "task_id", "framework_id", "executor_id", "role", "path", "type", "state"];

function sameName(item: unknown, candidate: unknown, symbols: Symbols): boolean {
  if (!isObject(item) || !isObject(candidate)) return true;
  return NAMING.every((key) => !(key in item) || compare(item[key], candidate[key], symbols.fork()).length === 0);
}
