import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { hostname } from "node:os";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { hostAndPort, isLoopback } from "../../core/address.ts";
import { Backlog } from "./backlog.ts";
import { BodyBudget } from "./body.ts";
import { type Bounds, defaultBounds } from "./bounds.ts";
import { HttpCounts } from "./counts.ts";
import { exchange } from "./exchange.ts";
import type { HostNames } from "./host.ts";
import { leaveQuickly } from "./leaving.ts";
import { type Admit, admitEveryone, type Dress, type Handler } from "./request.ts";
import { endTogether, underWay } from "./under-way.ts";

export interface ServerOptions {
  /** An address of this machine, IPv4 or IPv6. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly handler: Handler;
  readonly log: Log;
  readonly admit?: Admit | undefined;
  readonly dress?: Dress | undefined;
  /** Origins whose pages may send what changes something, `*` for all; others may not. */
  readonly allowOrigins?: readonly string[] | undefined;
  /** On loopback only these, `localhost`, addresses and the machine's own name may stand in a request's Host; `*` for any. */
  readonly hostNames?: HostNames | undefined;
  readonly bounds?: Partial<Bounds> | undefined;
  /** Another bound for the bodies of this path. */
  readonly bodyBytesFor?: ((path: string) => number | undefined) | undefined;
}

/** A listening HTTP server. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
  /** "http://127.0.0.1:5050" */
  readonly url: string;
  readonly counts: HttpCounts;
  /** Stops listening and cuts all connections. */
  close(): Promise<void>;
}

/** Listens; rejects with Node's error (EADDRINUSE, EADDRNOTAVAIL, EACCES) when it cannot. */
export async function serve(options: ServerOptions): Promise<HttpServer> {
  const bounds = { ...defaultBounds, ...options.bounds };
  const counts = new HttpCounts();
  const budget = new BodyBudget(bounds.bytesInFlight, counts);
  const backlog = new Backlog(bounds.allStreamsBytes);
  const { handler, admit = admitEveryone, dress, allowOrigins = [], bodyBytesFor, log } = options;
  // Clients in a network call by names that nobody here knows.
  const hostNames = isLoopback(options.host) ? [hostname(), ...(options.hostNames ?? [])] : undefined;
  const context = {
    bounds,
    budget,
    backlog,
    counts,
    handler,
    admit,
    dress,
    allowOrigins,
    hostNames,
    bodyBytesFor,
    log,
  };
  const server = createServer(serverSettings(bounds), (incoming: IncomingMessage, response: ServerResponse) => {
    exchange(incoming, response, context);
  });
  server.maxHeadersCount = bounds.headerCount;
  server.maxConnections = bounds.connections;
  server.on("clientError", (error, socket) => refuseGarbage(error, socket as Socket, counts));
  server.on("connection", (socket) => {
    counts.now.connections++;
    socket.once("close", () => counts.now.connections--);
    leaveQuickly(socket);
    endTogether(socket);
  });
  server.on("connect", ({ socket }) => refuseConnect(socket, counts));
  server.on("drop", () => counts.met.connections_refused++);
  await listen(server, options);
  server.on("error", (error) => options.log.error("the HTTP server has trouble", { error }));
  const { port } = server.address() as AddressInfo;
  const close = () => closeServer(server);
  return { port, url: `http://${hostAndPort(options.host, port)}`, counts, close, [Symbol.asyncDispose]: close };
}

function serverSettings(bounds: Bounds) {
  return {
    maxHeaderSize: bounds.headerBytes,
    headersTimeout: bounds.headersTimeoutMs,
    // Bodies have a timer of their own: a streamed one may last for hours.
    requestTimeout: 0,
    // A stream's peer whose machine has vanished is found out by the kernel.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    keepAliveTimeout: bounds.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, bounds.headersTimeoutMs),
    // A client made of a shell and a socket often sends none, and nothing here depends on it.
    requireHostHeader: false,
  };
}

const refusals: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** What came is not HTTP. Whoever speaks it wrongly learns so; others (a TLS hello, noise) are just cut off. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket, counts: HttpCounts): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const status = refusals[error.code ?? ""] ?? "400 Bad Request";
  counts.refusedHead(Number.parseInt(status, 10));
  endWith(status, socket);
}

/** Nobody here is a way to others. Where earlier requests wait for their answers, what came now would be taken for one of those. */
function refuseConnect(socket: Socket, counts: HttpCounts): void {
  // Node has let go of the connection.
  socket.on("error", () => {});
  if (underWay(socket) > 0) return void socket.destroy();
  counts.answered(405);
  endWith("405 Method Not Allowed", socket);
}

function endWith(status: string, socket: Socket): void {
  const text = `${status}.`;
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n`;
  socket.end(`${head}Content-Length: ${text.length}\r\n\r\n${text}`, () => socket.destroy());
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
