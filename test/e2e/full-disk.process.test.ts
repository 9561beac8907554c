import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meseta, RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 60_000, interval: 100 };

// Mounting takes root; the same is told of simulated disks in test/scenarios/disk-full.txt.
describe.runIf(process.getuid?.() === 0)("a cluster on a disk that fills up", () => {
  const disk = testFolder("small-disk");
  let cluster: RunningCluster;

  beforeAll(async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "meseta-test", disk]);
    cluster = await RunningCluster.start(["--agents", "1"], disk);
  });
  afterAll(async () => {
    await cluster.stop();
    execFileSync("umount", ["-l", disk]);
  });

  it("refuses what it cannot store, keeps answering and running, and goes on when there is room", async () => {
    const master = connectMaster(cluster.ready.masters);
    const app = (id: string) => ["app", "add", appFile({ id, cmd: "sleep 1000", cpus: 0.1, mem: 32 })];
    expect(await meseta(cluster, ...app("/before"))).toMatchObject({ code: 0 });
    const running = async () => (await master.getTasks()).tasks?.filter(({ state }) => state === "TASK_RUNNING").length;
    await expect.poll(running, SLOW).toBe(1);
    await master.updateWeights([{ role: "before", weight: 2 }]);
    const file = fill(disk);
    const refused = await master.updateWeights([{ role: "during", weight: 3 }]).catch((error: Error) => error);
    expect(String(refused)).toMatch(/503/);
    expect(await meseta(cluster, ...app("/during"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("Nothing was"),
    });
    expect(await master.getHealth()).toBe(true);
    const health = await meseta(cluster, "health");
    expect(health).toMatchObject({ code: 1, err: expect.stringContaining("code: cannot-store") });
    for (const part of ["master 1", "init"])
      expect(health.out).toMatch(new RegExp(`^${part} +◐ cannot store .*Nothing can be stored now`, "m"));
    expect(await meseta(cluster, "status")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Masters +◐ .*[\s\S]*^Not well .*Nothing can be stored now/m),
      err: expect.stringContaining("meseta help cannot-store"),
    });
    rmSync(file);
    await expect
      .poll(() => master.updateWeights([{ role: "after", weight: 4 }]).then(() => "stored", String), SLOW)
      .toBe("stored");
    const weights = (await master.getWeights()).map(({ role, weight }) => `${role} ${weight}`).sort();
    expect(weights).toEqual(["after 4", "before 2"]);
    await expect.poll(running, SLOW).toBe(1);
    expect((await meseta(cluster, "health")).out).toMatch(/^cron +● healthy/m);
    expect(await meseta(cluster, "app", "list", "-q")).toMatchObject({ out: "/before\n" });
    expect(await meseta(cluster, "run", "--", "echo", "room again")).toMatchObject({ code: 0, out: "room again\n" });
    master.close();
  });
});

const elsewhere = testFolder("definitions");

/** On another disk. */
function appFile(definition: { readonly id: string; readonly [field: string]: unknown }): string {
  const file = join(elsewhere, `${definition.id.slice(1)}.json`);
  writeFileSync(file, JSON.stringify(definition));
  return file;
}

/** Writes until nothing more fits; the file that took the room. */
function fill(disk: string): string {
  const path = join(disk, "ballast");
  const file = openSync(path, "w");
  for (const size of [1 << 20, 1 << 12, 1])
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch {
      // No room for a piece of this size: try a smaller one.
    }
  closeSync(file);
  return path;
}
