import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { CronClient } from "@meseta/sdk/cron/client.ts";
import { InitClient } from "@meseta/sdk/init/client.ts";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import { afterAll, describe, expect, it } from "vitest";
import { elected } from "./leading.ts";
import { RunningCluster } from "./local-cluster.ts";

/** For all that is waited for, on a machine that does much else. */
const PATIENCE_MS = 600_000;

describe.runIf(hasEtcd)("a cluster that was begun with one master", () => {
  let cluster: RunningCluster | undefined;
  afterAll(() => cluster?.remove());

  const start = async (...flags: string[]) => {
    cluster = await RunningCluster.start(["--agents", "1", ...flags], cluster?.dir);
    await elected(cluster.ready.masters);
    return cluster;
  };

  it("has several when it is told so, and one again, with all that master, init and cron knew", {
    timeout: PATIENCE_MS,
  }, async () => {
    const one = await start();
    await change(one, "one");
    const before = await known(one);
    expect(before.weights).toEqual(["one 2"]);
    expect(await one.stop()).toBe(0);

    const three = await start("--masters", "3");
    expect(three.ready.masters).toHaveLength(3);
    expect(three.ready.store).toMatch(/^etcd:/);
    expect(await known(three)).toEqual(before);
    expect(logOf(three)).toMatch(
      /copied and compared where="from files to an etcd of three" parts="master, init, cron"/,
    );
    await change(three, "three");
    const later = await known(three);
    expect(later.jobs).toEqual(["one", "three"]);
    expect(await three.stop()).toBe(0);

    const again = await start("--masters", "1");
    expect(again.ready.store).toMatch(/^sqlite:/);
    expect(await known(again)).toEqual(later);
    expect(logOf(again)).toMatch(/copied and compared where="from the etcd to files"/);
    expect(await again.stop()).toBe(0);
  });
});

async function change({ ready }: RunningCluster, name: string): Promise<void> {
  const [master, init, cron] = clients(ready);
  await master.updateWeights([{ role: name, weight: 2 }]);
  const app = { id: `/${name}`, cmd: "sleep 1000", instances: 0 };
  await init.change({ method: "POST", path: "/v2/apps", body: app, what: name });
  const job = { id: name, run: { cpus: 0.1, mem: 32, disk: 0, cmd: "true" } };
  await cron.change({ method: "POST", path: "/v1/jobs", body: job, what: name });
  close(master, init, cron);
}

async function known({ ready }: RunningCluster) {
  const [master, init, cron] = clients(ready);
  await expect
    .poll(() => master.getAgents().then(({ agents = [] }) => agents.filter(({ active }) => active).length))
    .toBe(1);
  const { agents = [] } = await master.getAgents();
  const { frameworks = [] } = await master.getFrameworks();
  const { apps } = (await (await fetch(`${ready.init}/v2/apps`)).json()) as { apps: { id: string; version: string }[] };
  const jobs = (await (await fetch(`${ready.metronome}/v1/jobs`)).json()) as { id: string }[];
  const all = {
    weights: (await master.getWeights()).map(({ role, weight }) => `${role} ${weight}`).sort(),
    agents: agents.map(({ agent_info }) => agent_info.id!.value),
    frameworks: frameworks.map(({ framework_info: { id, name } }) => `${name} ${id!.value}`).sort(),
    apps: apps.map(({ id, version }) => `${id} ${version}`).sort(),
    jobs: jobs.map(({ id }) => id).sort(),
  };
  close(master, init, cron);
  return all;
}

function clients({ masters, init, metronome }: RunningCluster["ready"]) {
  return [connectMaster(masters), new InitClient([init!]), new CronClient([metronome!])] as const;
}

function close(...all: { close(): void }[]): void {
  for (const one of all) one.close();
}

function logOf({ dir }: RunningCluster): string {
  return readFileSync(join(dir, "logs", "up.log"), "utf8");
}
