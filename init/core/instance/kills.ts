import type { AgentID, KillPolicy } from "@meseta/api/mesos/generated/mesos.ts";
import { INIT_BOUNDS } from "../bounds.ts";

/** An instance that is to end: all its tasks that live. */
export interface Killing {
  readonly instanceId: string;
  readonly taskIds: readonly string[];
  readonly agent_id?: AgentID | undefined;
  readonly graceMs?: number | undefined;
}

/** A KILL to send. */
export interface KillCall {
  readonly task_id: { readonly value: string };
  readonly agent_id?: AgentID | undefined;
  readonly kill_policy?: KillPolicy | undefined;
}

export interface KillSettings {
  /** Instances that are being killed at one time. */
  readonly mostAtOnce: number;
  readonly retryMs: number;
}

/** Marathon's. */
export const KILL_SETTINGS: KillSettings = {
  mostAtOnce: INIT_BOUNDS.kills.most,
  retryMs: INIT_BOUNDS.killRetryMs.most,
};

/** Asks for the end of instances, so many at a time, and asks again until each is over. What it says to send is sent. */
export class Kills {
  readonly #settings: KillSettings;
  readonly #waiting = new Map<string, Killing>();
  /** Goes on where it stopped: a walk from the beginning would pass all that have left. */
  #turns: Iterator<Killing> | undefined;
  readonly #underWay = new Map<string, { killing: Killing; retryAtMs: number }>();

  constructor(settings: KillSettings = KILL_SETTINGS) {
    this.#settings = settings;
  }

  /** The instance is to end. To ask twice is to ask once. */
  ask(killing: Killing, nowMs: number): KillCall[] {
    const { instanceId } = killing;
    if (this.#underWay.has(instanceId) || this.#waiting.has(instanceId)) return [];
    this.#waiting.set(instanceId, killing);
    return this.#start(nowMs);
  }

  /** The instance is over, or nobody wants it to end any more; the next ones' turn. */
  forget(instanceId: string, nowMs: number): KillCall[] {
    this.#waiting.delete(instanceId);
    return this.#underWay.delete(instanceId) ? this.#start(nowMs) : [];
  }

  /** Time has passed: those that did not end are asked again. */
  tick(nowMs: number): KillCall[] {
    const calls: KillCall[] = [];
    for (const entry of this.#underWay.values()) {
      if (entry.retryAtMs > nowMs) continue;
      entry.retryAtMs = nowMs + this.#settings.retryMs;
      calls.push(...callsOf(entry.killing));
    }
    return calls;
  }

  /** Nothing that was sent before may have arrived: all under way are asked again. */
  again(nowMs: number): KillCall[] {
    for (const entry of this.#underWay.values()) entry.retryAtMs = nowMs;
    return this.tick(nowMs);
  }

  /** When `tick` next has something to say; undefined when nothing is under way. */
  get wakeAtMs(): number | undefined {
    let soonest: number | undefined;
    for (const { retryAtMs } of this.#underWay.values())
      if (soonest === undefined || retryAtMs < soonest) soonest = retryAtMs;
    return soonest;
  }

  #start(nowMs: number): KillCall[] {
    const calls: KillCall[] = [];
    while (this.#underWay.size < this.#settings.mostAtOnce && this.#waiting.size > 0) {
      this.#turns ??= this.#waiting.values();
      const { value: killing, done } = this.#turns.next();
      if (done) this.#turns = undefined;
      else this.#begin(killing, nowMs, calls);
    }
    return calls;
  }

  #begin(killing: Killing, nowMs: number, calls: KillCall[]): void {
    this.#waiting.delete(killing.instanceId);
    this.#underWay.set(killing.instanceId, { killing, retryAtMs: nowMs + this.#settings.retryMs });
    calls.push(...callsOf(killing));
  }
}

function callsOf({ taskIds, agent_id, graceMs }: Killing): KillCall[] {
  const kill_policy = graceMs === undefined ? undefined : { grace_period: { nanoseconds: graceMs * 1e6 } };
  return taskIds.map((value) => ({
    task_id: { value },
    ...(agent_id === undefined ? {} : { agent_id }),
    ...(kill_policy === undefined ? {} : { kill_policy }),
  }));
}
