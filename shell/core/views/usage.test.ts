import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { render } from "../listing.ts";
import { usageListing, usageOf } from "./usage.ts";

const task: Task = {
  name: "web",
  task_id: { value: "web.1" },
  framework_id: { value: "F" },
  agent_id: { value: "S0" },
  state: "TASK_RUNNING",
  resources: [],
};
const near = { node: (id: string) => id, framework: (id: string) => id };
const container = (timestamp: number, seconds: number) => ({
  container_id: { value: "c" },
  resource_statistics: {
    timestamp,
    cpus_user_time_secs: seconds,
    cpus_limit: 2,
    mem_rss_bytes: 512 * 1024,
    mem_limit_bytes: 1024 * 1024,
    net_rx_bytes: 2048,
  },
});

test("processors are what was used between two looks; what is not measured is no number", () => {
  const before = container(100, 5).resource_statistics;
  const usage = usageOf(task, container(102, 8), before);
  expect(usage.cpus).toBe(1.5);
  expect(usageOf(task, container(102, 8)).cpus).toBeUndefined();
  const listing = usageListing([usage], near);
  const text = render(listing, listing.items, { form: "table", header: true, paint: (each) => each });
  expect(text.replaceAll(/ +/g, " ")).toBe(
    "TASK CPUS OF MEM LIMIT MEM% DISK PIDS NET IN NET OUT\nweb.1 1.5 2 512 KiB 1 MiB 50% - - 2 KiB -\n",
  );
});
