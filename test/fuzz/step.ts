/** One request, as a client would write it. */
export interface Asking {
  readonly do: "ask";
  /** Which of several servers of a daemon; its first where nothing is said. */
  readonly server?: string;
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The client goes away before it can be answered. */
  readonly leaves?: true;
}

export function getOf(target: string): Asking {
  return { do: "ask", method: "GET", target, headers: {}, body: new Uint8Array(0) };
}

/** A POST of JSON as it should be. */
export function postOf(target: string, body: object, headers: Readonly<Record<string, string>> = {}): Asking {
  const type = { "content-type": "application/json" };
  return {
    do: "ask",
    method: "POST",
    target,
    headers: { ...type, ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** Bytes on a connection of their own, each part a write, in latin1. */
export interface Sending {
  readonly do: "send";
  readonly parts: readonly string[];
  /** What the client does then: it says no more, breaks the connection, or waits for a moment. */
  readonly ends: "end" | "reset" | "wait";
}

/** What is done to a daemon: a request, the end of one of the streams that are open, time, or something that its neighbours do. */
export type Step =
  | Asking
  | Sending
  | { readonly do: "close"; readonly stream: number }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "act"; readonly act: unknown };

/** Steps as they are kept in a file. */
export interface Kept {
  readonly target: string;
  /** What was found with it, for people. */
  readonly found: string;
  readonly steps: readonly object[];
}

export function toKept(target: string, found: string, steps: readonly Step[]): Kept {
  return { target, found, steps: steps.map((step) => (step.do === "ask" ? { ...step, ...bodyOut(step.body) } : step)) };
}

export function stepsOf({ steps }: Kept): Step[] {
  return steps.map((step) => {
    const { text, base64, ...rest } = step as { do: string; text?: string; base64?: string };
    if (rest.do !== "ask") return rest as unknown as Step;
    const body = base64 === undefined ? new TextEncoder().encode(text ?? "") : Buffer.from(base64, "base64");
    return { ...rest, body: new Uint8Array(body) } as unknown as Step;
  });
}

/** Text where it is text, so that people can read it. */
function bodyOut(body: Uint8Array): { body: undefined; text: string } | { body: undefined; base64: string } {
  const text = new TextDecoder().decode(body);
  const isText = Buffer.from(text).equals(body) && !text.startsWith("\ufeff");
  return isText ? { body: undefined, text } : { body: undefined, base64: Buffer.from(body).toString("base64") };
}
