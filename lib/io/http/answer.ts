/** One whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent with its length. */
  readonly body?: string | Uint8Array | undefined;
  /** Instead of a body: pieces that are asked for as the peer takes them, so that a large answer never waits in memory. */
  readonly pieces?: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array> | undefined;
}

/** A sentence for people, as Mesos sends its refusals. */
export function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...headers, "Content-Type": "text/plain; charset=utf-8" }, body: text };
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}

/** An answer of pieces: sent whole where it is one, else as the peer takes them, each made when it is asked for. */
export function piecesAnswer(status: number, headers: Answer["headers"], pieces: Iterable<string>): Answer {
  const rest = pieces[Symbol.iterator]();
  const first = rest.next();
  const second = rest.next();
  if (second.done === true) return { status, headers, body: first.value ?? "" };
  return { status, headers, pieces: put(first.value, second.value, rest) };
}

function* put(first: string, second: string, rest: Iterator<string>): Generator<string> {
  yield first;
  yield second;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

/** 202: the call was taken; it has no body and no type. */
export const accepted: Answer = { status: 202 };

export const notFound: Answer = textAnswer(404, "404 Not Found.");

export const notImplemented: Answer = textAnswer(501, "501 Not Implemented.");

export function methodNotAllowed(expected: readonly string[], received: string): Answer {
  const names = expected.map((method) => `'${method}'`).join(", ");
  const text = `405 Method Not Allowed. Expecting one of { ${names} }, but received '${received}'.`;
  return textAnswer(405, text, { Allow: expected.join(", ") });
}
