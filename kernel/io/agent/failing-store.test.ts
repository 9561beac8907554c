import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryDisk, createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { silentLog } from "@meseta/lib/core/ports/log.ts";
import { type Store, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { expect, test } from "vitest";
import type { ContainerEvent, Containers } from "../../core/agent/ports.ts";
import { AGENT_DEFAULTS } from "../../core/agent/state.ts";
import { MasterRig } from "./master.rig.ts";
import { startAgent } from "./server.ts";

const FRAMEWORK = {
  user: "x",
  name: "f",
  id: { value: "f-0" },
  checkpoint: true,
  roles: ["r"],
  capabilities: [{ type: "MULTI_ROLE" as const }],
};
const task = (id: string) => ({
  name: id,
  task_id: { value: id },
  agent_id: { value: "rig-S0" },
  resources: [],
  command: { value: "x" },
});

/** Starts at once what it is told, and ends it when the test says. */
function pretendContainers() {
  const ids: string[] = [];
  let tell: (event: ContainerEvent) => void = () => {};
  const containers: Containers & { close(): void } = {
    launch({ id }) {
      ids.push(id);
      queueMicrotask(() => tell({ type: "started", id, pid: 7, startTimeTicks: 1 }));
    },
    signal() {},
    destroy: (id) => queueMicrotask(() => tell({ type: "exited", id, waitStatus: 9 })),
    update() {},
    statistics: async () => undefined,
    forget() {},
    recover: async () => [],
    input: () => undefined,
    pruneImages: async () => {},
    close() {},
  };
  const open = async (on: typeof tell) => {
    tell = on;
    return containers;
  };
  return { ids, open, end: (id: string) => tell({ type: "exited", id, waitStatus: 0 }) };
}

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
  const agent = await startAgent(
    {
      host: "127.0.0.1",
      port: 0,
      masters: [master.url],
      config: {
        ...AGENT_DEFAULTS,
        hostname: "h",
        ip: "127.0.0.1",
        version: "1",
        workDir: dir,
        resources: [],
        user: "x",
        flags: {},
      },
    },
    {
      store: fragile,
      log: { ...silentLog, info: (message) => message === "The store works again" && working() },
      clock: { nowMs: () => Date.now() },
      openContainers: containers.open,
      left() {},
      fatal(reason) {
        throw reason;
      },
    },
  );
  await master.until(() => master.subscriptions.length === 1);
  master.run(task("before"), FRAMEWORK);
  await master.status("before", "TASK_RUNNING");

  full = true;
  master.run(task("during"), FRAMEWORK);
  await waitFor(() => agent.loop.refusing !== undefined);
  containers.end(containers.ids[0]!);
  expect((await fetch(`${agent.url}/state`)).status).toBe(200);
  full = false;
  await worked;
  await master.until(() => master.subscriptions.length === 2);
  await master.status("before", "TASK_FINISHED");
  expect(containers.ids).toHaveLength(1);

  await agent.stop();
  await master.close();
  rmSync(dir, { recursive: true, force: true });
});

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
