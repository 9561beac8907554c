import { Timings } from "@meseta/lib/core/metrics.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import { Loop, type LoopPart, type LoopPorts as StoreLoopPorts } from "@meseta/lib/io/loop.ts";
import type { MasterEvent, StreamId } from "../../core/master/event.ts";
import { createMaster, type Master } from "../../core/master/master.ts";
import { type MasterEffect, MasterOut } from "../../core/master/out.ts";
import type { MasterConfig, MasterState } from "../../core/master/state.ts";
import { stateParts } from "../../core/master/views/state.ts";
import { Requests } from "../requests.ts";
import { carryOut, type World } from "./carry-out.ts";
import { Pieces } from "./pieces.ts";
import { type Kind, Readings, type StateReader } from "./readings.ts";
import { Streams } from "./streams.ts";

export interface LoopPorts extends StoreLoopPorts {
  /** A new seed at each call, from the machine's randomness. */
  seed(): number;
}

const HEARTBEAT_INTERVAL_SECONDS = 15;

const ASKED: ReadonlySet<MasterEvent["type"]> = new Set([
  "scheduler-subscribe",
  "scheduler-call",
  "agent-subscribe",
  "agent-call",
  "operator-subscribe",
  "operator-call",
]);

/** The master's core in its daemon, with its hands. Before `start` is done there is no state. */
export class MasterLoop implements StateReader {
  readonly requests = new Requests();
  readonly streams: Streams;
  readonly readings: Readings;
  /** Calls that were not taken because of their size. */
  tooLarge = 0;
  readonly allocating = new Timings();
  readonly #config: MasterConfig;
  readonly #ports: LoopPorts;
  readonly #loop: Loop<MasterEvent, MasterEffect, MasterOut, Master>;

  constructor(config: MasterConfig, ports: LoopPorts) {
    this.#config = config;
    this.#ports = ports;
    this.streams = new Streams((stream, end) => {
      if (end === "slow") ports.log.warn("A stream's reader was too slow, and is cut off", { stream });
      this.post({ type: "stream-closed", stream });
    }, config.limits);
    this.readings = new Readings(this, new Pieces(config.limits.pieceBytes));
    this.#loop = new Loop(this.#part(), ports);
  }

  /** Takes the store over and builds the core from it. */
  async start(): Promise<void> {
    const opened = await this.#loop.start();
    this.#ports.log.info("The master's records are loaded", { ...opened, agents: this.state.agents.size });
  }

  get ready(): boolean {
    return this.#loop.ready;
  }

  get queued(): number {
    return this.#loop.queued;
  }

  /** How many events were refused because too many waited. */
  get overflowed(): number {
    return this.#loop.overflowed;
  }

  get storing(): Timings {
    return this.#loop.storing;
  }

  get loading(): Timings {
    return this.#loop.loading;
  }

  /** Raised while the store refuses to store: reads work, writes are refused. */
  get storeFailure(): Error | undefined {
    return this.#loop.storeFailure;
  }

  /** As of the last event, durable or not; what clients are told comes through `read`. */
  get state(): MasterState {
    return this.#loop.core.state;
  }

  post(event: MasterEvent): void {
    this.#loop.post(event);
  }

  read<T>(view: (state: MasterState) => T, done: (result: T) => void, refused: (reason: Error) => void): void {
    this.#loop.read(({ state }) => view(state), done, refused);
  }

  nowMs(): number {
    return this.#loop.nowMs();
  }

  stop(): void {
    this.#loop.stop();
    this.streams.closeAll();
  }

  #part(): LoopPart<MasterEvent, MasterEffect, MasterOut, Master> {
    const world = this.#world();
    return {
      create: (records, epoch) => this.#create(records, epoch),
      newOutbox: () => new MasterOut(),
      carryOut: (effect) => carryOut(effect, world),
      refuse: (event, reason) => this.#refuse(event, reason),
      isAsked: (event) => ASKED.has(event.type),
      begin: () => this.post({ type: "wake", wake: { for: "start" } }),
      dropped: () => this.streams.closeAll(),
    };
  }

  #create(records: [string, string][], epoch: number): Master {
    const { clock, seed } = this.#ports;
    const settings = { random: createRandom(seed()), epoch, startMs: clock.nowMs(), records };
    return timed(createMaster(this.#config, settings), this.allocating);
  }

  #world(): World {
    return {
      requests: this.requests,
      streams: this.streams,
      log: this.#ports.log,
      wake: (atMs, wake) => this.#loop.wake(atMs, { type: "wake", wake }),
      fatal: (reason) => this.#ports.fatal(reason),
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
    const answer = textAnswer(503, `Nothing was changed: ${reason.message}`, { "Retry-After": "1" });
    if ("request" in event) return this.requests.answer(event.request, { status: 503, text: answer.body as string });
    if (event.type !== "stream-closed" && "stream" in event) this.streams.refuse(event.stream, answer);
  }
}

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
