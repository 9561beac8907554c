import { readFileSync, readlinkSync } from "node:fs";

/** A process as others of its machine can tell whether it is no more. */
export interface ProcessMark {
  /** The machine since it was switched on, and what of it the process sees: only there its pid and time mean something. */
  readonly within: string;
  readonly pid: number;
  /** When it began, in ticks of the machine (field 22 of proc_pid_stat(5)): a pid is given to others later. */
  readonly started: number;
}

/** The mark of this process; undefined where the system does not tell. */
export function ownMark(): ProcessMark | undefined {
  const { pid } = process;
  try {
    // It may be the /proc of others, whose pids are not ours.
    if (readlinkSync("/proc/self") !== String(pid)) return undefined;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const { started } = readStat(pid);
    return { within: `${boot} ${namespace("pid")} ${namespace("time")}`, pid, started };
  } catch {
    return undefined;
  }
}

/** Whether that process is no more, for sure: false for one of another machine or container, and wherever it cannot be told. */
export function isOver({ within, pid, started }: ProcessMark, own = ownMark()): boolean {
  if (own === undefined || within !== own.within) return false;
  try {
    process.kill(pid, 0);
    const there = readStat(pid);
    return there.started !== started || there.state === "Z" || there.state === "X";
  } catch (error) {
    // What cannot be looked at may be alive.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** What somebody wrote as a mark; undefined when it is none. */
export function readMark(value: unknown): ProcessMark | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { within, pid, started } = value as Partial<Record<keyof ProcessMark, unknown>>;
  if (typeof within !== "string" || !isCount(pid) || pid === 0 || !isCount(started)) return undefined;
  return { within, pid, started };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** One that the kernel does not know yet is the same for all. */
function namespace(kind: string): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    return "";
  }
}

// The name, in brackets, may hold anything.
function readStat(pid: number): { state: string; started: number } {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0]!, started: Number(fields[19]) };
}
