import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { EtcdCluster, hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { Relay } from "@meseta/drivers/store/etcd/relay.rig.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import type { MasterClient } from "@meseta/sdk/operator/master.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { elected, leaderAmong, pidOfMaster } from "./leading.ts";
import { MESETA, processesWith, RunningCluster } from "./local-cluster.ts";

describe.runIf(hasEtcd)("three masters", () => {
  let cluster: RunningCluster;
  let operator: MasterClient;
  let framework: Framework;
  const acknowledged: string[] = [];

  beforeAll(async () => {
    cluster = await RunningCluster.start(["--masters", "3", "--no-init", "--no-cron"]);
    operator = connectMaster(cluster.ready.masters);
    framework = new Framework(cluster.ready.masters);
    await framework.launched();
  });
  afterAll(async () => {
    framework?.close();
    operator?.close();
    await cluster?.remove();
  });

  const leader = () => elected(cluster.ready.masters);
  /** What was answered must be there for good. */
  const write = async (role: string) => {
    await operator.updateWeights([{ role, weight: 2 }]);
    acknowledged.push(role);
  };
  const roles = async () => (await operator.getWeights()).map(({ role }) => role!);
  const isWhole = async () => {
    const { agents = [] } = await operator.getAgents();
    const { tasks = [] } = await operator.getTasks();
    return {
      agents: agents.filter(({ active }) => active !== false).length,
      tasks: tasks.map(({ task_id, state }) => `${task_id.value} ${state}`),
    };
  };
  const WHOLE = { agents: 3, tasks: ["sleeper TASK_RUNNING"] };

  it("are told with the store that they share, and one of them leads", async () => {
    const { masters, store } = cluster.ready;
    expect(masters).toHaveLength(3);
    expect(store).toMatch(/^etcd:\/\/.*,.*,.*\/meseta\/master$/);
    const url = await leader();
    const others = masters.filter((one) => one !== url);
    for (const other of others) {
      expect((await fetch(`${other}/health`)).status).toBe(200);
      const state = await fetch(`${other}/state`, { redirect: "manual" });
      expect([state.status, state.headers.get("location")]).toEqual([307, `${url.slice("http:".length)}/state`]);
    }
    await write("first");
  });

  it("lose nothing when the leader is killed: another one leads, the task runs on, agents and the framework find it", async () => {
    const [before, pids] = [await leader(), sleepers()];
    const heard = framework.heard("SUBSCRIBED") + framework.heard("OFFERS");
    await write("before-the-kill");
    process.kill(pidOfMaster(cluster, before), "SIGKILL");
    await elected(cluster.ready.masters, before);
    await write("after-the-kill");
    await expect.poll(isWhole).toEqual(WHOLE);
    await expect.poll(() => framework.heard("SUBSCRIBED") + framework.heard("OFFERS")).toBeGreaterThan(heard + 1);
    expect(framework.ids).toHaveLength(1);
    expect(sleepers()).toEqual(pids);
    expect(await roles()).toEqual(expect.arrayContaining(acknowledged));
  });

  it("hear nothing more of a leader that was stopped for longer than its lease: it ends as soon as it goes on", async () => {
    const frozen = await leader();
    const subscriptions = framework.heard("SUBSCRIBED");
    const pid = pidOfMaster(cluster, frozen);
    process.kill(pid, "SIGSTOP");
    // It lies in the stopped process' socket, and is read as soon as it goes on.
    const stale = fetch(`${frozen}/weights`, {
      method: "PUT",
      body: JSON.stringify([{ role: "stale", weight: 9 }]),
    }).then(({ status }) => status, String);
    // Whoever has called the stopped one would wait for its answer.
    operator.close();
    operator = connectMaster([await elected(cluster.ready.masters, frozen)]);
    await write("while-one-is-stopped");
    // Nobody waits until it has missed its pings and heartbeats.
    await expect.poll(isWhole).toEqual(WHOLE);
    await expect.poll(() => framework.heard("SUBSCRIBED")).toBeGreaterThan(subscriptions);
    process.kill(pid, "SIGCONT");
    expect(await stale).not.toBe(200);
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
    expect(readFileSync(join(cluster.dir, "logs", logOf(frozen)), "utf8")).toMatch(
      /must end reason=.*(leads? no more|leads now|not renewed in time)/,
    );
    operator.close();
    operator = connectMaster(cluster.ready.masters);
    await write("after-it-ended");
    await expect.poll(isWhole).toEqual(WHOLE);
    expect(await roles()).not.toContain("stale");
    expect(await roles()).toEqual(expect.arrayContaining(acknowledged));
  });

  it("step down while etcd is gone, and all comes back with it", async () => {
    const before = await leader();
    const pid = pidOfMaster(cluster, before);
    const pids = sleepers();
    const members = processesWith("--initial-cluster").filter(
      ({ args }) => args[0]!.endsWith("etcd") && args.some((arg) => arg.startsWith(cluster.dir)),
    );
    expect(members).toHaveLength(3);
    for (const member of members) process.kill(member.pid, "SIGSTOP");
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
    expect(await leaderAmong(cluster.ready.masters)).toBeUndefined();
    expect(sleepers()).toEqual(pids);
    for (const member of members) process.kill(member.pid, "SIGCONT");
    await leader();
    await expect.poll(isWhole).toEqual(WHOLE);
    await write("after-etcd-came-back");
    expect(await roles()).toEqual(expect.arrayContaining(acknowledged));
    expect(sleepers()).toEqual(pids);
  });

  it("begin anew with all that they knew, and are as many as last time", async () => {
    expect(await cluster.stop()).toBe(0);
    expect(processesWith(cluster.dir)).toEqual([]);
    cluster = await RunningCluster.start(["--no-init", "--no-cron"], cluster.dir);
    expect(cluster.ready.masters).toHaveLength(3);
    await leader();
    expect(await roles()).toEqual(expect.arrayContaining(acknowledged));
  });

  const sleepers = () => processesWith(SLEEP).map(({ pid }) => pid);
  const logOf = (url: string) => {
    const at = cluster.ready.masters.indexOf(url);
    return `master${at === 0 ? "" : `-${at + 1}`}.log`;
  };
});

describe.runIf(hasEtcd)("a leader that is cut off from etcd", () => {
  const dir = testFolder("cut-off");
  const children: ChildProcess[] = [];
  let etcd: EtcdCluster;
  let relay: Relay;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(1);
    relay = await Relay.start(etcd.hosts[0]!);
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await relay[Symbol.asyncDispose]();
    await etcd.stop();
  });

  const start = async (name: string, host: string) => {
    const port = await freePort();
    const place = ["--port", String(port), "--dir", join(dir, name), "--store", `etcd://${host}`];
    const child = spawn(MESETA, ["master", ...place], { stdio: "ignore" });
    children.push(child);
    return { child, url: `http://127.0.0.1:${port}` };
  };

  it("ends by itself, and one that is not cut off leads", async () => {
    const first = await start("first", relay.host);
    await elected([first.url]);
    const second = await start("second", etcd.hosts[0]!);
    const standby = async () =>
      (await fetch(`${second.url}/state`, { redirect: "manual" }).catch(() => undefined))?.status;
    await expect.poll(standby).toBe(307);
    const ended = once(first.child, "exit");
    relay.holds = true;
    expect(await elected([second.url])).toBe(second.url);
    expect(await ended).toEqual([1, null]);
  });
});

