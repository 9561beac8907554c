// For tests: a master that listens on a free port with its store in memory, and clients of it.
import type { Call } from "@meseta/api/mesos/generated/master.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "../../core/master/state.ts";
import { type MasterPorts, type RunningMaster, startMaster } from "./server.ts";

const rehearsalConfig: Omit<MasterConfig, "port"> = {
  ...MASTER_DEFAULTS,
  hostname: "127.0.0.1",
  ip: "127.0.0.1",
  cluster: "golden",
  version: "1.12.0",
  flags: { cluster: "golden" },
};

/** A running master; its ids are the same each time. */
export function rehearse(
  store: Store,
  ports: Partial<MasterPorts> = {},
  changes: Partial<MasterConfig> = {},
): Promise<RunningMaster> {
  const fatal = (reason: Error) => {
    throw reason;
  };
  const own = { store, log: silentLog, clock: { nowMs: () => Date.now() }, seed: () => 7, fatal };
  const config = { ...rehearsalConfig, ...changes };
  return startMaster({ host: "127.0.0.1", port: 0, config }, { ...own, ...ports });
}

/** One request, its redirect not followed. */
export async function ask(master: RunningMaster, path: string, init: RequestInit = {}) {
  const response = await fetch(master.url + path, { redirect: "manual", ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** One POST with a body in JSON. */
export function post(master: RunningMaster, path: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return ask(master, path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: text });
}

/** An operator's call, and its answer. */
export async function operate(master: RunningMaster, call: Call) {
  const { status, text } = await post(master, "/api/v1", call);
  return { status, body: text.startsWith("{") ? JSON.parse(text) : text };
}

/** A stream of events that was opened by a POST. */
export class Listener {
  readonly status: number;
  readonly headers: Headers;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  private constructor(response: Response) {
    this.status = response.status;
    this.headers = response.headers;
    this.#reader = response.body!.getReader();
  }

  static async open(master: RunningMaster, path: string, call: unknown): Promise<Listener> {
    const headers = { "Content-Type": "application/json" };
    return new Listener(await fetch(master.url + path, { method: "POST", headers, body: JSON.stringify(call) }));
  }

  /** The next event, or undefined when the stream ended. */
  async next(): Promise<Record<string, unknown> | undefined> {
    for (;;) {
      const newline = this.#text.indexOf("\n");
      const length = Number(this.#text.slice(0, newline));
      const end = newline + 1 + length;
      if (newline >= 0 && this.#text.length >= end) {
        const event = JSON.parse(this.#text.slice(newline + 1, end));
        this.#text = this.#text.slice(end);
        return event;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += new TextDecoder().decode(value);
    }
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}
