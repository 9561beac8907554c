import type { TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ABLE, commandTask, FRAMEWORK, imageContainer, scalar, TEST_CONFIG } from "./agent.rig.ts";
import { type Agent, createAgent } from "./agent.ts";
import type { AgentEvent } from "./event.ts";
import { type AgentEffect, AgentOut } from "./out.ts";
import type { ContainerSpec, KnownContainer } from "./ports.ts";
import { AGENT_DEFAULTS } from "./state.ts";

/** When the agent dies: after so many events, and after so many deeds of the last one; -1: before its records are written. */
interface Death {
  readonly events: number;
  readonly deeds: number;
}

function fetchingTask(id: string): TaskInfo {
  return commandTask(id, { command: { value: "x", uris: [{ value: "http://host/file" }] } });
}

/** A master and a launcher that live on while the agent dies between any two lines of its work. */
class World {
  readonly launched = new Map<string, number>();
  readonly received = new Map<string, string[]>();
  readonly alive = new Map<string, TaskInfo>();
  readonly launcher = new Map<string, KnownContainer>();
  /** Containers with images that are still being made: all of them are forgotten with the agent. */
  readonly #making = new Set<string>();
  readonly #store = new Map<string, string>();
  readonly #uuids = new Set<string>();
  #deaths: Death[];
  #agent: Agent;
  #queue: AgentEvent[] = [];
  #events = 0;
  #lives = 0;
  #nowMs = 1_000_000;

  constructor(deaths: readonly Death[]) {
    this.#deaths = [...deaths];
    this.#agent = this.#create();
    this.post({ type: "start", containers: [] });
  }

  get link(): number {
    return this.#agent.state.link.id;
  }

  post(event: AgentEvent): void {
    this.#queue.push(event);
    if (this.#queue.length > 1) return;
    for (; this.#queue.length > 0; this.#queue.shift()) this.#apply(this.#queue[0]!);
  }

  run(id: string): void {
    if (this.#agent.state.link.status !== "subscribed") return;
    const plain = Number.parseInt(id.slice(1), 10) % 2 === 0 ? commandTask(id) : fetchingTask(id);
    const task = id.endsWith("i") ? { ...plain, container: imageContainer() } : plain;
    this.alive.set(id, task);
    this.#send({ task });
  }

  /** One of the containers that are being made is ready. */
  makeOne(nth: number): void {
    const id = [...this.#making][nth % Math.max(1, this.#making.size)];
    if (id !== undefined && this.#making.delete(id)) this.#start(id);
  }

  runGroup(name: string): void {
    if (this.#agent.state.link.status !== "subscribed") return;
    const image = { container: imageContainer() };
    const tasks = [commandTask(`${name}-a`), fetchingTask(`${name}-b`), commandTask(`${name}-c`, image)];
    for (const task of tasks) this.alive.set(task.task_id.value, task);
    const executor = { type: "DEFAULT" as const, executor_id: { value: name }, resources: [scalar("cpus", 0.1)] };
    this.#send({ executor, task_group: { tasks } });
  }

  kill(id: string): void {
    this.post({
      type: "link-event",
      link: this.link,
      event: { type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: id } } },
    });
  }

  /** One of the containers that run ends by itself. */
  end(nth: number): void {
    const running = [...this.launcher.values()].filter(({ exit }) => exit === undefined);
    if (running.length > 0) this.#exit(running[nth % running.length]!.id, 0);
  }

  /** Nobody dies any more: all tasks are killed, and everything that is due happens. */
  calmDown(): void {
    this.#deaths = [];
    this.#reconnect();
    while (this.#making.size > 1) this.makeOne(0);
    for (const id of [...this.alive.keys()]) this.kill(id);
    for (const { id, exit } of [...this.launcher.values()]) if (exit === undefined) this.#exit(id, 15);
    this.#reconnect();
  }

  #send(run: { task: TaskInfo } | { executor: object; task_group: { tasks: TaskInfo[] } }): void {
    const resource_version = this.#agent.state.resourceVersion;
    const event = {
      type: "RUN" as const,
      run: { framework_info: FRAMEWORK, launch_executor: true, resource_version, ...run },
    };
    this.post({ type: "link-event", link: this.link, event: event as never });
  }

  #reconnect(): void {
    this.post({ type: "link-closed", link: this.link, reason: "test" });
    this.#nowMs += 60_000;
    this.post({ type: "wake", wake: { for: "register", attempt: this.#agent.state.link.attempts } });
  }

  #create(): Agent {
    const config = { ...AGENT_DEFAULTS, ...TEST_CONFIG, containers: ABLE };
    return createAgent(config, {
      random: createRandom(++this.#lives),
      records: this.#store,
      bootId: "b",
      nowMs: this.#nowMs,
    });
  }

  #apply(event: AgentEvent): void {
    const death = this.#deaths[0];
    const dies = death !== undefined && this.#events++ === death.events;
    const out = new AgentOut();
    this.#agent.apply(event, this.#nowMs, out);
    if (!dies || death.deeds >= 0) {
      for (const [key, value] of out.puts) this.#store.set(key, value);
      for (const key of out.deletes) this.#store.delete(key);
      for (const effect of dies ? out.effects.slice(0, death.deeds) : out.effects) this.#carryOut(effect);
    }
    if (dies) this.#restart();
  }

  // What was on its way to the old process never arrives; the launcher tells the new one all that it knows.
  #restart(): void {
    this.#deaths.shift();
    this.#events = 0;
    this.#making.clear();
    this.#agent = this.#create();
    this.#queue = [this.#queue[0]!, { type: "start", containers: [...this.launcher.values()] }];
  }

  #carryOut(effect: AgentEffect): void {
    if (effect.type === "connect") this.#welcome(effect);
    else if (effect.type === "fetch") this.post({ type: "fetched", id: effect.id, error: undefined });
    else if (effect.type === "launch") this.#launch(effect.container);
    else if (effect.type === "signal") this.#exit(effect.id, effect.signal);
    else if (effect.type === "destroy") this.#destroy(effect.id);
    else if (effect.type === "forget") this.launcher.delete(effect.id);
    else if (effect.type === "tell" && effect.message.type === "UPDATE") this.#hear(effect.message.update!);
  }

  #welcome({ link, subscribe }: Extract<AgentEffect, { type: "connect" }>): void {
    const told = new Set((subscribe.tasks ?? []).map((task) => task.task_id.value));
    const missing = [...this.alive.keys()].filter((id) => !told.has(id));
    const subscribed = {
      agent_id: { value: "m-S0" },
      epoch: 1,
      master_info: { id: "m", ip: 0, port: 5050 },
      ping_interval_seconds: 15,
      ping_timeout_seconds: 75,
      missing_tasks: missing.map((id) => ({ framework_id: FRAMEWORK.id!, task_id: { value: id } })),
    };
    this.post({ type: "link-event", link, event: { type: "SUBSCRIBED", subscribed } });
  }

  #launch({ id, isolation }: ContainerSpec): void {
    if (this.launcher.has(id)) return;
    if (isolation === undefined) this.#start(id);
    else this.#making.add(id);
  }

  #destroy(id: string): void {
    if (this.#making.delete(id)) this.post({ type: "container", event: { type: "exited", id, waitStatus: 9 } });
    else this.#exit(id, 9);
  }

  #start(id: string): void {
    this.launched.set(id, (this.launched.get(id) ?? 0) + 1);
    this.launcher.set(id, { id, pid: 100 + this.launched.size, startTimeTicks: 1 });
    this.post({ type: "container", event: { type: "started", id, pid: 100 + this.launched.size, startTimeTicks: 1 } });
  }

