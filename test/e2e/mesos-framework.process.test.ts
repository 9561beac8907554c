import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Cluster } from "../wire/replay/cluster.ts";

// The npm package `mesos-framework` 0.5.3 as it is: its own HTTP client, its own RecordIO reader, old field names and nulls.

type Status = { task_id: { value: string }; agent_id: { value: string }; state: string; message?: string };
type Offer = { id: { value: string }; agent_id: { value: string } };

/** What the tests use of the package's class. */
interface Scheduler extends EventEmitter {
  subscribe(): void;
  kill(taskId: string, agentId: string): void;
  accept(offers: { value: string }[], operations: object, filters: object | null): void;
  decline(offers: { value: string }[], filters: object | null): void;
  message(agentId: string, executorId: string, data: string): void;
  reconcile(taskId: string, agentId: string): void;
  teardown(): void;
  launchedTasks: { name: string; taskId: string }[];
  frameworkId: string | null;
  httpRequest: { destroy(): void };
}

const require = createRequire(import.meta.url);
const { Scheduler, Mesos } = require("mesos-framework");
const protocol = Mesos.getMesos();
const EXECUTOR = fileURLToPath(new URL("mesos-framework-executor.cjs", import.meta.url));

let cluster: Cluster;

beforeEach(async () => {
  // An offer that the package lost (see below) comes again.
  cluster = await Cluster.start({ offerTimeoutMs: 2_000 });
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

test("its scheduler launches commands, hears of them, kills one and tears down", async () => {
  const { scheduler, statuses, errors } = schedulerWith({
    tasks: { service: commandTask("sleep 600", 2), job: commandTask("exit 0", 1), failing: commandTask("exit 3", 1) },
    restartStates: ["TASK_LOST"],
  });
  await statuses.until(
    ({ all }) => all("TASK_RUNNING").length >= 4 && all("TASK_FAILED", "TASK_FINISHED").length === 2,
  );
  expect(statuses.all("TASK_FINISHED")[0]!.message).toBe("Command exited with status 0");
  expect(statuses.all("TASK_FAILED")[0]!.message).toBe("Command exited with status 3");
  const killed = statuses.all("TASK_RUNNING").find(({ task_id }) => task_id.value.includes("service"))!;
  scheduler.kill(killed.task_id.value, killed.agent_id.value);
  await statuses.until(({ all }) => all("TASK_KILLED").some(({ task_id }) => task_id.value === killed.task_id.value));
  await teardown(scheduler);
  expect(errors).toEqual([]);
  const gone = (await completedFrameworks()).find(({ completed_tasks }) => completed_tasks.length > 0);
  expect(gone!.completed_tasks.map(({ state }) => state).sort()).toEqual(
    ["TASK_FAILED", "TASK_FINISHED", "TASK_KILLED", "TASK_KILLED"].sort(),
  );
});

test("its executor subscribes, runs tasks, takes messages and a kill", async () => {
  let launched = false;
  const { scheduler, statuses, errors, heard } = schedulerWith({
    handlers: {
      OFFERS(this: Scheduler, { offers }: { offers: Offer[] }) {
        for (const offer of offers) {
          if (launched) this.decline([offer.id], null);
          else this.accept([offer.id], [launchOperation(offer)], null);
          launched = true;
        }
      },
    },
  });
  await statuses.until(({ all }) => all("TASK_RUNNING").length === 2);
  const [running] = statuses.all("TASK_RUNNING");
  await heard.until(({ texts }) => texts.includes("running first") && texts.includes("running second"));
  scheduler.message(running!.agent_id.value, "own-executor", "are you there");
  await heard.until(({ texts }) => texts.includes("echo are you there"));
  scheduler.kill("first", running!.agent_id.value);
  await statuses.until(({ all }) => all("TASK_KILLED").length === 1);
  await teardown(scheduler);
  expect(errors).toEqual([]);
});

function schedulerWith(options: object) {
  const logging = { path: cluster.dir, fileName: "scheduler.log", level: "error" };
  const scheduler = new Scheduler({
    ...{ masterUrl: "127.0.0.1", port: new URL(cluster.urls.master).port, user: userInfo().username, logging },
    ...options,
  }) as Scheduler;
  const errors: unknown[] = [];
  const statuses = new Statuses();
  const heard = new Heard();
  scheduler.on("ready", () => scheduler.subscribe());
  scheduler.on("error", (error: { message?: string }) => {
    if (!isCoalesced(error)) errors.push(error);
    else if (scheduler.frameworkId === null) subscribeAgain(scheduler);
  });
  scheduler.on("update", ({ status }: { status: Status }) => statuses.add(status));
  scheduler.on("message", ({ data }: { data: string }) => heard.add(data));
  return { scheduler, statuses, heard, errors };
}

/**
 * The package takes what it reads at once for one event. Several that came together it drops, with this error, whoever sent
 * them: updates and offers come again, but without SUBSCRIBED it must begin anew.
 */
function isCoalesced({ message }: { message?: string }): boolean {
  return message?.startsWith("Other linebreak count") === true;
}

function subscribeAgain(scheduler: Scheduler): void {
  scheduler.httpRequest.destroy();
  scheduler.subscribe();
}

/** Something that grows, and can be waited for. */
class Growing<T> extends EventEmitter {
  readonly items: T[] = [];

  add(item: T): void {
    this.items.push(item);
    this.emit("grown");
  }

  async until(reached: (self: this) => boolean): Promise<void> {
    while (!reached(this)) await new Promise((resolve) => this.once("grown", resolve));
  }
}

class Statuses extends Growing<Status> {
  all = (...states: string[]): Status[] => this.items.filter(({ state }) => states.includes(state));
}

class Heard extends Growing<string> {
  get texts(): readonly string[] {
    return this.items;
  }
}

function commandTask(command: string, instances: number) {
  return {
    instances,
    commandInfo: new protocol.CommandInfo(null, null, true, command, null, null),
    resources: { cpus: 0.1, mem: 32, ports: 1, disk: 0 },
  };
}

function launchOperation({ agent_id }: Offer): object {
  const scalar = (name: string, value: number) => ({ name, type: "SCALAR", scalar: { value } });
  const executor = {
    executor_id: { value: "own-executor" },
    command: { value: `exec ${process.execPath} ${EXECUTOR}` },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
  };
  const task_infos = ["first", "second"].map((name) => ({
    ...{ name, task_id: { value: name }, agent_id, executor },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
  }));
  return { type: "LAUNCH", launch: { task_infos } };
}

/** The package would subscribe again when its stream ends. */
async function teardown(scheduler: Scheduler): Promise<void> {
  scheduler.subscribe = () => {};
  scheduler.removeAllListeners("error");
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  scheduler.on("error", ({ message }: { message: string }) => {
    if (message !== "Long-running connection was closed!") reject(new Error(message));
  });
  scheduler.once("sent_teardown", resolve);
  scheduler.teardown();
  await promise;
}

async function completedFrameworks() {
  const answer = await fetch(`${cluster.urls.master}/frameworks`);
  type Framework = { completed_tasks: { state: string }[] };
  return ((await answer.json()) as { completed_frameworks: Framework[] }).completed_frameworks;
}
