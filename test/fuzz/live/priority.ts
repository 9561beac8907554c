import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { constants, setPriority } from "node:os";

/** Real-time priorities, above the attacker, who has a machine of its own in the world: what it takes of this one must not be counted as slowness of who is attacked. */
export const ATTACKED = 1;
/** The second client only measures, and takes little. */
export const WATCHING = 2;

/** Whether processes may be started at a real-time priority here: that takes root, and a kernel that lets it. */
export const mayBeRealTime = spawnSync("chrt", ["-r", String(WATCHING), "true"], { stdio: "ignore" }).status === 0;

/**
 * Raises all threads that a process has, its loop and who collects its garbage, to a real-time priority. What it starts from now on, threads and processes, has the usual one: were all its work done before all else, the kernel would
 * stop all of it for 50 ms in each second.
 */
export function raise(pid: number, priority: number): void {
  spawnSync("chrt", ["--reset-on-fork", "--all-tasks", "-r", "-p", String(priority), String(pid)], { stdio: "ignore" });
}

/** Lets the threads that a process has started since go before whatever else has the usual priority; `known` is which were there at the last look. */
export function favour(pid: number, known: Set<string>): void {
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    if (known.has(thread)) continue;
    known.add(thread);
    setPriority(Number(thread), constants.priority.PRIORITY_HIGHEST);
  }
}

/** For how many milliseconds the main thread of a process was ready and had no processor so far; 0 where Linux does not tell. */
export function waitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[1]) / 1_000_000;
  } catch {
    return 0;
  }
}
