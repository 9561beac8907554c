import { connect, type Socket } from "node:net";

/** What is asked of a part. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One connection to a part on this machine, for one request at a time: the load is to cost little beside what it loads. `ask` resolves to undefined when the
 * connection ends before the answer is whole: whoever asked does not know then what became of it.
 */
export class Lane {
  readonly #socket: Socket;
  #received: Buffer = EMPTY;
  #answered: ((answer: Answer | undefined) => void) | undefined;
  #isOver = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (bytes) => this.#receive(bytes as Buffer));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.#end());
  }

  ask({ method, path, body }: Request): Promise<Answer | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    const text = body === undefined ? "" : JSON.stringify(body);
    const type = body === undefined ? "" : "content-type: application/json\r\n";
    this.#socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n${type}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
    this.#end();
  }

  #receive(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const head = this.#received.indexOf("\r\n\r\n");
    if (head < 0) return;
    const lines = this.#received.toString("latin1", 0, head);
    const from = head + 4;
    const to = from + Number(/^content-length: *(\d+)/im.exec(lines)?.[1] ?? 0);
    if (this.#received.length < to) return;
    const body = this.#received.toString("utf8", from, to);
    this.#received = EMPTY;
    this.#settle({ status: Number(lines.slice(9, 12)), body });
  }

  #end(): void {
    this.#isOver = true;
    this.#settle(undefined);
  }

  #settle(answer: Answer | undefined): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(answer);
  }
}

const EMPTY = Buffer.alloc(0);
