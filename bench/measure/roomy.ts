import { spawnSync } from "node:child_process";
import { heapFlags } from "@meseta/boot/heap.ts";

/** Runs the bench in a process whose heap is as that of the daemons, and may grow to `mostMebibytes`: that cannot be said any more once a process runs. */
export async function inRoom(mostMebibytes: number, main: () => Promise<void>): Promise<never> {
  const flags = [...heapFlags("master"), `--max-old-space-size=${mostMebibytes}`];
  if (flags.every((flag) => process.execArgv.includes(flag))) {
    await main();
    process.exit(0);
  }
  const args = [...process.execArgv, ...flags, ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1);
}
