import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { urlToHttpOptions } from "node:url";
import { type CallAnswer, CallFailed } from "@meseta/lib/core/ports/transport.ts";
import { LOOP_BOUNDS } from "../../core/bounds.ts";
import { Answers } from "./answers.ts";
import { type ClientBounds, defaultClientBounds, type Outgoing } from "./client.ts";

/** More do not wait for their answers on the connection: the others are not yet sent. */
const MOST_SENT = LOOP_BOUNDS.sentCalls.most;

/** A server closes a connection that rests for some seconds; what was sent just then would be lost. */
const LONGEST_IDLE_MS = 2_000;

interface Sending {
  readonly outgoing: Outgoing;
  readonly head: string;
  resolve(answer: CallAnswer): void;
  reject(error: CallFailed): void;
  /** Whether it may be sent once more when the connection breaks. */
  mayRepeat: boolean;
}

/**
 * One connection on which requests follow one another without waiting for answers, many in one write, as Mesos' own scheduler library sends its calls: a request on a connection
 * of Node's client costs as much as twenty here. Nobody knows what became of those that were under way on a connection that broke: where they may be done twice, they are sent once more.
 */
export class Pipeline {
  readonly #mayRepeat: boolean;
  readonly #answerTimeoutMs: number;
  #line: Line | undefined;

  /** `mayRepeat`: nothing is wrong with a request that is carried out twice. */
  constructor(mayRepeat: boolean, bounds: Partial<Pick<ClientBounds, "answerTimeoutMs">> = {}) {
    this.#mayRepeat = mayRepeat;
    this.#answerTimeoutMs = bounds.answerTimeoutMs ?? defaultClientBounds.answerTimeoutMs;
  }

