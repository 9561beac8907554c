import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { Disk } from "@meseta/lib/io/disk.rig.ts";
import { Line } from "@meseta/sdk/core/line.rig.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { CONFIG } from "../core/config.rig.ts";
import type { Notification } from "../core/out.ts";
import type { HttpSettings } from "./front.ts";
import { type CronOptions, type RunningCron, startCron } from "./server.ts";

const HTTP: HttpSettings = { allowOrigins: ["*"], flags: { name: "chronos" } };

type Options = Partial<Omit<CronOptions, "http">> & { readonly http?: Partial<HttpSettings> };

/** A whole cron in this process: its store is memory, and the test is its master. */
export class Stand implements AsyncDisposable {
  readonly disk: Disk;
  readonly lines: Line<Call, Event>[] = [];
  readonly ends: string[] = [];
  readonly told: Notification[] = [];
  cron!: RunningCron;

  private constructor(disk: Disk) {
    this.disk = disk;
  }

  static async start({ http, ...options }: Options = {}, disk = new Disk()): Promise<Stand> {
    const stand = new Stand(disk);
    const connected = Promise.withResolvers<void>();
    const config = { ...CONFIG, hostname: "127.0.0.1" };
    const where = { host: "127.0.0.1", port: 0, metronomePort: 0, masters: [] };
    const ear = { name: "ear", takes: () => true, send: async (one: Notification) => void stand.told.push(one) };
    stand.cron = await startCron(
      { ...where, config, channels: [ear], ...options, http: { ...HTTP, ...http } },
      {
        store: disk.open(),
        log: silentLog,
        clock: { nowMs: () => Date.now() },
        seed: () => 7,
        connect: (client) => {
          stand.lines.push(new Line());
          setImmediate(connected.resolve);
          return new SchedulerClient(stand.lines.at(-1)!, client);
        },
        fatal: ({ message }) => stand.ends.push(message),
      },
    );
    await connected.promise;
    return stand;
  }

  /** The connection to the master; the newest, when there were several. */
  get line(): Line<Call, Event> {
    return this.lines.at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cron.stop();
  }

  /** Asks Chronos' server. */
  chronos(path: string, how?: How): Promise<Response> {
    return ask(this.cron.url + path, how);
  }

  /** Asks Metronome's. */
  metronome(path: string, how?: How): Promise<Response> {
    return ask(this.cron.metronomeUrl + path, how);
  }
}

type How = RequestInit & { json?: unknown };

function ask(url: string, { json, ...how }: How = {}): Promise<Response> {
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const type = json === undefined ? {} : { "Content-Type": "application/json" };
  return fetch(url, { ...how, ...body, headers: { ...type, ...how.headers }, redirect: "manual" });
}
