import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { type Framework, MASTER_DEFAULTS } from "@meseta/kernel/core/master/state.ts";
import type { Cluster } from "../cluster.ts";
import type { KnownTask, SimScheduler } from "../workloads/scheduler.ts";
import type { MasterProcess } from "../world/master-process.ts";
import { Lasting } from "./lasting.ts";
import { type Guard, LOOK_MS, lookAgainAndAgain } from "./look.ts";

const { pingIntervalMs, maxPingTimeouts } = MASTER_DEFAULTS;
/** Slow clocks, and messages that are late. */
const most = (ms: number): number => ms * 1.06 + 15_000;
/** A ping is asked for once more before those that were missed are counted. */
const MOST_OF_AGENTS_MS = most(pingIntervalMs * (maxPingTimeouts + 1));
/** Agents miss as many pings, frameworks five heartbeats of as long. */
const MOST_OF_MASTERS_MS = most(pingIntervalMs * maxPingTimeouts);
const UNTOLD_MS = 20_000;

/**
 * Whoever is silent is given up in time, whichever side he is on and however the connection died; and what the master has given up its frameworks are told when it happens, not only when
 * they ask.
 */
export class SilenceChecker {
  readonly #cluster: Cluster;
  readonly #lasting = new Lasting();
  /** The stream on which each task was last seen to be held by the master. */
  readonly #held = new WeakMap<KnownTask, unknown>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Looks every two seconds. `guard` is told what is wrong. */
  start(guard: Guard): void {
    lookAgainAndAgain(this.#cluster.world, guard, () => this.#look());
  }

  #look(): void {
    const { leader } = this.#cluster.master;
    if (leader === undefined || leader.paused) return this.#lasting.forget();
    this.#lookAtAgents(leader);
    this.#lookAtBelievers();
    for (const scheduler of this.#cluster.schedulers) this.#lookAtTold(leader, scheduler);
  }

  /** The master gives up agents of which it hears nothing. */
  #lookAtAgents({ place: master, core }: MasterProcess): void {
    const { agents, network } = this.#cluster;
    const byPlace = new Map([...core!.state.agents.values()].reverse().map((agent) => [agent.info.hostname, agent]));
    for (const { place } of agents) {
      const known = byPlace.get(place);
      const isThere = known !== undefined && known.connection !== "recovered";
      this.#silent(`agent ${place}`, isThere ? core : undefined, network.lastHeardMs(master, place), MOST_OF_AGENTS_MS);
    }
  }

  /** Agents and frameworks give up a master of which they hear nothing. */
  #lookAtBelievers(): void {
    const { agents, schedulers } = this.#cluster;
    for (const { place, paused, core } of agents) {
      const isLinked = !paused && core?.state.link.status === "subscribed";
      this.#silentMaster(place, isLinked ? core : undefined);
    }
    for (const { place, subscription } of schedulers) this.#silentMaster(place, subscription);
  }

  #silentMaster(place: string, of: unknown): void {
    let heardMs = 0;
    for (const process of this.#cluster.master.processes)
      heardMs = Math.max(heardMs, this.#cluster.network.lastHeardMs(place, process.place));
    this.#silent(`${place}'s master`, of, heardMs, MOST_OF_MASTERS_MS);
  }

  #silent(who: string, of: unknown, heardMs: number, mostMs: number): void {
    const { nowMs } = this.#cluster.world;
    // A word begins it anew.
    const silence = of === undefined || nowMs - heardMs < LOOK_MS ? undefined : of;
    this.#lasting.check(who, silence, nowMs, mostMs, () => `nothing was heard of ${who}, and it is believed in`);
  }

  /** What the framework believes to live, and the master has given up. */
  #lookAtTold(leader: MasterProcess, { place, frameworkId, tasks }: SimScheduler): void {
    const { network, world } = this.#cluster;
    const framework = leader.core!.state.frameworks.get(frameworkId ?? "");
    const isThere = framework?.stream !== undefined && !network.isPartitioned(place, leader.place);
    // Each life of a master counts its streams anew.
    const stream = isThere ? `${leader.epoch} ${framework.stream}` : undefined;
    for (const [id, task] of tasks) {
      const { state, end, agentId } = task;
      if (stream !== undefined && framework?.tasks.has(id)) this.#held.set(task, stream);
      // What was lost before it subscribed it asks for, and is not answered while the agent has yet to come back.
      const isBelieved = end === undefined && state !== "TASK_UNREACHABLE" && this.#held.get(task) === stream;
      const isLost = isBelieved && framework !== undefined && isGivenUp(framework, id, agentId);
      this.#lasting.check(task, isLost ? stream : undefined, world.nowMs, UNTOLD_MS, () => {
        return `${place} believes that ${id} is ${state}, and the master has given it up`;
      });
    }
  }
}

/** What had ended when its agent was given up the agent tells when it is back. */
function isGivenUp(framework: Framework, id: string, agentId: string): boolean {
  const { tasks, unreachableTasks, history, completedTasks } = framework;
  if (unreachableTasks.has(id)) return true;
  // One that was lost before may have turned up again.
  if (tasks.has(id) || !history.counts.has(`${agentId}/${id}`)) return false;
  const past = completedTasks.findLast(({ task }) => task.task_id.value === id && task.agent_id.value === agentId);
  return past !== undefined && GIVEN_UP.has(past.task.state);
}

const GIVEN_UP: ReadonlySet<TaskState> = new Set<TaskState>(["TASK_LOST", "TASK_GONE", "TASK_GONE_BY_OPERATOR"]);
