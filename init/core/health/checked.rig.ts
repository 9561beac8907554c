import type { App } from "@meseta/api/marathon/app.ts";
import type { HealthCheck } from "@meseta/api/marathon/health.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Result } from "@meseta/api/mesos/generated/probe.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { CONFIG } from "../config.rig.ts";
import { formatTaskId } from "../definition/instance-id.ts";
import { isPod } from "../definition/spec.ts";
import { changeInstance } from "../fleet/change.ts";
import { instanceOf, serviceOf } from "../fleet/lookup.ts";
import { type Instance, newInstance } from "../instance/instance.ts";
import { load } from "../load.ts";
import { receiveUpdate } from "../master/updates.ts";
import { InitOut, type Notice } from "../out.ts";
import type { InitState } from "../state.ts";
import { receiveProbes } from "./receive.ts";

/** A check with Marathon's defaults but no grace, for tests. */
export function aCheck(more: Partial<HealthCheck> = {}): HealthCheck {
  return {
    protocol: "HTTP",
    portIndex: 0,
    gracePeriodSeconds: 0,
    intervalSeconds: 10,
    timeoutSeconds: 20,
    maxConsecutiveFailures: 3,
    delaySeconds: 15,
    ignoreHttp1xx: false,
    ipProtocol: "IPv4",
    ...more,
  };
}

/** One running instance of an app or a pod, of which agents tell; no deployment goes on. For tests only. */
export class Checked {
  readonly spec: App | Pod;
  state: InitState;
  readonly id: string;
  nowMs = Date.UTC(2026, 0, 5, 10);
  notices: Notice[] = [];
  kills: string[] = [];
  #records: [string, string][];

  constructor(spec: App | Pod) {
    this.spec = spec;
    this.id = `${spec.id.slice(1).replaceAll("/", "_")}.instance-1`;
    this.#records = [
      ["root", JSON.stringify({ version: spec.version })],
      [`spec/${spec.id}`, JSON.stringify(spec)],
    ];
    this.state = this.#load();
    serviceOf(this.state, spec.id)!.instances.set(this.id, newInstance(spec, this.id, this.nowMs));
    this.launch();
  }

  get instance(): Instance {
    return instanceOf(this.state, this.id)!;
  }

  /** A task of the present launch. */
  taskId(container?: string): string {
    return formatTaskId(this.id, this.instance.incarnation, container);
  }

  launch(): this {
    const { spec } = this;
    const taskIds = isPod(spec) ? spec.containers.map(({ name }) => this.taskId(name)) : [this.taskId()];
    const out = new InitOut();
    changeInstance(
      this.state,
      this.id,
      {
        type: "launched",
        taskIds,
        host: { agent_id: { value: "S1" }, hostname: "h1", places: {} },
        hostPorts: [31_000],
        version: spec.version,
        configVersion: spec.versionInfo.lastConfigChangeAt,
      },
      this.nowMs,
      out,
    );
    for (const id of taskIds) this.status({ state: "TASK_RUNNING" }, id);
    this.take();
    return this;
  }

  /** What a probe saw, a second later. */
  probed(probe_id: string, succeeded: boolean, more: Partial<Result> = {}): this {
    this.nowMs += 1000;
    const result = { task_id: { value: this.taskId() }, probe_id, succeeded, timestamp: this.nowMs / 1000, ...more };
    const out = new InitOut();
    receiveProbes(this.state, { type: "PROBED", probed: { results: [result] } }, this.nowMs, out);
    return this.#note(out);
  }

  status(status: Omit<TaskStatus, "task_id">, taskId = this.taskId()): this {
    this.nowMs += 1000;
    const out = new InitOut();
    const whole = { timestamp: this.nowMs / 1000, ...status, task_id: { value: taskId } };
    receiveUpdate(this.state, whole, this.nowMs, out);
    return this.#note(out);
  }

  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** Another leader, with what was stored. */
  fail(): this {
    this.#records = [...this.#records.slice(0, 2), [`instance/${this.id}`, JSON.stringify(this.instance)]];
    this.state = this.#load();
    return this;
  }

  /** The types of the notices since the last time, but for those that tell of statuses. */
  take(): string[] {
    const types = this.notices.map(({ eventType }) => eventType);
    this.notices = [];
    return types.filter((type) => type !== "status_update_event" && type !== "instance_changed_event");
  }

  #load(): InitState {
    return load(CONFIG, { random: createRandom(1), startMs: this.nowMs, records: this.#records });
  }

  #note({ effects }: InitOut): this {
    for (const effect of effects) {
      if (effect.type === "publish") this.notices.push(effect.notice);
      if (effect.type === "send" && effect.call.kill !== undefined) this.kills.push(effect.call.kill.task_id.value);
    }
    return this;
  }
}
