import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { SimScheduler } from "../workloads/scheduler.ts";
import { type Order, Scripted } from "../workloads/scripted.ts";
import type { TaskSpec } from "../workloads/tasks.ts";
import type { Deeds, Settings } from "./chapter.ts";
import type { Stage } from "./stage.ts";

/** A framework of the story's own. */
interface Own {
  readonly workload: Scripted;
  readonly scheduler: SimScheduler;
}

/** What frameworks of the story's own want, and what they hear. */
export function frameworkDeeds(stage: Stage): Deeds {
  const all = new Map<string, Own>();
  const order = (name: string, what: Order): void => {
    const { workload, scheduler } = all.get(name)!;
    workload.queue.push(what);
    scheduler.revive();
  };
  return {
    framework: (settings, name) => void all.set(name, join(stage, name, settings)),
    launch: (settings, name, id) =>
      order(name, { tasks: [taskOf(id, settings)], as: orderOf(settings.get("as")), on: settings.get("on") }),
    "launch-group": (_, name, ...members) => order(name, { tasks: members.map(memberOf), as: "group", on: undefined }),
    "kill-task": (_, name, id) => all.get(name)!.scheduler.killTask(id),
    teardown: (_, name) => all.get(name)!.scheduler.teardown(),
  };
}

/** `framework NAME role=R,R checkpoint=no failover=SECONDS` */
function join(stage: Stage, name: string, settings: Settings): Own {
  const workload = new Scripted(name, {
    roles: (settings.get("role") ?? name).split(","),
    checkpoint: settings.get("checkpoint") !== "no",
    failover_timeout: Number(settings.get("failover") ?? 3600),
  });
  const scheduler = stage.cluster.add(workload);
  const heard = scheduler.onUpdate;
  scheduler.onUpdate = (status) => {
    heard(status);
    stage.say(describe(status, stage.agentName(status.agent_id?.value)));
  };
  return { workload, scheduler };
}

function orderOf(text: string | undefined): Order["as"] {
  return text === "own" || text === "silent" ? text : "task";
}

function taskOf(id: string, settings: Settings): TaskSpec {
  const number = (name: string, otherwise: number): number => Number(settings.get(name) ?? otherwise);
  return {
    id,
    cpus: number("cpus", 1),
    memMiB: number("mem", 128),
    seconds: number("seconds", 3600),
    exitCode: number("exit", 0),
    ...(settings.get("ignores") === "TERM" && { ignoresTerm: true }),
    ...(settings.has("grace") && { graceSeconds: number("grace", 3) }),
    ...(settings.has("most") && { mostSeconds: number("most", 0) }),
  };
}

/** `ID:SECONDS:EXIT` */
function memberOf(text: string): TaskSpec {
  const [id, seconds = "3600", exit = "0"] = text.split(":") as [string, string?, string?];
  return { id, cpus: 0.5, memMiB: 64, seconds: Number(seconds), exitCode: Number(exit) };
}

function describe({ task_id, state, reason, message }: TaskStatus, agent: string): string {
  const why = reason === undefined ? "" : `  ${reason}`;
  return `${task_id.value} ${state} on ${agent}${why}${message ? `  "${message}"` : ""}`;
}
