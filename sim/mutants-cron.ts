import type { Cron } from "@meseta/cron/core/cron.ts";
import type { CronEvent } from "@meseta/cron/core/event.ts";
import type { CronEffect, CronOut } from "@meseta/cron/core/out.ts";
import type { Cluster } from "./cluster.ts";
import { isSent, type Spoiling, spoiled } from "./mutants.ts";
import { cronOf } from "./tenants/cron.ts";

/** A bug of cron's, planted: a history of Jepsen's jobs must notice it. */
export interface CronMutant {
  readonly name: string;
  spoil(cluster: Cluster): void;
}

export const CRON_MUTANTS: readonly CronMutant[] = [
  cron("cron does not store how far its schedules are", { save: (key) => !key.startsWith("progress/") }),
  wrapped("cron stores a position first, and the run with the next event", storeRunsLate),
  wrapped("cron gives each attempt of a run the same name", ({ effects, puts }) => {
    effects.splice(0, effects.length, ...parsed(renamed(JSON.stringify(effects)), effects));
    for (const [key, text] of puts) puts.set(key, renamed(text));
  }),
  cron("cron never asks what became of its tasks", { effect: drops("RECONCILE") }),
  cron("cron does not acknowledge", { effect: drops("ACKNOWLEDGE") }),
  cron("cron keeps offers for ever", { effect: drops("DECLINE") }),
  cron("cron asks for no offers again", { effect: dropsSome("REVIVE") }),
  cron("cron does not hear what job may not run beside itself", { event: setBody({ concurrent: true }) }),
  cron("cron makes up for each that was missed, where one was wanted", { event: setBody({ catchUp: "EACH" }, "ONE") }),
  cron("cron makes up for nothing", { event: setBody({ catchUp: "NONE" }) }),
  happening("cron counts a run for several instants once for each", countTwice),
  happening("cron gives up what it launched when the connection breaks", giveUp),
  happening("cron forgets what waits for the end of a run", (_, { state }) => {
    for (const entry of state.entries.values()) entry.held = undefined;
  }),
  happening("cron goes back with its clock", goBack),
  cron("cron does not hear that tasks were lost", {
    event: (event) => !/LOST|GONE|DROPPED/.test(statusOf(event) ?? ""),
  }),
  cron("cron does not store what it launches", {
    save: (key, value) => !key.startsWith("run/") || !value.includes('"phase":"launched"'),
  }),
];

function cron(name: string, spoiling: Spoiling<CronEvent, CronEffect, Cron>): CronMutant {
  return { name, spoil: (cluster) => void (cronOf(cluster)!.framework.spoil = (core) => spoiled(core, spoiling)) };
}

/** What each event comes to is changed. */
function wrapped(name: string, change: (out: CronOut, core: Cron) => void): CronMutant {
  return happening(name, (_, core, out) => change(out, core));
}

/** Something more is done after each event. */
function happening(name: string, act: (event: CronEvent, core: Cron, out: CronOut, nowMs: number) => void): CronMutant {
  return {
    name,
    spoil: (cluster) => {
      cronOf(cluster)!.framework.spoil = (core) => {
        const right = core.apply.bind(core);
        core.apply = (event, nowMs, out) => {
          right(event, nowMs, out);
          act(event, core, out, nowMs);
        };
        return core;
      };
    },
  };
}

function drops(type: string): (effect: CronEffect) => CronEffect[] {
  return (effect) => (isSent(effect, type) ? [] : [effect]);
}

function dropsSome(type: string): (effect: CronEffect) => CronEffect[] {
  let sent = 0;
  return (effect) => (isSent(effect, type) && ++sent % 8 > 0 ? [] : [effect]);
}

/** The job that a client makes is another one. */
function setBody(fields: object, where?: string): (event: CronEvent) => boolean {
  return (event) => {
    const body = event.type === "call" && event.call.kind === "chronos-put" ? event.call.body : undefined;
    const { catchUp = "ONE" } = (body ?? {}) as { catchUp?: string };
    if (body !== undefined && (where === undefined || where === catchUp)) Object.assign(body as object, fields);
    return true;
  };
}

const late = new WeakMap<Cron, Map<string, string>>();

function storeRunsLate({ puts }: CronOut, core: Cron): void {
  const before = late.get(core) ?? new Map();
  const held = new Map([...puts].filter(([key, text]) => key.startsWith("run/") && text.includes('"launches":0')));
  for (const key of held.keys()) puts.delete(key);
  for (const [key, text] of before) if (!puts.has(key)) puts.set(key, text);
  late.set(core, held);
}

const renamed = (text: string): string => text.replaceAll(/ct:(\d+):\d+:/g, "ct:$1:0:");

/** Requests and numbers that are none in JSON stay as they are. */
function parsed(text: string, effects: readonly CronEffect[]): CronEffect[] {
  const read = JSON.parse(text) as CronEffect[];
  return effects.map((effect, index) => (effect.type === "send" ? read[index]! : effect));
}

function countTwice(_: CronEvent, { state }: Cron, { puts }: CronOut): void {
  for (const [key, text] of puts) {
    if (!key.startsWith("run/") || !text.includes('"launches":0')) continue;
    const { trigger } = state.entries.get(key.split("/")[1]!)?.job ?? {};
    const schedule = trigger?.type === "schedules" ? trigger.schedules[0] : undefined;
    const when = schedule?.catchUp === "ONE" ? (schedule.when as { times?: number }) : undefined;
    if (when?.times) when.times--;
  }
}

function giveUp(event: CronEvent, core: Cron, out: CronOut, nowMs: number): void {
  if (event.type !== "disconnected") return;
  for (const taskId of [...core.state.tasks.keys()]) {
    const status = { task_id: { value: taskId }, state: "TASK_LOST" as const };
    core.apply({ type: "heard", event: { type: "UPDATE", update: { status } } }, nowMs, out);
  }
}

/** What was had by a clock that was ahead is not done with any more. */
function goBack(_: CronEvent, { state }: Cron, __: CronOut, nowMs: number): void {
  for (const { untilMs, job } of state.entries.values())
    for (const [id, until] of untilMs)
      if (until > nowMs + 1_000) {
        untilMs.set(id, nowMs);
        const { trigger } = job;
        const when = trigger.type === "schedules" ? (trigger.schedules[0]!.when as { first?: number }) : {};
        if (when.first) when.first--;
      }
}

function statusOf(event: CronEvent): string | undefined {
  return event.type === "heard" ? event.event.update?.status.state : undefined;
}