const SLEEP = "exec sleep 86399.75";

/** A framework that has launched one task, and keeps the offers that come. */
class Framework {
  readonly #client: SchedulerClient;
  readonly #events: Event[] = [];
  readonly #running = Promise.withResolvers<void>();
  #isLaunched = false;

  constructor(masters: readonly string[]) {
    const info = { user: "root", name: "sleeps", failover_timeout: 600, roles: ["r"] };
    this.#client = connectScheduler(
      { masters },
      { framework: { ...info, checkpoint: true, capabilities: [{ type: "MULTI_ROLE" }] } },
    );
    this.#client.start({ event: (event) => this.#hear(event) });
  }

  launched(): Promise<void> {
    return this.#running.promise;
  }

  heard(type: Event["type"]): number {
    return this.#events.filter((event) => event.type === type).length;
  }

  /** All that it was ever called. */
  get ids(): string[] {
    return [...new Set(this.#events.flatMap(({ subscribed }) => subscribed?.framework_id.value ?? []))];
  }

  close(): void {
    this.#client.close();
  }

  #hear(event: Event): void {
    this.#events.push(event);
    if (event.update?.status.state === "TASK_RUNNING") this.#running.resolve();
    const offer = event.offers?.offers?.[0];
    if (offer === undefined || this.#isLaunched) return;
    this.#isLaunched = true;
    const resources = [
      { name: "cpus", type: "SCALAR" as const, scalar: { value: 0.1 }, allocation_info: { role: "r" } },
      { name: "mem", type: "SCALAR" as const, scalar: { value: 32 }, allocation_info: { role: "r" } },
    ];
    const task = {
      name: "sleeper",
      task_id: { value: "sleeper" },
      agent_id: offer.agent_id,
      resources,
      command: { value: SLEEP },
    };
    void this.#client.accept([offer.id], [{ type: "LAUNCH", launch: { task_infos: [task] } }]);
  }
}
