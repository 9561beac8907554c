import type { Wish } from "./steady.ts";

/** A framework for tests, whose so many tasks run for longer than the test. */
export function lasting(tasks: number): Wish {
  return {
    name: "f1",
    roles: ["shared"],
    tasks,
    cpus: 0.5,
    memMiB: 64,
    seconds: [600, 900],
    failPercent: 0,
    groupPercent: 0,
    ownPercent: 0,
    checkpoint: true,
    failoverSeconds: 3_600,
  };
}
