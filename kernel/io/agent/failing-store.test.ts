import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { type Store, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { expect, test } from "vitest";
import { MasterRig } from "./master.rig.ts";
import { FRAMEWORK, pretendContainers, startPretendAgent, task } from "./pretend.rig.ts";

test("an agent whose disk is full starts nothing, answers readings, and tells all that happened meanwhile when it is well again", async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "full-")));
  const master = await MasterRig.open();
  const containers = pretendContainers();
  const store = createMemoryStore(createMemoryDisk());
  let full = false;
  let working = () => {};
  const worked = new Promise<void>((resolve) => {
    working = resolve;
  });
  const fragile: Store = {
    maxRecords: store.maxRecords,
    open: () => store.open(),
    scan: (prefix) => store.scan(prefix),
    commit: (change, epoch) => (full ? Promise.reject(new StoreFailed("disk full")) : store.commit(change, epoch)),
    close: () => store.close(),
  };
  const log = { ...silentLog, info: (message: string) => void (message === "The store works again" && working()) };
  const agent = await startPretendAgent(master, dir, { store: fragile, open: containers.open, log });
  await master.until(() => master.subscriptions.length === 1);
  master.run(task("before"), FRAMEWORK);
  await master.status("before", "TASK_RUNNING");

  full = true;
  master.run(task("during"), FRAMEWORK);
  await waitFor(() => agent.loop.refusing !== undefined);
  containers.end(containers.ids[0]!);
  expect((await fetch(`${agent.url}/state`)).status).toBe(200);
  const said = async (path: string) => (await fetch(`${agent.url}${path}`)).text();
  expect(await said("/health")).toBe("Nothing can be stored now: disk full");
  expect(await said("/metrics/snapshot")).toContain('"meseta/store_works":0');
  full = false;
  await worked;
  await master.until(() => master.subscriptions.length === 2);
  await master.status("before", "TASK_FINISHED");
  expect(containers.ids).toHaveLength(1);
  expect(await said("/health")).toBe("");

  await agent.stop();
  await master.close();
  rmSync(dir, { recursive: true, force: true });
});

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
