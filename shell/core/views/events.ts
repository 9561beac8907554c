import type { Event, ResponseGetState } from "@meseta/api/mesos/generated/master.ts";
import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { Tone } from "../failure.ts";
import { lastPart } from "../name.ts";
import { type Look, showNode, shown, showTask } from "../state.ts";
import { whyText } from "./tasks.ts";

export interface EventLine {
  readonly text: string;
  readonly tone: Tone;
}

/** One event as one line. SUBSCRIBED is the state at that moment: a line for each thing that is there. */
export function eventLines(event: Event): EventLine[] {
  switch (event.type) {
    case "SUBSCRIBED":
      return snapshotLines(event.subscribed?.get_state ?? {});
    case "TASK_ADDED": {
      const { task } = event.task_added!;
      return [line(showTask(task.state), `task ${task.task_id.value} on ${lastPart(task.agent_id.value)}`)];
    }
    case "TASK_UPDATED": {
      // Its own state, not the latest: an update that comes late would tell the end twice.
      const { status } = event.task_updated!;
      const why = whyText(status);
      return [line(showTask(status.state, status.healthy), `task ${status.task_id.value}${why && `: ${why}`}`)];
    }
    case "AGENT_ADDED": {
      const { agent } = event.agent_added!;
      return [line(showNode(agent), `node ${lastPart(agent.agent_info.id?.value ?? "")} ${agent.agent_info.hostname}`)];
    }
    case "AGENT_REMOVED":
      return [
        line({ mark: "○", word: "removed", tone: "dim" }, `node ${lastPart(event.agent_removed!.agent_id.value)}`),
      ];
    case "FRAMEWORK_ADDED":
      return [framework({ mark: "●", word: "added", tone: "good" }, event.framework_added!.framework.framework_info)];
    case "FRAMEWORK_UPDATED": {
      const { framework: updated } = event.framework_updated!;
      const look: Look = updated.active
        ? { mark: "●", word: "active", tone: "good" }
        : { mark: "◐", word: "inactive", tone: "warn" };
      return [framework(look, updated.framework_info)];
    }
    case "FRAMEWORK_REMOVED":
      return [framework({ mark: "○", word: "ended", tone: "dim" }, event.framework_removed!.framework_info)];
    default:
      return [];
  }
}

function snapshotLines(state: ResponseGetState): EventLine[] {
  const agents = (state.get_agents?.agents ?? []).map((agent) =>
    eventLines({ type: "AGENT_ADDED", agent_added: { agent } }),
  );
  const frameworks = (state.get_frameworks?.frameworks ?? []).map((each) =>
    eventLines({ type: "FRAMEWORK_ADDED", framework_added: { framework: each } }),
  );
  const tasks = (state.get_tasks?.tasks ?? []).map((task) => eventLines({ type: "TASK_ADDED", task_added: { task } }));
  return [...agents, ...frameworks, ...tasks].flat();
}

function framework(
  look: Look,
  info: { readonly id?: { readonly value: string } | undefined; readonly name: string },
): EventLine {
  return line(look, `framework ${info.name} (${lastPart(info.id?.value ?? "")})`);
}

function line(look: Look, what: string): EventLine {
  return { text: `${shown(look).padEnd(14)} ${what}`, tone: look.tone };
}

/** How many tasks are in each state, the commonest first. */
export function countStates(states: readonly TaskState[]): [TaskState, number][] {
  const counts = new Map<TaskState, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
