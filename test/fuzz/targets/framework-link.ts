import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { Line } from "@meseta/sdk/core/line.rig.ts";
import { SchedulerClient, type SchedulerOptions } from "@meseta/sdk/scheduler/client.ts";
import { once, pick } from "../grammar/odd.ts";
import { scalar } from "./things.ts";

/** The master of a framework on the bench: it takes it in, makes offers, and tells what became of the tasks that were launched. */
export class PlayedMaster {
  #line: Line<Call, Event> | undefined;
  #offers = 0;
  #updates = 0;
  #isSubscribed = false;

  connect(options: SchedulerOptions): SchedulerClient {
    this.#line = new Line();
    this.#isSubscribed = false;
    return new SchedulerClient(this.#line, options);
  }

  /** `{ subscribed } { offers: n } { update: n, state } { lose }` */
  act(act: unknown): void {
    const { subscribed, offers, update, state, lose } = act as Record<string, unknown>;
    if (this.#line === undefined) return;
    if (subscribed === true) this.#subscribed();
    else if (!this.#isSubscribed) return;
    else if (lose === true) this.#lose();
    else if (typeof offers === "number")
      this.#send({ type: "OFFERS", offers: { offers: this.#newOffers(offers) } } as unknown as Event);
    else if (typeof update === "number") this.#update(update, String(state));
  }

  /** The ids of the tasks that were launched. */
  get tasks(): string[] {
    return this.#launched().map(({ task_id }) => task_id.value);
  }

  #lose(): void {
    this.#isSubscribed = false;
    this.#line!.lose();
  }

  #subscribed(): void {
    this.#isSubscribed = true;
    this.#line!.open();
    const framework_id = { value: "f-0000" };
    this.#send({ type: "SUBSCRIBED", subscribed: { framework_id, heartbeat_interval_seconds: 15 } } as Event);
  }

  #newOffers(count: number): object[] {
    return Array.from({ length: count }, () => {
      const number = this.#offers++;
      const resources = [scalar("cpus", 8), scalar("mem", 8192), scalar("disk", 10_000)].map((one) => ({
        ...one,
        allocation_info: { role: "*" },
      }));
      const ports = {
        name: "ports",
        type: "RANGES",
        ranges: { range: [{ begin: 31_000, end: 31_999 }] },
        allocation_info: { role: "*" },
      };
      const ids = {
        id: { value: `o-${number}` },
        framework_id: { value: "f-0000" },
        agent_id: { value: `S${number % 3}` },
      };
      return {
        ...ids,
        hostname: `h${number % 3}`,
        allocation_info: { role: "*" },
        resources: [...resources, ports],
        attributes: [],
      };
    });
  }

  #launched() {
    const operations = this.#line?.calls.flatMap(({ accept }) => accept?.operations ?? []) ?? [];
    return operations.flatMap((one) => [
      ...(one.launch?.task_infos ?? []),
      ...(one.launch_group?.task_group.tasks ?? []),
    ]);
  }

  #update(at: number, state: string): void {
    const tasks = this.#launched();
    const task = tasks[at % Math.max(1, tasks.length)];
    if (task === undefined) return;
    const uuid = Buffer.alloc(16, this.#updates++).toString("base64");
    const status = {
      task_id: task.task_id,
      agent_id: task.agent_id,
      state,
      uuid,
      timestamp: 1_700_000_000 + this.#updates,
      source: "SOURCE_EXECUTOR",
    };
    this.#send({ type: "UPDATE", update: { status } } as unknown as Event);
  }

  // What its client does not understand ends the connection, as a network would show it.
  #send(event: Event): void {
    this.#line!.send(event);
  }
}

const STATES = [
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_RUNNING",
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_LOST",
  "TASK_KILLED",
  "TASK_UNREACHABLE",
  "TASK_ERROR",
];

export function drawMasterAct(random: Random): unknown {
  if (once(random, 30)) return { lose: true };
  if (once(random, 6)) return { subscribed: true };
  return once(random, 2) ? { offers: 1 + random.below(3) } : { update: random.below(20), state: pick(random, STATES) };
}
