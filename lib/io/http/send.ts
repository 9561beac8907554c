import type { ServerResponse } from "node:http";
import type { Answer } from "./answer.ts";
import { discardBody, hasBody } from "./body.ts";
import type { Bounds } from "./bounds.ts";
import type { HttpCounts } from "./counts.ts";
import { underWay } from "./under-way.ts";

/** Writes one answer. Resolves when the last byte is handed to the socket, or the peer is gone. */
export async function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  bounds: Bounds,
  counts: HttpCounts,
): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  if (answer.pieces !== undefined) return sendPieces(response, answer, answer.pieces, bounds, counts);
  const body = answer.body ?? "";
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  // A 204 has no body, and is not to say how long it is (RFC 9110, 8.6).
  response.writeHead(answer.status, { ...answer.headers, ...(answer.status !== 204 && { "Content-Length": length }) });
  if (response.req.complete || response.req.destroyed || !hasBody(response.req)) response.end(body);
  else sendEarly(response, body, length, bounds);
  if (response.socket !== null && response.socket.writableLength > 0) watchReader(response, bounds, counts);
}

/** Who asks and does not read what comes is cut off, as who stops reading an answer of pieces is. The kernel tells whether it moves. */
function watchReader(response: ServerResponse, { stallTimeoutMs }: Bounds, counts: HttpCounts): void {
  const { socket } = response.req;
  response.setTimeout(stallTimeoutMs, () => {
    counts.met.stalled_readers_cut_off++;
    response.destroy();
  });
  // The next one on the connection may take as long as it likes to be answered.
  response.once("finish", () => underWay(socket) > 1 && socket.setTimeout(0));
}

/**
 * The body has not come whole. Whoever still writes while its connection is closed is reset, and may lose the answer with it: so the answer
 * goes out, whose length tells that it is whole, and it is over when the peer is done or has had its time.
 */
function sendEarly(response: ServerResponse, body: string | Uint8Array, length: number, bounds: Bounds): void {
  response.req.once("end", () => response.end());
  discardBody(response.req, bounds);
  response.flushHeaders();
  if (length > 0) response.write(body);
}

/** How long one turn may go on making pieces before other requests get theirs. */
const sliceMs = 5;

async function sendPieces(
  response: ServerResponse,
  { status, headers }: Answer,
  pieces: NonNullable<Answer["pieces"]>,
  { stallTimeoutMs }: Bounds,
  counts: HttpCounts,
): Promise<void> {
  response.writeHead(status, headers);
  const stalled = () => {
    counts.met.stalled_readers_cut_off++;
    response.destroy();
  };
  let sliceEndMs = performance.now() + sliceMs;
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (piece.length > 0 && !response.write(piece)) await drained(response, stallTimeoutMs, stalled);
    if (performance.now() < sliceEndMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sliceEndMs = performance.now() + sliceMs;
  }
  response.end();
}

/** Resolves when the peer has taken what waits, or is gone; a peer that takes nothing is cut off. */
function drained(response: ServerResponse, stallTimeoutMs: number, stalled: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(stalled, stallTimeoutMs);
    const done = () => {
      clearTimeout(timer);
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
    if (response.destroyed) done();
  });
}
