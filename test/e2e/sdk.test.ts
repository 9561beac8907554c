// A scheduler and an executor written with the SDK, against a real cluster that is being broken.

import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import type { TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { protobuf } from "@meseta/sdk/core/protobuf.ts";
import { take } from "@meseta/sdk/core/take.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 30_000, interval: 50 };
const executorFile = fileURLToPath(new URL("sdk-executor.ts", import.meta.url));

let cluster: RunningCluster;
beforeAll(async () => {
  // An executor that comes back late is ended, and on a loaded machine two seconds are not long.
  vi.stubEnv("MESETA_EXECUTOR_REREGISTRATION_TIMEOUT", "30secs");
  cluster = await RunningCluster.start([
    "--agents",
    "1",
    "--resources",
    "cpus:4;mem:4096;disk:4096;ports:[31000-31099]",
  ]);
  vi.unstubAllEnvs();
});
afterAll(() => cluster.remove());

/** Launches the tasks of the list on the first offers that have room, and notes all that happens. */
class Scheduler {
  readonly client: SchedulerClient;
  readonly events: Event[] = [];
  readonly #wanted: TaskInfo[] = [];
  agentId = "";

  constructor(format?: typeof protobuf) {
    const capabilities = (["MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE"] as const).map((type) => ({
      type,
    }));
    const framework = {
      user: userInfo().username,
      name: "sdk",
      roles: ["sdk"],
      checkpoint: true,
      failover_timeout: 60,
      capabilities,
    };
    this.client = connectScheduler({ masters: cluster.ready.masters }, { framework, ...(format && { format }) });
    this.client.start({ event: (event) => this.#receive(event) });
  }

  async launch(task: Omit<TaskInfo, "agent_id">): Promise<void> {
    this.#wanted.push({ ...task, agent_id: { value: "" } });
    if (this.client.subscribed) await this.client.revive();
  }

  states(id: string): (string | undefined)[] {
    return this.events.flatMap((event) =>
      event.update?.status.task_id.value === id ? [event.update.status.state] : [],
    );
  }

  #receive(event: Event): void {
    this.events.push(event);
    for (const offer of event.offers?.offers ?? []) {
      const task = this.#wanted.shift();
      const taken = task && take(offer.resources ?? [], { scalars: { cpus: 0.1, mem: 64 } });
      this.agentId = offer.agent_id.value;
      if (!task || !taken) void this.client.decline([offer.id], { refuse_seconds: 3600 }).catch(masterIsGone);
      else {
        const task_infos = [{ ...task, agent_id: offer.agent_id, resources: taken.resources }];
        const launch = { type: "LAUNCH" as const, launch: { task_infos } };
        void this.client.accept([offer.id], [launch], { refuse_seconds: 3600 }).catch(masterIsGone);
      }
    }
  }
}

/** It was killed before it answered: its successor offers anew. */
const masterIsGone = (): void => {};

function custom(id: string): Omit<TaskInfo, "agent_id"> {
  const command = { value: `exec ${process.execPath} ${executorFile}` };
  const scalar = (name: string, value: number) => ({
    name,
    type: "SCALAR" as const,
    scalar: { value },
    allocation_info: { role: "sdk" },
  });
  const executor = {
    type: "CUSTOM" as const,
    executor_id: { value: `${id}-executor` },
    command,
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
  };
  return { name: id, task_id: { value: id }, executor };
}

it("a scheduler and an executor of the SDK run a task, and messages go both ways", async () => {
  const scheduler = new Scheduler();
  await scheduler.launch(custom("talk"));
  await expect.poll(() => scheduler.states("talk"), SLOW).toContain("TASK_RUNNING");
  const data = Buffer.from("finish").toString("base64");
  await scheduler.client.message({ value: scheduler.agentId }, { value: "talk-executor" }, data);
  await expect.poll(() => scheduler.states("talk").at(-1), SLOW).toBe("TASK_FINISHED");
  expect(scheduler.events.find(({ type }) => type === "MESSAGE")?.message?.data).toBe(data);
  await scheduler.client.teardown();
});

it("the executor outlives its agent, and what it said meanwhile arrives", async () => {
  const scheduler = new Scheduler();
  await scheduler.launch(custom("survivor"));
  await expect.poll(() => scheduler.states("survivor"), SLOW).toContain("TASK_RUNNING");
  cluster.kill("agent-1");
  const data = Buffer.from("finish").toString("base64");
  const send = async () => {
    await scheduler.client.message({ value: scheduler.agentId }, { value: "survivor-executor" }, data).catch(() => {});
    return scheduler.states("survivor").at(-1);
  };
  await expect.poll(send, SLOW).toBe("TASK_FINISHED");
  await scheduler.client.teardown();
});

it("the scheduler keeps its id through a master's death, in protobuf too", async () => {
  const scheduler = new Scheduler(protobuf);
  await scheduler.launch({ name: "plain", task_id: { value: "plain" }, command: { value: "sleep 1000" } });
  await expect.poll(() => scheduler.states("plain"), SLOW).toContain("TASK_RUNNING");
  const id = scheduler.client.frameworkId;
  cluster.kill("master");
  const subscriptions = () => scheduler.events.filter(({ type }) => type === "SUBSCRIBED").length;
  await expect.poll(subscriptions, SLOW).toBe(2);
  expect(scheduler.client.frameworkId).toEqual(id);
  const kill = async () => {
    await scheduler.client.kill({ value: "plain" }).catch(() => {});
    return scheduler.states("plain").at(-1);
  };
  await expect.poll(kill, SLOW).toBe("TASK_KILLED");
  await scheduler.client.teardown();
});
