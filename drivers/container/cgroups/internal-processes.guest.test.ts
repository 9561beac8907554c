import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { Room } from "../room.ts";
import { readLayout } from "./layout.ts";

const root = "/sys/fs/cgroup";

// Version 2 alone has such groups: v2.process.test.ts runs this in a guest where there is nothing else.
test("a topmost group with processes of its own gives its controllers to containers all the same", async () => {
  const room = new Room();
  const top = `${root}/meseta-test-${process.pid}`;
  for (const name of ["memory", "pids"]) writeFileSync(`${root}/cgroup.subtree_control`, `+${name}`);
  mkdirSync(top);
  const neighbour = spawn("sleep", ["1000"]);
  onTestFinished(async () => {
    neighbour.kill("SIGKILL");
    await once(neighbour, "close");
    await room.clear();
    for (const folder of [`${top}/meseta-outside`, top]) rmdirSync(folder);
  });
  writeFileSync(`${top}/cgroup.procs`, String(neighbour.pid));
  const layout = readLayout(`cgroup2 ${top} cgroup2 rw 0 0`, () => "memory pids")!;
  const { containers, heard } = await room.open({ cgroups: layout });
  containers.launch({ ...room.spec("a", "exec sleep 1000"), limits: { memoryBytes: 64 << 20 } });
  await heard.started("a");
  expect(readFileSync(`${top}/${containers.cgroups!.base}/a/memory.max`, "utf8")).toBe(`${64 << 20}\n`);
  expect(readFileSync(`/proc/${neighbour.pid}/cgroup`, "utf8")).toMatch(/\/meseta-outside\n$/);
});
