import { createRandom } from "@meseta/lib/core/random.ts";
import type { Call } from "../call.ts";
import { CONFIG } from "../config.rig.ts";
import type { InitConfig } from "../config.ts";
import { formatInstanceId, formatTaskId } from "../definition/instance-id.ts";
import { isPod } from "../definition/spec.ts";
import { parseTimestamp } from "../definition/version.ts";
import { addInstance, changeInstance } from "../fleet/change.ts";
import { serviceForInstances } from "../fleet/wanted.ts";
import { newInstance } from "../instance/instance.ts";
import { load } from "../load.ts";
import { type Answer, type InitEffect, InitOut, type Notice } from "../out.ts";
import type { Plan } from "../plan.ts";
import { specAt } from "../spec.ts";
import type { InitState } from "../state.ts";
import { VersionedMap } from "../versioned-map.ts";
import { applyCall } from "./apply.ts";

export const START = "2026-01-05T10:00:00.000Z";
export const CLIENT = { ip: "10.0.0.9", uri: "/v2/apps" };

/** What came of a call. */
export interface Came {
  readonly answer: Answer;
  readonly notices: readonly Notice[];
  readonly saved: readonly string[];
  readonly effects: readonly InitEffect[];
}

/** A desk at which calls are handed in, with nobody behind it: deployments begin and do not go on. */
export class Desk {
  readonly state: InitState;
  nowMs = parseTimestamp(START)!;

  constructor(config: Partial<InitConfig> = {}) {
    this.state = load({ ...CONFIG, ...config }, { random: createRandom(1), startMs: this.nowMs, records: [] });
  }

  /** The call one second later, and all that came of it. */
  hand(call: Call): Came {
    this.nowMs += 1000;
    const out = new InitOut();
    applyCall(this.state, 7, call, CLIENT, this.nowMs, out);
    const notices = out.effects.flatMap((effect) => (effect.type === "publish" ? [effect.notice] : []));
    const answers = out.effects.flatMap((effect) => (effect.type === "answer" ? [effect.answer] : []));
    if (answers.length !== 1) throw new Error(`${answers.length} answers`);
    return { answer: answers[0]!, notices, saved: [...out.puts.keys(), ...out.deletes], effects: out.effects };
  }

  /** What came of a call that must succeed. */
  done(call: Call): Came {
    const came = this.hand(call);
    if (came.answer.status >= 300) throw new Error(JSON.stringify(came.answer));
    return came;
  }

  /** Of the deployment that runs; there must be one alone. */
  get plan(): Plan {
    const [only, ...others] = this.state.deployments.all;
    if (only === undefined || others.length > 0) throw new Error("not one deployment runs");
    return only.plan;
  }

  /** All deployments are over, as if they had been carried out. */
  finish(): void {
    for (const { plan } of this.state.deployments.all) this.state.deployments.cancel(plan.id, "done");
  }

  /** So many instances of it run on this host. */
  run(specId: string, count: number, hostname = "h1"): string[] {
    return Array.from({ length: count }, () => {
      const id = this.queue(specId);
      this.#launch(specId, id, hostname);
      return id;
    });
  }

  /** An instance that waits for its launch. */
  queue(specId: string): string {
    const spec = specAt(this.state.tree, specId)!;
    const id = formatInstanceId(specId, this.state.random.uuid());
    addInstance(this.state, serviceForInstances(this.state, spec), newInstance(spec, id, this.nowMs), this.nowMs);
    return id;
  }

  #launch(specId: string, id: string, hostname: string): void {
    const spec = specAt(this.state.tree, specId)!;
    const containers = isPod(spec) ? spec.containers.map(({ name }) => name) : [undefined];
    const taskIds = containers.map((name) => formatTaskId(id, 1, name));
    const host = { agent_id: { value: `agent-${hostname}` }, hostname, places: {} };
    const { version, versionInfo } = spec;
    const definition = { version, configVersion: versionInfo.lastConfigChangeAt };
    const out = new InitOut();
    this.state.queue.remove(specId, id);
    changeInstance(this.state, id, { type: "launched", taskIds, host, hostPorts: [], ...definition }, this.nowMs, out);
    for (const value of taskIds) {
      const status = { task_id: { value }, state: "TASK_RUNNING" as const };
      changeInstance(this.state, id, { type: "status", status }, this.nowMs, out);
    }
  }
}

/** All of the state that calls could change, as text. */
export function digest(state: InitState): string {
  const { tree, history, olderSpecs, services, deployments, queue, touched, settleAtMs, clockAtMs, pending } = state;
  const whole = { tree, history, olderSpecs, services, running: deployments.all, entries: [...queue.entries], touched };
  return JSON.stringify({ ...whole, settleAtMs, clockAtMs, pending, wakeAtMs: state.kills.wakeAtMs }, (_key, value) =>
    value instanceof Map || value instanceof VersionedMap
      ? ["map", ...value]
      : value instanceof Set
        ? ["set", ...value]
        : value,
  );
}
