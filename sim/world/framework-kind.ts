import type { FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type * as scheduler from "@meseta/api/mesos/generated/scheduler.ts";
import type { Core, Outbox } from "@meseta/lib/core/daemon.ts";
import type { Random } from "@meseta/lib/core/random.ts";

/** What happens to every framework of the house, whatever else does: its core takes these. */
export type News =
  | { readonly type: "heard"; readonly event: scheduler.Event }
  | { readonly type: "disconnected" }
  | { readonly type: "call-failed"; readonly call: Omit<scheduler.Call, "framework_id">; readonly refusal?: string }
  | { readonly type: "wake"; readonly wake: { readonly for: "start" } };

/** What a client is answered; `body` is parsed JSON, or text. */
export interface FrameworkAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a client's request comes to: an event that is answered by its number, a view of the core, or an answer at once. */
export type Asked<Event, C> =
  | { readonly does: (request: number) => Event }
  | { readonly shows: (core: C, nowMs: number) => FrameworkAnswer }
  | { readonly answer: FrameworkAnswer };

/** A core that knows as whom it is subscribed. */
export interface Known {
  readonly state: { readonly master: { readonly frameworkId?: string | undefined } };
}

/** What a core is built with. */
export interface Beginning {
  readonly random: Random;
  readonly startMs: number;
  readonly records: [key: string, text: string][];
}

/** What the effects of a framework come down to. */
export interface Tools<Event, C> {
  readonly core: C;
  answer(request: number, answer: FrameworkAnswer): void;
  send(call: Omit<scheduler.Call, "framework_id">): void;
  /** Subscribes as this framework, or changes what the master knows of it. */
  want(framework: FrameworkInfo, suppressed: readonly string[]): void;
  wake(atMs: number, event: Event): void;
  /** For those who listen. */
  notice(notice: object): void;
  /** The process ends; a supervisor starts it again. */
  leave(): void;
}

/** A kind of framework of the house: all in which one is not like the others. */
export interface FrameworkKind<Event, Effect, Out extends Outbox<Effect>, C extends Core<Event, Out> & Known> {
  /** Where its process is, and its name in what is told. */
  readonly place: string;
  /** It goes by the time of day, also after somebody has set the clock. */
  readonly isByTimeOfDay?: boolean;
  newOutbox(): Out;
  create(beginning: Beginning): C;
  news(news: News): Event;
  asked(request: Request): Asked<Event, C>;
  /** The number of the request that the event is; undefined when it is none. */
  requestOf(event: Event): number | undefined;
  carryOut(effect: Effect, tools: Tools<Event, C>): void;
}

/** A client's request; `bodyText` is empty when there is no body. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly bodyText: string;
}

/** As the routes answer. */
export function answerOf(answer: {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}): FrameworkAnswer {
  return { status: answer.status, headers: answer.headers ?? {}, body: answer.body };
}

/** As views answer: the pieces of one document. */
export function readingOf(reading: {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isText?: boolean;
  readonly pieces: Iterable<string>;
}): FrameworkAnswer {
  const text = [...reading.pieces].join("");
  const body: unknown = reading.isText || text === "" ? text : JSON.parse(text);
  return { status: reading.status, headers: reading.headers ?? {}, body };
}
