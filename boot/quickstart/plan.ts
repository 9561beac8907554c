import type { Offer, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";

/** One thing that the quickstart wants to run. */
export interface Wanted {
  name: string;
  /** Both tasks of the pod are launched together; the counter stays where its volume is. */
  kind: "job" | "pod" | "counter";
  cpus: number;
  memMiB: number;
}

/** What became of it; `taskId` changes when it is launched again. */
export interface Running extends Wanted {
  taskId: string | undefined;
  state: TaskState | undefined;
  port: number | undefined;
  agentId: string | undefined;
  message: string | undefined;
  /** The master has told its state in this life of the quickstart. */
  confirmed: boolean;
}

/** What is launched together, and on what. */
export interface Chosen {
  readonly tasks: readonly Running[];
  /** Taken from the offer; jobs have none. */
  readonly port: number | undefined;
  /** The counter's volume has to be made first. */
  readonly newVolume: boolean;
}

/** Where the counter's volume belongs. */
export interface VolumePlace {
  /** The agent that listens here gets it: the first one, which every start of the cluster has. */
  readonly homePort: number;
  /** The agent that has it already. */
  readonly agentId?: string | undefined;
}

export const VOLUME_ID = "quickstart-counter";
export const VOLUME_MIB = 16;
/** What the pod's executor takes beside its tasks: no agent accepts one without. */
export const POD_EXECUTOR = { cpus: 0.05, memMiB: 32, diskMiB: 32 };

/** A pod of a server and its sidecar, a counter with a volume, and a batch of twelve short jobs. */
export function wantedTasks(): Running[] {
  const pod = ["pod-page", "pod-clock"].map((name): Wanted => ({ name, kind: "pod", cpus: 0.05, memMiB: 64 }));
  const counter: Wanted = { name: "counter", kind: "counter", cpus: 0.1, memMiB: 64 };
  const jobs = Array.from(
    { length: 12 },
    (_, i): Wanted => ({ name: `job-${i + 1}`, kind: "job", cpus: 0.1, memMiB: 32 }),
  );
  return [...pod, counter, ...jobs].map((wanted) => ({
    ...wanted,
    taskId: undefined,
    state: undefined,
    port: undefined,
    agentId: undefined,
    message: undefined,
    confirmed: false,
  }));
}

/** Over, or nobody knows of it any more. */
function isOver(state: TaskState): boolean {
  return isTerminal(state) || state === "TASK_UNKNOWN";
}

/** Whether a task of a former start may still run in the place of this one. */
export function isAlive(former: Running, wanted: Running): boolean {
  return (
    former.name === wanted.name && former.taskId !== undefined && former.state !== undefined && !isOver(former.state)
  );
}

/** Whether it still has to be launched: nothing runs for it, and it is a server or a job that has not finished. */
export function isDue(task: Running): boolean {
  if (task.taskId === undefined || task.state === undefined) return task.taskId === undefined;
  return isOver(task.state) && (task.kind !== "job" || task.state !== "TASK_FINISHED");
}

/** What is due and fits into an offer. */
export function choose(tasks: readonly Running[], offer: Offer, place: VolumePlace): Chosen[] {
  const ports = firstPorts(offer);
  const chosen: Chosen[] = [];
  let { cpus = 0, mem = 0 } = flattenResources(offer.resources ?? []) as { cpus?: number; mem?: number };
  for (const unit of dueUnits(tasks)) {
    const { kind } = unit[0]!;
    const needs = needsOf(unit);
    if (needs.cpus > cpus + 1e-9 || needs.memMiB > mem || (kind !== "job" && ports.length === 0)) continue;
    const volume = kind === "counter" ? volumeIn(offer, place) : "there";
    if (volume === "elsewhere") continue;
    cpus -= needs.cpus;
    mem -= needs.memMiB;
    chosen.push({ tasks: unit, port: kind === "job" ? undefined : ports.shift(), newVolume: volume === "new" });
  }
  return chosen;
}

/** The tasks that are launched together, each unit when all of it is due. */
function dueUnits(tasks: readonly Running[]): Running[][] {
  const pod = tasks.filter(({ kind }) => kind === "pod");
  const units = tasks.filter(({ kind }) => kind !== "pod").map((task) => [task]);
  const jobsBegin = units.findIndex(([task]) => task!.kind === "job");
  return units.toSpliced(jobsBegin, 0, pod).filter((unit) => unit.length > 0 && unit.every(isDue));
}

function needsOf(unit: readonly Running[]): { cpus: number; memMiB: number } {
  const start: { cpus: number; memMiB: number } = unit[0]!.kind === "pod" ? POD_EXECUTOR : { cpus: 0, memMiB: 0 };
  return unit.reduce((sum, { cpus, memMiB }) => ({ cpus: sum.cpus + cpus, memMiB: sum.memMiB + memMiB }), start);
}

// Whoever has the volume may offer it a moment later: it is never made twice on one agent.
function volumeIn(offer: Offer, { homePort, agentId }: VolumePlace): "there" | "new" | "elsewhere" {
  const resources = offer.resources ?? [];
  if (resources.some(({ disk }) => disk?.persistence?.id === VOLUME_ID)) return "there";
  const isHome = offer.url?.address.port === homePort && offer.agent_id.value !== agentId;
  const free = resources.filter(({ name, disk, reservations }) => name === "disk" && !disk && !reservations?.length);
  return isHome && free.some(({ scalar }) => (scalar?.value ?? 0) >= VOLUME_MIB) ? "new" : "elsewhere";
}

function firstPorts(offer: Offer): number[] {
  const ranges = (offer.resources ?? [])
    .filter(({ name }) => name === "ports")
    .flatMap(({ ranges }) => ranges?.range ?? []);
  return ranges.flatMap(({ begin, end }) => Array.from({ length: Math.min(8, end - begin + 1) }, (_, i) => begin + i));
}
