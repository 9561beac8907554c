import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { Disk } from "@meseta/lib/io/disk.rig.ts";
import { Line } from "@meseta/sdk/core/line.rig.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import type { InitConfig } from "../core/config.ts";
import { DEFAULT_SETTINGS } from "../core/definition/settings.ts";
import { KILL_SETTINGS } from "../core/instance/kills.ts";
import { TIMEOUTS } from "../core/instance/life.ts";
import type { HttpSettings } from "./front.ts";
import { type InitOptions, type RunningInit, startInit } from "./server.ts";

export const CONFIG: Omit<InitConfig, "address"> = {
  definitions: DEFAULT_SETTINGS,
  placement: { gpus: "restricted" },
  kills: KILL_SETTINGS,
  timeouts: TIMEOUTS,
  frameworkName: "marathon",
  hostname: "127.0.0.1",
  failoverTimeoutMs: 1000,
  environmentPrefix: "",
  bridgeName: "mesos-bridge",
  mostInstancesPerOffer: Number.POSITIVE_INFINITY,
  declineMs: 5000,
  mostDeployments: 100,
  mostVersions: 50,
  reconciliationDelayMs: 15_000,
  reconciliationIntervalMs: 600_000,
  version: "1.11.0",
};

export const HTTP: HttpSettings = { allowOrigins: [], mostOutstanding: 1024, flags: { name: "marathon" } };

/** A whole init in this process: its store is memory, and the test is its master. */
export class Stand implements AsyncDisposable {
  readonly disk: Disk;
  readonly lines: Line<Call, Event>[] = [];
  readonly ends: string[] = [];
  init!: RunningInit;

  private constructor(disk: Disk) {
    this.disk = disk;
  }

  static async start(
    { http, ...options }: Partial<Omit<InitOptions, "http">> & { http?: Partial<HttpSettings> } = {},
    disk = new Disk(),
  ): Promise<Stand> {
    const stand = new Stand(disk);
    stand.init = await startInit(
      { host: "127.0.0.1", port: 0, masters: [], config: CONFIG, ...options, http: { ...HTTP, ...http } },
      {
        store: disk.open(),
        log: silentLog,
        clock: { nowMs: () => Date.now() },
        seed: () => 7,
        connect: (client) => {
          stand.lines.push(new Line());
          return new SchedulerClient(stand.lines.at(-1)!, client);
        },
        fatal: ({ message }) => stand.ends.push(message),
        abdicated: () => stand.ends.push("abdicated"),
      },
    );
    return stand;
  }

  /** As the disk's. */
  set failure(failure: Error | undefined) {
    this.disk.failure = failure;
  }

  set held(held: Promise<void>) {
    this.disk.held = held;
  }

  /** The connection to the master; the newest, when there were several. */
  get line(): Line<Call, Event> {
    return this.lines.at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.init.stop();
  }

  ask(path: string, { json, ...how }: RequestInit & { json?: unknown } = {}): Promise<Response> {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const type = json === undefined ? {} : { "Content-Type": "application/json" };
    return fetch(this.init.url + path, { ...how, ...body, headers: { ...type, ...how.headers }, redirect: "manual" });
  }

  post(path: string, json: unknown): Promise<Response> {
    return this.ask(path, { method: "POST", json });
  }
}
