// For tests: a registry that serves what it is told, and misbehaves as it is told.

import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { join } from "node:path";
import { buildImage, type RigImage, temporary } from "./image.rig.ts";
import { openSource } from "./open-source.ts";
import { thisPlatform } from "./options.ts";
import { type Pulled, pull, type Talk } from "./pull.ts";
import type { PullRequest } from "./request.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** Answers instead of the honest registry; `honest` lets it answer after all. */
export type Lie = (asked: Asked, response: ServerResponse, honest: () => void) => void;

export class LyingRegistry implements AsyncDisposable {
  readonly image;
  /** All that it was asked, as "METHOD path". */
  readonly asked: Asked[] = [];
  /** How it lies; absent: not at all. */
  lie: Lie | undefined;
  readonly #server;
  readonly #folder = temporary("lying");

  /** By https with a key and its certificate, else by http. */
  static async start(image: RigImage, secret?: { key: Buffer; cert: Buffer }): Promise<LyingRegistry> {
    const registry = new LyingRegistry(image, secret);
    await new Promise<void>((resolve) => registry.#server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  private constructor(image: RigImage, secret: { key: Buffer; cert: Buffer } | undefined) {
    this.image = buildImage(image);
    const serve: RequestListener = (request, response) => this.#serve(request, response);
    this.#server = secret ? createSecureServer(secret, serve) : createServer(serve);
    mkdirSync(join(this.dir, "temp"), { recursive: true });
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** The folder that its images are pulled into. */
  get dir(): string {
    return join(this.#folder.path, "images");
  }

  /** Pulls from it, in this process; pauses are only noted. */
  async pull(change: Partial<PullRequest> = {}, pauses: number[] = []): Promise<Pulled> {
    const request: PullRequest = {
      dir: this.dir,
      id: "test",
      name: `${this.host}/app:1`,
      platform: thisPlatform(),
      keepFree: 0,
      maxBytes: 2 ** 30,
      maxEntries: 1000,
      stallMs: 10_000,
      leastRate: { bytes: 0, windowMs: 1000 },
      ...change,
    };
    const pause = async (ms: number): Promise<void> => void pauses.push(ms);
    return pull(await openSource(request, pause), { ...request, pause, talk: alone });
  }

  blobPath(at: number): string {
    return `/v2/app/blobs/${[...this.image.blobs.keys()][at + 1]}`;
  }

  said(method: string): string[] {
    return this.asked.filter((one) => one.method === method).map(({ path }) => path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#folder[Symbol.dispose]();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const asked = { method: request.method!, path: request.url!, headers: request.headers };
    this.asked.push(asked);
    const honest = (): void => this.#honest(asked, response);
    if (this.lie) this.lie(asked, response, honest);
    else honest();
  }

  #honest({ method, path, headers }: Asked, response: ServerResponse): void {
    const [, kind, reference] = /^\/v2\/app\/(manifests|blobs)\/([^?]+)/.exec(path) ?? [];
    const { manifest, digest, blobs } = this.image;
    const body =
      kind === "manifests" && (reference === "1" || reference === digest) ? manifest : blobs.get(reference ?? "");
    if (body === undefined) return void response.writeHead(404).end();
    if (kind === "manifests")
      response
        .setHeader("docker-content-digest", digest)
        .setHeader("content-type", "application/vnd.oci.image.manifest.v1+json");
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    if (from > 0) response.setHeader("content-range", `bytes ${from}-${body.length - 1}/${body.length}`);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": body.length - from });
    response.end(method === "HEAD" ? undefined : body.subarray(from));
  }
}

const alone: Talk = { wants: async () => {}, turn: async () => new AbortController().signal, done() {}, progress() {} };
