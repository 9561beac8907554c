// P9: how many status updates a second an agent takes, each stored on the disk before its executor is told so: the agent's routes, core, loop and store,
// with an executor and a master that are played in the same process and acknowledge at once. Beside it the bare group commit at the same concurrency.
// And how long a master takes to admit 50,000 agents, each registration stored before it is answered.
// `node bench/updates.ts [UPDATES [CONCURRENCY [AGENTS]]]`
import { randomBytes } from "node:crypto";
import { decodeProtobuf, encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Call, Event } from "@meseta/api/mesos/generated/executor.ts";
import type { ExecutorInfo, FrameworkInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";
import { bareAppendsPerSecond } from "./bare/append.ts";
import { bag } from "./load/agents.ts";
import { type InProcessAgent, openAgent, openMaster, simulateAgent } from "./load/in-process.ts";
import { line, median, quantile, rate } from "./measure/numbers.ts";

const [UPDATES = 100_000, CONCURRENCY = 256, AGENTS = 50_000] = process.argv.slice(2).map(Number);
const ROUNDS = 5;
const headers = { "content-type": "application/x-protobuf", accept: "application/x-protobuf" };
const framework_id = { value: "bench-0000" };
const framework_info: FrameworkInfo = {
  user: "root",
  name: "bench",
  id: framework_id,
  roles: ["bench"],
  checkpoint: true,
};
const executor: ExecutorInfo = {
  executor_id: { value: "executor" },
  framework_id,
  type: "CUSTOM",
  command: { value: "true" },
  resources: bag({ cpus: 0.1, mem: 32 }),
};

async function main(): Promise<void> {
  const [rates, waits, bare]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareAppendsPerSecond(CONCURRENCY, 512, UPDATES));
    await using player = await Player.open();
    const startMs = performance.now();
    await player.run(UPDATES / ROUNDS);
    rates.push((UPDATES / ROUNDS / (performance.now() - startMs)) * 1000);
    waits.push(...player.waits);
  }
  const perSecond = median(rates);
  line(`bare writev + fdatasync, ${CONCURRENCY} writers`, rate(median(bare)));
  line(
    "P9 stored and acknowledged updates",
    rate(perSecond),
    `p99 ${quantile(waits, 0.99).toFixed(1)} ms`,
    `${(perSecond / median(bare)).toFixed(2)} × bare`,
    "goal 20,000 /s, p99 25 ms, 0.25",
  );
  const admitted = [];
  for (let round = 0; round < 3; round++) admitted.push(await admit(AGENTS));
  line(`P9 ${AGENTS} agents admitted`, `${(median(admitted) / 1000).toFixed(2)} s`, "goal 3 s for 50,000");
}

/** An executor whose tasks each send the next update when the last one is stored; and the master, which acknowledges what it is told. */
class Player implements AsyncDisposable {
  readonly waits: number[] = [];
  readonly #sentMs = new Map<string, number>();
  #agent!: InProcessAgent;
  #left = 0;
  #underWay = 0;
  #ready = Promise.withResolvers<void>();
  #done = Promise.withResolvers<void>();
  #launched = 0;

  static async open(): Promise<Player> {
    const player = new Player();
    player.#agent = await openAgent({
      connected: (link) => player.#subscribed(link),
      told: (link, { update }) => {
        if (update === undefined) return;
        const { task_id, uuid } = update.status;
        const acknowledge = { framework_id, task_id, uuid: uuid! };
        player.#agent.loop.post({ type: "link-event", link, event: { type: "ACKNOWLEDGE", acknowledge } });
      },
      launched: ({ id }) => {
        player.#agent.loop.post({ type: "container", event: { type: "started", id, pid: 1, startTimeTicks: 1 } });
        player.#subscribeExecutor();
      },
    });
    await player.#ready.promise;
    return player;
  }

  run(updates: number): Promise<void> {
    this.#left = updates;
    this.#done = Promise.withResolvers();
    for (let i = 0; i < CONCURRENCY; i++) this.#update(`task-${i}`);
    return this.#done.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
  }

  #subscribed(link: number): void {
    const subscribed = {
      agent_id: { value: "bench-S0" },
      epoch: 1,
      master_info: { id: "bench", ip: 0, port: 5050, hostname: "master" },
      ping_interval_seconds: 3_600,
      ping_timeout_seconds: 36_000,
    };
    const { loop } = this.#agent;
    loop.post({ type: "link-event", link, event: { type: "SUBSCRIBED", subscribed } });
    for (let i = 0; i < CONCURRENCY; i++) {
      const name = `task-${i}`;
      const task = {
        name,
        task_id: { value: name },
        agent_id: subscribed.agent_id,
        resources: bag({ cpus: 0.1, mem: 32 }),
        executor,
      };
      const run = { framework_info, task, launch_executor: i === 0, resource_version: loop.state.resourceVersion };
      loop.post({ type: "link-event", link, event: { type: "RUN", run } });
    }
  }

  #subscribeExecutor(): void {
    const decoder = new RecordDecoder();
    this.#post({ type: "SUBSCRIBE", subscribe: {} }, (bytes) => {
      for (const record of decoder.push(bytes)) this.#hear(decodeProtobuf("mesos.v1.executor.Event", record));
    });
  }

  #hear(event: Event): void {
    if (event.type === "LAUNCH" && ++this.#launched === CONCURRENCY) this.#ready.resolve();
    if (event.acknowledged === undefined) return;
    const { task_id, uuid } = event.acknowledged;
    this.waits.push(performance.now() - this.#sentMs.get(uuid)!);
    this.#sentMs.delete(uuid);
    this.#underWay--;
    if (this.#left > 0) this.#update(task_id.value);
    else if (this.#underWay === 0) this.#done.resolve();
  }

  #update(taskId: string): void {
    this.#left--;
    this.#underWay++;
    const uuid = randomBytes(16).toString("base64");
    this.#sentMs.set(uuid, performance.now());
    const status = {
      task_id: { value: taskId },
      state: "TASK_RUNNING" as const,
      source: "SOURCE_EXECUTOR" as const,
      uuid,
    };
    this.#post({ type: "UPDATE", update: { status } });
  }

  #post(call: Omit<Call, "framework_id" | "executor_id">, chunk?: (bytes: Uint8Array) => void): void {
    const body = encodeProtobuf("mesos.v1.executor.Call", { framework_id, executor_id: executor.executor_id, ...call });
    const answered = ({ status, body }: { status: number; body?: unknown }) => {
      if (status !== 202) throw new Error(`${call.type} was answered ${status} ${body}`);
    };
    this.#agent.door.post("/api/v1/executor", body, headers, { answered, ...(chunk && { chunk }) });
  }
}

/** Milliseconds until all of them were answered. */
async function admit(agents: number): Promise<number> {
  await using master = await openMaster();
  let admitted = 0;
  const startMs = performance.now();
  await new Promise<void>((resolve) => {
    for (let i = 0; i < agents; i++) simulateAgent(master.door, i, () => ++admitted === agents && resolve());
  });
  return performance.now() - startMs;
}

await main();
process.exit(0);
