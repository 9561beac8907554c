import type { Answer } from "./answer.ts";
import type { EventStream } from "./event-stream.ts";

/** Names in lower case; a header that came several times is one text joined by commas, `set-cookie` apart. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What is known before the body is read; enough to decide who asks. */
export interface RequestHead {
  readonly method: string;
  /** Decoded, without the query, without empty segments: "/api/v1", "/slave(1)/state", "/" for the root. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The peer's address. */
  readonly peer: string;
}

export interface Request extends RequestHead {
  /** The whole body, inflated if it came compressed; empty when `incoming` is there. */
  readonly body: Uint8Array;
  /** The body in blocks, when it is so large that reading it here would keep everybody else waiting: whoever takes them has them alone, and `body` is no more. */
  readonly large?: LargeBody | undefined;
  /** How many bytes were sent, where `body` is another form of them. */
  readonly sentBytes?: number;
  /**
   * The body as it comes, when its Content-Type is application/recordio: such a body may last for hours. It comes no faster
   * than it is read, and throws when the peer goes away in the middle; who stops reading may still answer.
   */
  readonly incoming: AsyncIterable<Uint8Array> | undefined;
  /** Who asks, as `admit` said. */
  readonly principal: string | undefined;
}

export interface LargeBody {
  readonly length: number;
  blocks(): Uint8Array[];
}

/** How a request is answered: once, at once or later. What comes after the first `answer` or `open` is ignored. */
export interface Reply {
  answer(answer: Answer): void;
  /** Sends the head of a 200 with these headers, and keeps the connection for events. */
  open(headers?: Readonly<Record<string, string>>): EventStream;
  /** The peer has gone before it was answered, or while it was. */
  readonly gone: boolean;
  onGone(callback: () => void): void;
}

/** Answers by returning an answer, or by keeping `reply` and using it later. */
export type Handler = (request: Request, reply: Reply) => Answer | undefined | Promise<Answer | undefined>;

/** Every request passes here before its body is read: who asks, or why he is refused. */
export type Admit = (head: RequestHead) => { principal: string | undefined } | { refusal: Answer };

/** What every answer goes through at last, those of the server itself too: with the headers of its request. */
export type Dress = (answer: Answer, asked: Headers) => Answer;

/** Whoever reaches the port may do everything; it listens on loopback only. */
export const admitEveryone: Admit = () => ({ principal: undefined });
