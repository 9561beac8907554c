import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { test } from "vitest";
import { MasterRig } from "./master.rig.ts";
import { FRAMEWORK, pretendContainers, startPretendAgent, task } from "./pretend.rig.ts";

test("a task that ends while its agent still starts, and has hardly found it, is told to have ended", async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "early-")));
  const master = await MasterRig.open();
  const disk = createMemoryDisk();
  const before = pretendContainers();
  const agent = await startPretendAgent(master, dir, { store: createMemoryStore(disk), open: before.open });
  await master.until(() => master.subscriptions.length === 1);
  master.run(task("t"), FRAMEWORK);
  await master.status("t", "TASK_RUNNING");
  await agent.stop();

  const [id] = before.ids as [string];
  const after = pretendContainers([{ id, pid: 7, startTimeTicks: 1 }]);
  const open: typeof after.open = async (on) => {
    const containers = await after.open(on);
    after.end(id);
    return containers;
  };
  const again = await startPretendAgent(master, dir, { store: createMemoryStore(disk), open });
  await master.status("t", "TASK_FINISHED");

  await again.stop();
  await master.close();
  rmSync(dir, { recursive: true, force: true });
});
