import { type Log, silentLog } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import type { ContainerEvent, Containers, KnownContainer } from "../../core/agent/ports.ts";
import { AGENT_DEFAULTS } from "../../core/agent/state.ts";
import type { MasterRig } from "./master.rig.ts";
import { type RunningAgent, startAgent } from "./server.ts";

export const FRAMEWORK = {
  user: "x",
  name: "f",
  id: { value: "f-0" },
  checkpoint: true,
  roles: ["r"],
  capabilities: [{ type: "MULTI_ROLE" as const }],
};
export const task = (id: string) => ({
  name: id,
  task_id: { value: id },
  agent_id: { value: "rig-S0" },
  resources: [],
  command: { value: "x" },
});

/** Starts at once what it is told, and ends it when the test says. `found`: what ran before it was opened. */
export function pretendContainers(found: readonly KnownContainer[] = []) {
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
    recover: async () => found,
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

/** An agent in this process, with containers that are none. */
export function startPretendAgent(
  { url }: MasterRig,
  workDir: string,
  { store, open, log = silentLog }: { store: Store; open: ReturnType<typeof pretendContainers>["open"]; log?: Log },
): Promise<RunningAgent> {
  const machine = { hostname: "h", ip: "127.0.0.1", version: "1", workDir, resources: [], user: "x", flags: {} };
  return startAgent(
    { host: "127.0.0.1", port: 0, masters: [url], config: { ...AGENT_DEFAULTS, ...machine } },
    {
      store,
      log,
      clock: { nowMs: () => Date.now() },
      openContainers: open,
      left() {},
      fatal(reason) {
        throw reason;
      },
    },
  );
}
