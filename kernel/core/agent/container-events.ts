import {
  answerWaits,
  destroyBelow,
  operatorContainerExited,
  operatorContainerFailed,
  operatorContainerStarted,
} from "./containers.ts";
import { count } from "./counters.ts";
import { executorExited, executorFetched, executorNotLaunched, executorStarted } from "./custom.ts";
import { runFailedToLaunch, runFetched, runHasExited, runHasStarted } from "./inside.ts";
import type { ContainerEvent } from "./ports.ts";
import { lookEnded } from "./probing.ts";
import type { Executor, Turn } from "./state.ts";

/** Something became of a container: of a task inside the agent, a custom executor, a probe, or one that an operator started. */
export function containerEvent(turn: Turn, event: ContainerEvent): void {
  if (event.type === "update_failed")
    return turn.out.log("warn", "the limits of a container could not be changed", {
      id: event.id,
      message: event.message,
    });
  if (event.type === "launch_failed") count(turn.state, "slave/container_launch_errors");
  const { state } = turn;
  const operator = state.containersByHandle.get(event.id);
  if (state.runs.has(event.id)) runEvent(turn, event);
  else if (state.probes.has(event.id) || state.looks.has(event.id)) probeEvent(turn, event);
  else if (operator === undefined) executorEvent(turn, event, state.executors.get(event.id));
  else if (event.type === "started") operatorContainerStarted(turn, operator, event);
  else if (event.type === "launch_failed") operatorContainerFailed(turn, operator, event.message);
  else operatorContainerExited(turn, operator, event);
}

export function containerFetched(turn: Turn, id: string, error: string | undefined): void {
  if (turn.state.runs.has(id)) return runFetched(turn, id, error);
  const executor = turn.state.executors.get(id);
  if (executor !== undefined) executorFetched(turn, executor, error);
}

type Happening = Exclude<ContainerEvent, { type: "update_failed" }>;

function runEvent(turn: Turn, event: Happening): void {
  const { executor } = turn.state.runs.get(event.id)!;
  if (event.type === "started") return runHasStarted(turn, event.id, event);
  if (event.type === "launch_failed") return runFailedToLaunch(turn, event.id, event.cause, event.message);
  answerWaits(turn, event.id, event);
  destroyBelow(turn, executor.kind === "default" ? `${executor.containerId}.${event.id}` : event.id);
  runHasExited(turn, event.id, event);
}

function probeEvent(turn: Turn, event: Happening): void {
  if (event.type === "started") return;
  turn.out.push({ type: "forget", id: event.id });
  if (event.type === "launch_failed") lookEnded(turn, event.id, { kind: "failed", reason: event.message });
  else lookEnded(turn, event.id, { kind: "exit", waitStatus: event.waitStatus });
}

// An id that means nothing any more is forgotten when it ends: probes that were given up, orphans that were destroyed.
function executorEvent(turn: Turn, event: Happening, executor: Executor | undefined): void {
  if (executor === undefined || executor.kind !== "custom") {
    if (event.type !== "started") turn.out.push({ type: "forget", id: event.id });
    return;
  }
  if (event.type === "started") return executorStarted(turn, executor, event);
  if (event.type === "launch_failed") return executorNotLaunched(turn, executor, event.message);
  answerWaits(turn, event.id, event);
  destroyBelow(turn, event.id);
  executorExited(turn, executor, event);
}
