import { Daemon } from "@meseta/lib/core/daemon.ts";
import { Timings } from "@meseta/lib/core/metrics.ts";
import type { Clock } from "@meseta/lib/core/ports/clock.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import type { Change, Store } from "@meseta/lib/core/ports/store.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Alarm } from "@meseta/lib/io/alarm.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { MasterEvent, StreamId } from "../../core/master/event.ts";
import { createMaster, type Master } from "../../core/master/master.ts";
import { type MasterEffect, MasterOut } from "../../core/master/out.ts";
import type { MasterConfig, MasterState } from "../../core/master/state.ts";
import { stateParts } from "../../core/master/views/state.ts";
import { Requests } from "../requests.ts";
import { carryOut, type World } from "./carry-out.ts";
import { type Kind, Readings, type StateReader } from "./readings.ts";
import { Streams } from "./streams.ts";

export interface LoopPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** A new seed at each call, from the machine's randomness. */
  seed(): number;
  /** The process must end: the store belongs to another master, or cannot be read. */
  fatal(reason: Error): void;
}

type MasterDaemon = Daemon<MasterEvent, MasterEffect, MasterOut, Master>;

const HEARTBEAT_INTERVAL_SECONDS = 15;

/** The master's core in its daemon, with its hands. Before `start` is done there is no state. */
export class MasterLoop implements StateReader {
  readonly requests = new Requests();
  readonly streams: Streams;
  readonly readings: Readings = new Readings(this);
  readonly storing = new Timings();
  readonly loading = new Timings();
  readonly allocating = new Timings();
  /** Raised while the store refuses to store: reads work, writes are refused. */
  storeFailure: Error | undefined;
  readonly #config: MasterConfig;
  readonly #ports: LoopPorts;
  readonly #alarm: Alarm<MasterEvent>;
  #epoch = 0;
  #daemon: MasterDaemon | undefined;

  constructor(config: MasterConfig, ports: LoopPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#alarm = new Alarm(
      () => ports.clock.nowMs(),
      (event) => this.post(event),
    );
    this.streams = new Streams((stream, end) => {
      if (end === "slow") ports.log.warn("A stream's reader was too slow, and is cut off", { stream });
      this.post({ type: "stream-closed", stream });
    });
  }

  /** Takes the store over and builds the core from it. */
  async start(): Promise<void> {
    const { store, log } = this.#ports;
    const { epoch, version } = await store.open();
    this.#epoch = epoch;
    this.#daemon = new Daemon(await this.#load(), this.#daemonPorts());
    log.info("The master's records are loaded", { epoch, version, agents: this.state.agents.size });
    this.post(START);
  }

  get ready(): boolean {
    return this.#daemon !== undefined;
  }

  get queued(): number {
    return this.#daemon?.queued ?? 0;
  }

  /** As of the last event, durable or not; what clients are told comes through `read`. */
  get state(): MasterState {
    return this.#daemon!.core.state;
  }

  post(event: MasterEvent): void {
    if (this.#daemon === undefined) this.#refuse(event, new Error("the master is loading its records"));
    else this.#daemon.post(event);
  }

  read<T>(view: (state: MasterState) => T, done: (result: T) => void, refused: (reason: Error) => void): void {
    this.#daemon!.read(({ state }) => view(state), done, refused);
  }

  nowMs(): number {
    return this.#ports.clock.nowMs();
  }

  stop(): void {
    this.#daemon?.stop();
    this.#alarm.clear();
    this.streams.closeAll();
  }

  async #load(): Promise<Master> {
    const { store, clock, seed } = this.#ports;
    const startMs = performance.now();
    const records = await store.scan("");
    this.loading.record(performance.now() - startMs);
    const settings = { random: createRandom(seed()), epoch: this.#epoch, startMs: clock.nowMs(), records };
    return timed(createMaster(this.#config, settings), this.allocating);
  }

  // Whoever was connected to the old core comes again; its timers mean nothing to the new one.
  #reload(): Promise<Master> {
    this.streams.closeAll();
    this.#alarm.clear();
    return this.#load();
  }

  #daemonPorts() {
    const { store, clock, fatal } = this.#ports;
    const world = this.#world();
    return {
      hands: {
        carryOut: (effect: MasterEffect) => carryOut(effect, world),
        refuse: (event: MasterEvent, reason: Error) => this.#refuse(event, reason),
      },
      newOutbox: () => new MasterOut(),
      nowMs: () => clock.nowMs(),
      commit: (change: Change) => this.#commit(change),
      load: () => this.#reload(),
      defer: (task: () => void) => void setImmediate(task),
      later: (task: () => void, ms: number) => void setTimeout(task, ms).unref(),
      fatal,
      maxRecords: store.maxRecords,
      onStore: (works: boolean, reason?: Error) => this.#onStore(works, reason),
    };
  }

  async #commit(change: Change): Promise<void> {
    const startMs = performance.now();
    await this.#ports.store.commit(change, this.#epoch);
    this.storing.record(performance.now() - startMs);
  }

  #onStore(works: boolean, reason: Error | undefined): void {
    this.storeFailure = works ? undefined : reason;
    if (works) {
      this.#ports.log.info("The store works again");
      this.post(START);
    } else this.#ports.log.error("The store failed: writes are refused until it works", { reason: reason?.message });
  }

  #world(): World {
    return {
      requests: this.requests,
      streams: this.streams,
      log: this.#ports.log,
      wake: (atMs, wake) => this.#alarm.add(atMs, { type: "wake", wake }),
      sendSnapshot: (stream) => void this.#sendSnapshot(stream),
    };
  }

  async #sendSnapshot(stream: StreamId): Promise<void> {
    const mediaType = this.streams.mediaTypeOf(stream);
    if (mediaType === undefined) return;
    this.streams.holdBack(stream);
    const kind = snapshotKind(mediaType === "application/json" ? "json" : "protobuf");
    try {
      const { buffers, bytes } = await this.readings.snapshot(kind, () => this.streams.captured(stream));
      await this.streams.release(stream, buffers, bytes);
    } catch (reason) {
      this.#ports.log.warn("A snapshot could not be made", { stream, reason });
      this.streams.refuse(stream, textAnswer(503, "503 Service Unavailable."));
    }
  }

  #refuse(event: MasterEvent, reason: Error): void {
    const answer = textAnswer(503, `Nothing was changed: ${reason.message}`);
    if ("request" in event) return this.requests.answer(event.request, { status: 503, text: answer.body as string });
    if (event.type !== "stream-closed" && "stream" in event) this.streams.refuse(event.stream, answer);
  }
}

const START: MasterEvent = { type: "wake", wake: { for: "start" } };

function snapshotKind(form: "json" | "protobuf"): Kind {
  return {
    name: `snapshot ${form}`,
    document: (look) => ({
      form,
      type: "mesos.v1.master.Event",
      parts: [
        { name: "type", value: "SUBSCRIBED" },
        {
          name: "subscribed",
          parts: [
            { name: "get_state", parts: stateParts(look) },
            { name: "heartbeat_interval_seconds", value: HEARTBEAT_INTERVAL_SECONDS },
          ],
        },
      ],
    }),
  };
}

/** Allocation runs are what an overloaded master spends its time on; how long they take is a metric. */
function timed(master: Master, allocating: Timings): Master {
  const { allocator } = master.state;
  const allocate = allocator.allocate.bind(allocator);
  allocator.allocate = (nowMs) => {
    const startMs = performance.now();
    const allocation = allocate(nowMs);
    allocating.record(performance.now() - startMs);
    return allocation;
  };
  return master;
}
