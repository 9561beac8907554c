import { printResources } from "@meseta/api/mesos/resources/print.ts";
import { amount } from "../workloads/tasks.ts";
import type { Verbs } from "./chapter.ts";
import type { Stage } from "./stage.ts";

/** What a story can be asked. */
export function questionVerbs(stage: Stage): Verbs {
  return {
    tasks: () => tasks(stage),
    "agents?": () => agents(stage),
    "agent?": (_, name) => agent(stage, name),
    "frameworks?": () => frameworks(stage),
    "running?": () => running(stage),
    "use?": () => use(stage),
    "leader?": () => leader(stage),
  };
}

/** As the master has them. */
function tasks(stage: Stage): string[] {
  const { frameworks } = stage.cluster.master.core!.state;
  return [...frameworks.values()]
    .flatMap((one) => [...one.tasks.values(), ...one.unreachableTasks.values(), ...one.completedTasks])
    .map(({ task }) => `${task.task_id.value} ${task.state} ${stage.agentName(task.agent_id.value)}`);
}

function agents(stage: Stage): string[] {
  const { agents, unreachableAgents, goneAgents, removedAgents } = stage.cluster.master.core!.state;
  return [
    ...[...agents.values()].map(({ info, connection, drain, deactivated }) =>
      [info.hostname, connection, drain?.info.state, deactivated && "deactivated"].filter(Boolean).join(" "),
    ),
    ...[...unreachableAgents.values()].map(({ info }) => `${info.hostname} unreachable`),
    ...[...goneAgents.keys()].map((id) => `${stage.agentName(id)} gone`),
    ...[...removedAgents.keys()].map((id) => `${stage.agentName(id)} removed`),
  ];
}

/** What an agent has, in words. */
function agent(stage: Stage, name: string): string[] {
  const { total } = stage.cluster.master.core!.state.agents.get(stage.agentId(name))!;
  return [`${name} ${printResources(total)}`];
}

function frameworks({ cluster }: Stage): string[] {
  const { frameworks, completedFrameworks } = cluster.master.core!.state;
  return [
    ...[...frameworks.values()].map(({ id, info, connection }) => `${info.name} ${ordinal(id)} ${connection}`),
    ...[...completedFrameworks.values()].map(({ id, info }) => `${info.name} ${ordinal(id)} removed`),
  ];
}

/** The number at the end of an id: what is before it differs from master to master. */
function ordinal(id: string): string {
  return id.slice(id.lastIndexOf("-") + 1);
}

/** What the machines themselves know, whoever believes what. */
function running({ cluster, chapters }: Stage): string[] {
  return cluster.agents.flatMap(({ place, machine }) =>
    [...machine.truths.values()].map(({ starts, process, ended }) => {
      const id = process.script.task?.split("/")[1] ?? "a task";
      const task = chapters.reduce((name, chapter) => chapter.nameOf(name), id);
      const times = starts === 1 ? "once" : `${starts} times`;
      return `${place}: ${task} started ${times}, ${ended === undefined ? "runs" : "ended"}`;
    }),
  );
}

/** The cpus that each framework's tasks use and are offered. */
function use({ cluster }: Stage): string[] {
  const { frameworks, offers } = cluster.master.core!.state;
  return [...frameworks.values()].map(({ info, tasks, offers: held }) => {
    const used = [...tasks.values()].reduce((sum, { task }) => sum + amount(task.resources, "cpus"), 0);
    const offered = [...held].reduce((sum, id) => sum + amount(offers.get(id)?.offer.resources, "cpus"), 0);
    return `${info.name} uses ${used} cpus, is offered ${offered}`;
  });
}

function leader({ cluster }: Stage): string[] {
  return cluster.master.processes.map(
    ({ place, core, mayAct, alive }) =>
      `${place} ${core !== undefined && mayAct ? "leads" : alive ? "stands by" : "is dead"}`,
  );
}
