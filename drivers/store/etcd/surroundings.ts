import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

/** What a process has of time, chance and names, for what talks to etcd. The simulator has one of its own. */
export interface Surroundings {
  /** A clock that nobody sets, in nanoseconds; the same one in every thread of the process. */
  steadyNs(): bigint;
  /** Milliseconds since 1970-01-01T00:00:00Z, as the machine has it now. */
  dayMs(): number;
  wait(ms: number): Promise<void>;
  /** Runs `task` again and again; what is returned ends that. It keeps no process alive. */
  every(ms: number, task: () => void): () => void;
  /** In [0, 1). */
  random(): number;
  /** One that nobody has had and nobody can guess, without white space. */
  newName(): string;
  readonly host: string;
  readonly pid: number;
}

export const MACHINE: Surroundings = {
  steadyNs: () => process.hrtime.bigint(),
  dayMs: () => Date.now(),
  wait: (ms) => wait(ms),
  every(ms, task) {
    const timer = setInterval(task, ms).unref();
    return () => clearInterval(timer);
  },
  random: () => Math.random(),
  newName: () => randomBytes(9).toString("base64url"),
  host: hostname(),
  pid: process.pid,
};

/** Milliseconds since `startNs`, by the steady clock. */
export function elapsedMs({ steadyNs }: Pick<Surroundings, "steadyNs">, startNs: bigint): number {
  return Number(steadyNs() - startNs) / 1e6;
}
