import type { Random } from "@meseta/lib/core/random.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import type { Known } from "./grammar/wire.ts";
import type { Outcome } from "./play.ts";
import type { Asking, Sending, Step } from "./step.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A daemon on the bench: its own routes, decoders and core, over a store in memory, with neighbours that the fuzzer plays. */
export interface Bench {
  /** What answers, by the name of the server; the first is meant where nothing is said. */
  readonly servers: Readonly<Record<string, Handler>>;
  /** What exists now. */
  known(): Known;
  /** How many commits there were. */
  readonly commits: number;
  /** All that lasts and all that readers see of it, as text. */
  picture(): string;
  /** Something that its neighbours do. */
  act?(act: unknown): void;
  /** Bytes on a connection. */
  send?(sending: Sending): Promise<Outcome>;
  /** Headers with which a stream was opened. */
  opened?(headers: Readonly<Record<string, string>>): void;
  /** What it did that it never may, such as reaching for a file outside of its folder. */
  readonly misdeeds: readonly string[];
  /** The process dies, and another one reads its records. */
  restart(): Promise<void>;
  close(): void;
}

/** What is fuzzed. */
export interface Target {
  readonly name: string;
  open(time: VirtualTime): Promise<Bench>;
  /** What makes the daemon worth talking to: it has neighbours, tasks, definitions. */
  readonly setting: readonly Step[];
  /** The next step; `known` is what exists. */
  draw(random: Random, known: Known): Step;
  /** What must be answered with a 200 whatever happened before. */
  readonly alive: readonly Asking[];
  /** The same on a connection. */
  readonly lively?: Sending;
  /** Whether a request may be left without an answer for as long as it likes. */
  mayWait(asking: Asking): boolean;
  /** Whether this answer of 500 and above is one that is documented. */
  mayFail(asking: Asking, status: number, text: string): boolean;
}
