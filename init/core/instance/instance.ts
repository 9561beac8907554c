import type { AgentID, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Reservation } from "../place/wish.ts";
import { type Condition, isActive, isTerminal, isUnreachable } from "./condition.ts";

/** What is wanted of an instance: to run; to rest, with its volume kept; to be removed. */
export type Goal = "Running" | "Stopped" | "Decommissioned";

/** One instance of an app or pod, as it is stored: a plain value, never changed in place. Times are ms since 1970. */
export interface Instance {
  readonly id: string;
  /** The app's or pod's id. */
  readonly spec: string;
  /** The version of the definition with which it was, or is to be, launched, and that one's lastConfigChangeAt. */
  readonly version: string;
  readonly configVersion: string;
  readonly role: string;
  readonly goal: Goal;
  readonly condition: Condition;
  /** Since when it has this condition. */
  readonly sinceMs: number;
  readonly createdMs: number;
  /** Counts its launches; of the next one while it is Scheduled. From 1. */
  readonly incarnation: number;
  /** The tasks of this launch by id; none while it is Scheduled. */
  readonly tasks: Readonly<Record<string, TaskRecord>>;
  /** Where it is. */
  readonly host?: Host | undefined;
  /** For each port of the definition; null where no host port was wanted. */
  readonly hostPorts?: readonly (number | null)[] | undefined;
  readonly startedAtMs?: number | undefined;
  readonly stagedAtMs?: number | undefined;
  readonly unreachableSinceMs?: number | undefined;
  /** What is kept for a resident one on an agent. */
  readonly kept?: Kept | undefined;
  /** What its checks say; absent while they say nothing. */
  readonly isHealthy?: boolean | undefined;
  /** Whether it was ready once since its launch. */
  readonly isReady?: boolean | undefined;
}

/** A version of a definition, and that one's lastConfigChangeAt. */
export interface Definition {
  readonly version: string;
  readonly configVersion: string;
}

export interface TaskRecord {
  readonly condition: Condition;
  /** The last status, without what only the delivery needs. */
  readonly status?: TaskStatus | undefined;
}

export interface Host {
  readonly agent_id: AgentID;
  readonly hostname: string;
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
  /** Its values of the fields that the constraints name. */
  readonly places: Readonly<Record<string, string>>;
}

export interface Kept extends Reservation {
  readonly host: Host;
  readonly sinceMs: number;
  /** Whether a task was heard of that started on it: until then it may have come to nothing. */
  readonly isUsed: boolean;
}

/** Its values of the fields that the constraints name, from its reservation on: undefined while it holds no place. What tallies count. */
export function placesOf(instance: Instance): Readonly<Record<string, string>> | undefined {
  return (instance.host ?? instance.kept?.host)?.places;
}

/** Whether it holds resources, and nobody has lost sight of it: of a pod as long as any of its containers lives. */
export function isHolding({ condition, tasks }: Instance): boolean {
  if (isUnreachable(condition)) return false;
  return isActive(condition) || Object.values(tasks).some((task) => !isTerminal(task.condition));
}

/** A new instance, to be launched. */
export function newInstance(
  spec: {
    readonly id: string;
    readonly version: string;
    readonly role: string;
    readonly versionInfo: { readonly lastConfigChangeAt: string };
  },
  id: string,
  nowMs: number,
): Instance {
  return {
    id,
    spec: spec.id,
    version: spec.version,
    configVersion: spec.versionInfo.lastConfigChangeAt,
    role: spec.role,
    goal: "Running",
    condition: "Scheduled",
    sinceMs: nowMs,
    createdMs: nowMs,
    incarnation: 1,
    tasks: {},
  };
}