  #exit(id: string, waitStatus: number): void {
    const known = this.launcher.get(id);
    if (known === undefined || known.exit !== undefined) return;
    this.launcher.set(id, { ...known, exit: { waitStatus } });
    this.post({ type: "container", event: { type: "exited", id, waitStatus } });
  }

  #hear({ status }: { status: { task_id: { value: string }; state: string; uuid?: string | undefined } }): void {
    const id = status.task_id.value;
    if (!this.#uuids.has(status.uuid!)) this.received.set(id, [...(this.received.get(id) ?? []), status.state]);
    this.#uuids.add(status.uuid!);
    if (isTerminal(status.state as never)) this.alive.delete(id);
    const acknowledge = { framework_id: FRAMEWORK.id!, task_id: status.task_id, uuid: status.uuid! };
    this.post({ type: "link-event", link: this.link, event: { type: "ACKNOWLEDGE", acknowledge } });
  }
}

const death = fc.record({ events: fc.integer({ min: 0, max: 12 }), deeds: fc.integer({ min: -1, max: 4 }) });
const step = fc.oneof(
  fc.record({ do: fc.constant("run" as const), n: fc.nat(3) }),
  fc.record({ do: fc.constant("group" as const), n: fc.nat(2) }),
  fc.record({ do: fc.constant("kill" as const), n: fc.nat(3) }),
  fc.record({ do: fc.constant("end" as const), n: fc.nat(5) }),
  fc.record({ do: fc.constant("make" as const), n: fc.nat(5) }),
  fc.record({ do: fc.constant("image" as const), n: fc.nat(3) }),
);

test("wherever the agent dies, no task is started twice, each ends once, and nothing is left behind", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.array(death, { maxLength: 6 }), (steps, deaths) => {
      const world = new World(deaths);
      const used = new Set<string>();
      for (const { do: what, n } of steps) {
        if (what === "run" && !used.has(`t${n}`)) world.run(`t${n}`);
        if (what === "group" && !used.has(`g${n}`)) world.runGroup(`g${n}`);
        if (what === "kill" && world.alive.has(`t${n}`)) world.kill(`t${n}`);
        if (what === "end") world.end(n);
        if (what === "make") world.makeOne(n);
        if (what === "image" && !used.has(`t${n}i`)) world.run(`t${n}i`);
        if (what === "image") used.add(`t${n}i`);
        if (what === "kill" && n === 0 && world.alive.has("t1i")) world.kill("t1i");
        if (what === "run" || what === "group") used.add(`${what[0] === "r" ? "t" : "g"}${n}`);
      }
      world.calmDown();
      world.calmDown();
      expect([...world.launched.values()].filter((times) => times > 1)).toEqual([]);
      expect([...world.alive.keys()]).toEqual([]);
      expect([...world.launcher.keys()]).toEqual([]);
      for (const states of world.received.values())
        expect(states.filter((state) => isTerminal(state as never))).toEqual([states.at(-1)]);
    }),
    { numRuns: 500 },
  );
});
