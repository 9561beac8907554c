/** Stops the process on a bug: a broken invariant must never be served. Refusals of input are values, not asserts. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For the impossible branch of an exhaustive `switch`. */
export function unreachable(value: never): never {
  throw new AssertionError(`impossible value ${JSON.stringify(value)}`);
}

export class AssertionError extends Error {
  override name = "AssertionError";
}
