/** What is wrong with a value of `--rate-limits` that was read from JSON, or undefined. Source: RateLimits of mesos.proto, Mesos' docs/framework-rate-limiting.md. */
export function rateLimitsProblem(value: unknown): string | undefined {
  if (!isObject(value)) return "it is not an object";
  const { limits = [], aggregate_default_qps: qps, aggregate_default_capacity: capacity, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `it knows no '${unknown}'`;
  if (!Array.isArray(limits)) return "'limits' is not a list";
  return rateProblem(qps, capacity) ?? limitsProblem(limits);
}

function limitsProblem(limits: readonly unknown[]): string | undefined {
  const principals = new Set<unknown>();
  for (const limit of limits) {
    if (!isObject(limit) || typeof limit["principal"] !== "string") return "a limit has no 'principal'";
    const { principal, qps, capacity } = limit;
    if (principals.has(principal)) return `'${principal}' is limited twice`;
    principals.add(principal);
    const problem = rateProblem(qps, capacity);
    if (problem !== undefined) return `of '${principal}', ${problem}`;
  }
  return undefined;
}

function rateProblem(qps: unknown, capacity: unknown): string | undefined {
  if (qps !== undefined && !(typeof qps === "number" && qps > 0 && Number.isFinite(qps)))
    return "the qps is not a number above 0";
  if (capacity !== undefined && !(Number.isInteger(capacity) && (capacity as number) >= 0))
    return "the capacity is not a whole number";
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
