import { type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { AGENT_BOUNDS } from "../../core/agent/bounds.ts";
import type { ProbeResult, Probes, ProbeTarget } from "../../core/agent/outside.ts";

/**
 * A connected socket to a port as a container means it, in that container's own network. Rejects with the reason when there is
 * none within `timeoutMs` (0: the dialler's own bound).
 */
export type Dial = (container: string, host: string, port: number, timeoutMs: number) => Promise<Socket>;

/** Looks under way at one time; others wait, and their time begins with their turn. */
const MOST_AT_ONCE: number = AGENT_BOUNDS.probes.most;
/** Who takes longer lets the others pass: those that never end must not keep all others waiting. Each probe has one look at a time, so there are not more than probes. */
const PATIENCE_MS: number = AGENT_BOUNDS.probePatienceMs.most;
/** The longest that setTimeout can wait, about 24 days. */
const LONGEST_MS = 2 ** 31 - 1;
/** What is told of the body of an answer. */
const MOST_BODY_BYTES = AGENT_BOUNDS.probeBodyBytes.most;
/** How long is waited for a body once the answer has begun. */
const BODY_MS = 1_000;

/** Looks at ports as Mesos' checks do: a TCP connection that comes about, or the status of a GET. No process, and so many at once at most. */
export class PortProbes implements Probes {
  readonly #dial: Dial | undefined;
  readonly #mostAtOnce: number;
  readonly #patienceMs: number;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  /** Without `dial` a port inside a container cannot be looked at, and such a probe fails. */
  constructor(dial?: Dial, mostAtOnce = MOST_AT_ONCE, patienceMs = PATIENCE_MS) {
    this.#dial = dial;
    this.#mostAtOnce = mostAtOnce;
    this.#patienceMs = patienceMs;
  }

  /** Looks that keep others waiting now. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Looks that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  probe(target: ProbeTarget, timeoutMs: number, done: (result: ProbeResult) => void): void {
    this.#waiting.push(() => this.#look(target, timeoutMs, done));
    this.#next();
  }

  #next(): void {
    while (this.#underWay < this.#mostAtOnce) {
      const look = this.#waiting.shift();
      if (look === undefined) return;
      look();
    }
  }

  /** A turn begins; it ends once, when the look does or has taken long. */
  #turn(): () => void {
    this.#underWay++;
    let isOver = false;
    const letPass = () => {
      clearTimeout(timer);
      if (isOver) return;
      isOver = true;
      this.#underWay--;
      this.#next();
    };
    const timer = setTimeout(letPass, this.#patienceMs).unref();
    return letPass;
  }

  #look(target: ProbeTarget, timeoutMs: number, done: (result: ProbeResult) => void): void {
    let over = false;
    let stop = () => {};
    const end = (result: ProbeResult) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      stop();
      done(result);
      letPass();
    };
    const letPass = this.#turn();
    const longestMs = Math.min(timeoutMs, LONGEST_MS);
    const timer = timeoutMs > 0 ? setTimeout(() => end({ kind: "timeout" }), longestMs) : undefined;
    stop = this.#try(target, longestMs, end);
    if (over) stop();
  }

  #try(target: ProbeTarget, timeoutMs: number, done: (result: ProbeResult) => void): () => void {
    if (target.inside === undefined) return target.kind === "tcp" ? tryTcp(target, done) : tryHttp(target, done);
    if (!this.#dial) {
      done({ kind: "failed", reason: "this agent cannot look into the network of a container" });
      return () => {};
    }
    return tryInside(this.#dial(target.inside, target.host, target.port, timeoutMs), target, done);
  }
}

function tryInside(dialled: Promise<Socket>, target: ProbeTarget, done: (result: ProbeResult) => void): () => void {
  let stop = () => {};
  let stopped = false;
  dialled.then(
    (socket) => {
      // What becomes of it is told by whoever uses it; nobody may fall over its error.
      socket.on("error", () => {});
      stop = () => socket.destroy();
      if (stopped) return stop();
      if (target.kind === "tcp") return done({ kind: "reached" });
      const request = tryHttp(target, done, socket);
      stop = () => {
        request();
        socket.destroy();
      };
    },
    (error: Error) => done({ kind: "failed", reason: error.message }),
  );
  return () => {
    stopped = true;
    stop();
  };
}

function tryTcp({ host, port }: ProbeTarget, done: (result: ProbeResult) => void): () => void {
  const socket = connect({ host, port });
  socket.once("connect", () => done({ kind: "reached" }));
  socket.once("error", (error) => done({ kind: "failed", reason: error.message }));
  return () => socket.destroy();
}

type HttpTarget = Extract<ProbeTarget, { kind: "http" }>;

function tryHttp(target: HttpTarget, done: (result: ProbeResult) => void, over?: Socket): () => void {
  let stop = () => {};
  let stopped = false;
  send(target, over).then(
    (sent) => {
      let informed: number | undefined;
      stop = () => sent.destroy();
      sent.once("response", (answer: IncomingMessage) => {
        if (target.withResponse === true) readBody(answer, done);
        else done({ kind: "status", status: answer.statusCode ?? 0 });
      });
      // What says "continue" or "switching" and nothing more has answered with that.
      sent.on("information", ({ statusCode }: { statusCode: number }) => {
        informed = statusCode;
      });
      sent.once("upgrade", (answer: IncomingMessage) => done({ kind: "status", status: answer.statusCode ?? 0 }));
      sent.on("error", (error: Error) =>
        done(informed === undefined ? { kind: "failed", reason: error.message } : { kind: "status", status: informed }),
      );
      if (stopped) stop();
      else sent.end();
    },
    (error: Error) => done({ kind: "failed", reason: error.message }),
  );
  return () => {
    stopped = true;
    stop();
  };
}

// The beginning of the body is enough, and a body that does not come keeps nobody waiting.
function readBody(answer: IncomingMessage, done: (result: ProbeResult) => void): void {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const end = () => {
    clearTimeout(timer);
    const body = Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES).toString();
    const type = answer.headers["content-type"];
    const response = type === undefined ? { body } : { content_type: type, body };
    done({ kind: "status", status: answer.statusCode ?? 0, response });
  };
  const timer = setTimeout(end, BODY_MS);
  answer.on("data", (chunk: Uint8Array) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MOST_BODY_BYTES) end();
  });
  answer.once("end", end);
  answer.once("error", end);
}

// TLS is loaded when the first task asks for it; its certificate is not looked at, as it is the task's own.
async function send({ host, port, scheme, path }: HttpTarget, over: Socket | undefined) {
  const options = { host, port, path: path.startsWith("/") ? path : `/${path}`, rejectUnauthorized: false };
  if (scheme === "http")
    return request(over ? { ...options, createConnection: () => over } : { ...options, agent: false });
  const https = await import("node:https");
  if (!over) return https.request({ ...options, agent: false });
  const tls = await import("node:tls");
  const createConnection = () => tls.connect({ socket: over, rejectUnauthorized: false });
  return https.request({ ...options, createConnection });
}
