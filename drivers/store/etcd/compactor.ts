import type { Change } from "@meseta/lib/core/ports/store.ts";
import type { Etcd } from "./client.ts";

/** What is kept of the past, at most twice: who reads a page of an older revision than that begins anew. */
const KEPT_COMMITS = 10_000;
const KEPT_UNITS = 64 * 1024 * 1024;

/**
 * etcd keeps every value that a key ever had until it is told to forget, and refuses to write when its quota is reached. So whoever writes
 * tells it, now and then.
 */
export class Compactor {
  readonly #client: Etcd;
  #commits = 0;
  #units = 0;
  #forget = 0;

  constructor(client: Etcd) {
    this.#client = client;
  }

  /** A commit was stored at that revision. */
  wrote(revision: number, { puts }: Change): void {
    this.#commits++;
    for (const [key, value] of puts) this.#units += key.length + value.length;
    if (this.#commits < KEPT_COMMITS && this.#units < KEPT_UNITS) return;
    // It is not waited for: when it fails, the next one does its work.
    if (this.#forget > 0) this.#client.compact(this.#forget).catch(() => {});
    this.#forget = revision;
    this.#commits = 0;
    this.#units = 0;
  }
}
