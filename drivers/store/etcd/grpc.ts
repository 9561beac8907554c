import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { EtcdTls } from "./access.ts";

/** What a server answered instead of a message: a status of gRPC (grpc.io/docs/guides/status-codes) and its words. */
export class GrpcRefused extends Error {
  override name = "GrpcRefused";
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Nobody answered, or what did speaks something else: whether the call was carried out is not known. */
export class GrpcUnanswered extends Error {
  override name = "GrpcUnanswered";
}

export interface ChannelOptions {
  readonly tls?: EtcdTls | undefined;
  readonly token?: (() => string | undefined) | undefined;
}

/**
 * Calls of one message for one message over a connection to one server, by gRPC over HTTP/2, with TLS or without
 * (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md). Connects with the first call; `broken` once the connection has ended.
 */
export class GrpcChannel {
  broken = false;
  readonly #session: ClientHttp2Session;
  #why: Error | undefined;

  readonly #token: () => string | undefined;

  /** `origin` as `http://host:port`, or with https. `token` goes with each call, if there is one then. */
  constructor(origin: string, { tls, token = () => undefined }: ChannelOptions = {}) {
    this.#token = token;
    this.#session = connect(origin, { ...tls, settings: { enablePush: false, initialWindowSize: WINDOW_BYTES } });
    // A session that was closed while it was connecting tells all the same that it is connected.
    this.#session.on("connect", () => this.#session.destroyed || this.#session.setLocalWindowSize(WINDOW_BYTES));
    this.#session.on("error", (error) => this.#end(error));
    this.#session.on("goaway", () => this.#end(new Error("the server goes away")));
    this.#session.on("close", () => this.#end(new Error("the connection was closed")));
  }

  /** Rejects with GrpcRefused or GrpcUnanswered, after `timeoutMs` at the latest. */
  call(method: string, message: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.broken) return Promise.reject(this.#unanswered());
    const token = this.#token();
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({
        ":method": "POST",
        ":path": `/${method}`,
        "content-type": "application/grpc",
        te: "trailers",
        "grpc-timeout": `${Math.ceil(timeoutMs)}m`,
        // etcd then says at once when it has no leader, instead of keeping the call.
        hasleader: "true",
        ...(token !== undefined && { token }),
      });
      const late = setTimeout(() => {
        reject(new GrpcUnanswered(`no answer within ${Math.ceil(timeoutMs)} ms`));
        stream.close(constants.NGHTTP2_CANCEL);
      }, timeoutMs);
      heard(stream, (error) => this.#unanswered(error))
        .then(resolve, reject)
        .finally(() => clearTimeout(late));
      stream.end(framed(message));
    });
  }

  /** Calls that are under way fail. */
  close(): void {
    this.broken = true;
    this.#session.destroy();
  }

  #end(why: Error): void {
    this.broken = true;
    this.#why ??= why;
  }

  #unanswered(error?: Error): GrpcUnanswered {
    const why = this.#why ?? (error?.cause as Error | undefined) ?? error;
    return new GrpcUnanswered(why?.message ?? "the connection broke");
  }
}

// Pages of records are some megabytes.
const WINDOW_BYTES = 8 * 1024 * 1024;

// One byte that says "not compressed", four with the length.
function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

function heard(stream: ClientHttp2Stream, broken: (error: Error | undefined) => Error): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let status: string | undefined;
    let text = "";
    let failure: Error | undefined;
    const look = (headers: Readonly<Record<string, unknown>>): void => {
      if (headers["grpc-status"] === undefined) return;
      status = String(headers["grpc-status"]);
      text = decodedText(String(headers["grpc-message"] ?? ""));
    };
    stream.on("response", look);
    stream.on("trailers", look);
    stream.on("data", (piece: Buffer) => void pieces.push(piece));
    stream.on("error", (error) => (failure = error)); // "close" follows.
    stream.on("close", () => {
      const body = Buffer.concat(pieces);
      if (status === undefined) reject(broken(failure));
      else if (status !== "0") reject(new GrpcRefused(Number(status), text));
      else if (body.length < 5 || body.readUInt32BE(1) !== body.length - 5)
        reject(new GrpcUnanswered("the answer was cut off"));
      else resolve(body.subarray(5));
    });
  });
}

function decodedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
