// Values of secrets (mesos.v1 Secret) in messages of any type: they are told to whoever runs a task, and written down by nobody.

/** The message with empty values, and the values in the order in which they stand in it. The message itself when there are none. */
export function withoutSecrets<T>(message: T): { readonly message: T; readonly values: readonly string[] } {
  const values: string[] = [];
  const bare = walk(message, (data) => {
    values.push(data);
    return "";
  }) as T;
  return { message: values.length > 0 ? bare : message, values };
}

/** Puts them back. A value that is not there any more stays empty. */
export function withSecrets<T>(message: T, values: readonly string[]): T {
  let next = 0;
  return walk(message, () => values[next++] ?? "") as T;
}

/** Whether a message as JSON may hold one: a quick look, that is never wrong when it says no. */
export function maySecretsBeIn(json: string): boolean {
  return json.includes('"value":{"data":');
}

// No other message than Secret has a `value` with nothing but `data`.
function walk(part: unknown, exchange: (data: string) => string): unknown {
  if (Array.isArray(part)) return part.map((one) => walk(one, exchange));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => {
      const data = name === "value" ? dataOf(value) : undefined;
      return [name, data === undefined ? walk(value, exchange) : { data: exchange(data) }];
    }),
  );
}

function dataOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return undefined;
  const { data } = value as { data?: unknown };
  return typeof data === "string" ? data : undefined;
}