  /** Sends a request and reads its whole answer. Rejects with {@link CallFailed}. Redirects are not followed. */
  exchange(outgoing: Outgoing): Promise<CallAnswer> {
    const { origin } = originOf(outgoing.url);
    if (this.#line?.origin !== origin) {
      this.#line?.retire();
      this.#line = new Line(origin, this.#answerTimeoutMs);
    }
    const line = this.#line;
    return new Promise((resolve, reject) =>
      line.add({ outgoing, head: headOf(outgoing), resolve, reject, mayRepeat: this.#mayRepeat }),
    );
  }

  close(): void {
    this.#line?.close();
    this.#line = undefined;
  }
}

/** The requests to one server. */
class Line {
  readonly origin: string;
  readonly #answerTimeoutMs: number;
  #waiting: Sending[] = [];
  #sent: Sending[] = [];
  #socket: Socket | undefined;
  #answers = new Answers();
  #isOpen = false;
  #hasAnswered = false;
  #isFlushing = false;
  #isRetired = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(origin: string, answerTimeoutMs: number) {
    this.origin = origin;
    this.#answerTimeoutMs = answerTimeoutMs;
  }

  add(sending: Sending): void {
    this.#waiting.push(sending);
    this.#flushSoon();
  }

  /** Nothing more is added; it closes with the last answer. */
  retire(): void {
    this.#isRetired = true;
    this.#rest();
  }

  close(): void {
    this.#isRetired = true;
    const all = [...this.#sent.splice(0), ...this.#waiting.splice(0)];
    clearTimeout(this.#timer);
    this.#socket?.destroy();
    this.#socket = undefined;
    for (const one of all) one.reject(failed(one, new Error("the connection is closed"), false));
  }

  // What is sent in one turn of the loop goes in one write.
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#waiting.length === 0 || this.#sent.length >= MOST_SENT) return;
    const socket = (this.#socket ??= this.#connect());
    if (!this.#isOpen) return;
    const now = this.#waiting.splice(0, MOST_SENT - this.#sent.length);
    if (this.#sent.length === 0) this.#watch(socket);
    this.#sent.push(...now);
    write(socket, now);
  }

  #connect(): Socket {
    const { host, port } = originOf(this.origin);
    const socket = connect({ host, port, noDelay: true });
    const timer = setTimeout(() => this.#end(socket, new Error("no connection in time")), this.#answerTimeoutMs);
    let reason: Error | undefined;
    socket.once("connect", () => {
      clearTimeout(timer);
      this.#isOpen = true;
      this.#flush();
    });
    socket.on("data", (bytes: Buffer) => this.#receive(socket, bytes));
    socket.on("error", (error) => (reason = error));
    socket.once("close", () => {
      clearTimeout(timer);
      this.#end(socket, reason);
    });
    return socket;
  }

  #receive(socket: Socket, bytes: Uint8Array): void {
    try {
      for (const answer of this.#answers.push(bytes)) this.#answered(answer);
    } catch (error) {
      return this.#end(socket, error as Error);
    }
    if (this.#answers.isLast) return this.#end(socket);
    if (this.#sent.length > 0) this.#timer?.refresh();
    this.#flush();
    this.#rest();
  }

  #answered(answer: CallAnswer): void {
    const first = this.#sent.shift();
    if (first === undefined) throw new Error("the server answers what was not asked");
    this.#hasAnswered = true;
    first.resolve(answer);
  }

  /** The oldest has so long to be answered. A connection on which nothing is under way keeps no process alive. */
  #watch(socket: Socket): void {
    socket.ref();
    const tooLate = () => this.#end(socket, new Error(`no answer within ${this.#answerTimeoutMs} ms`));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(tooLate, this.#answerTimeoutMs);
  }

  #rest(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#sent.length > 0 || this.#waiting.length > 0) return;
    clearTimeout(this.#timer);
    if (this.#isRetired) return this.#end(socket);
    socket.unref();
    this.#timer = setTimeout(() => this.#end(socket), LONGEST_IDLE_MS).unref();
  }

  /** Nothing is written to it any more, also before its end is told. */
  #end(socket: Socket, reason = new Error("the connection was closed")): void {
    if (this.#socket !== socket) return;
    socket.destroy();
    this.#closed(reason);
  }

  #closed(reason: Error): void {
    const wasOpen = this.#isOpen;
    const sent = this.#sent.splice(0);
    // What stands behind an answer that was said to be the last was not even looked at.
    const wasTold = this.#answers.isLast;
    const again = this.#hasAnswered ? sent.filter(({ mayRepeat }) => wasTold || mayRepeat) : [];
    clearTimeout(this.#timer);
    this.#socket = undefined;
    this.#answers = new Answers();
    this.#isOpen = this.#hasAnswered = false;
    for (const one of sent) if (!again.includes(one)) one.reject(failed(one, reason, false));
    for (const one of again) one.mayRepeat &&= wasTold;
    this.#waiting.unshift(...again);
    // Nobody listens: whoever waits may ask another server.
    if (!wasOpen) for (const one of this.#waiting.splice(0)) one.reject(failed(one, reason, true));
    if (this.#waiting.length > 0) this.#flushSoon();
  }
}

function write(socket: Socket, sendings: readonly Sending[]): void {
  let text = "";
  socket.cork();
  for (const { head, outgoing } of sendings) {
    const { body = "" } = outgoing;
    text += head;
    if (typeof body === "string") {
      text += body;
      continue;
    }
    socket.write(text);
    socket.write(body);
    text = "";
  }
  if (text !== "") socket.write(text);
  socket.uncork();
}

function headOf({ url, method, headers = {}, body = "" }: Outgoing): string {
  const { path, hostHeader, authorization } = originOf(url);
  let head = `${method} ${path} HTTP/1.1\r\nHost: ${hostHeader}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${authorization}`;
  for (const name in headers) head += lineOf(name, headers[name]!);
  return `${head}\r\n`;
}

function lineOf(name: string, value: string): string {
  if (/[^\t\x20-\x7e]/.test(value)) throw new TypeError(`the header ${name} has a character that none may have`);
  return `${name}: ${value}\r\n`;
}

interface Origin {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly hostHeader: string;
  readonly authorization: string;
}

let known: { readonly url: string; readonly origin: Origin } | undefined;

/** Nearly every request goes where the last one went. */
function originOf(url: string): Origin {
  if (known?.url !== url) known = { url, origin: readOrigin(url) };
  return known.origin;
}

function readOrigin(url: string): Origin {
  const parsed = new URL(url);
  const { hostname, auth } = urlToHttpOptions(parsed);
  return {
    origin: parsed.origin,
    host: hostname ?? "",
    port: Number(parsed.port || 80),
    path: parsed.pathname + parsed.search,
    hostHeader: parsed.host,
    authorization: auth ? `Authorization: Basic ${Buffer.from(auth).toString("base64")}\r\n` : "",
  };
}

function failed({ outgoing }: Sending, error: Error, isUnsent: boolean): CallFailed {
  return new CallFailed(`${outgoing.method} ${outgoing.url}: ${error.message}`, isUnsent, { cause: error });
}
