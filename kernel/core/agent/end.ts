import { killTask, shutdownExecutor } from "./kill.ts";
import type { AgentState, Turn } from "./state.ts";

/** How long the agent waits for the last updates to be acknowledged once nothing runs any more. */
const FAREWELL_MS = 3_000;

/**
 * Ends all tasks and then the process, while the agent stays a member of the cluster: what `meseta down` and Ctrl-C of
 * `meseta up` ask for. Tasks are killed by their own policies, and the reason stands in their last status.
 */
export function endTasks(turn: Turn, reason: string): void {
  const { state, out } = turn;
  if (state.phase !== "running") return;
  state.phase = "ending";
  state.leaveReason = reason;
  out.log("info", "ending all tasks", { reason });
  for (const framework of [...state.frameworks.values()])
    for (const task of [...framework.tasks.values()]) killTask(turn, task, undefined);
  for (const executor of [...state.executors.values()])
    if (executor.kind === "custom") shutdownExecutor(turn, executor);
  for (const container of state.containers.values())
    if (container.state !== "ended") out.push({ type: "destroy", id: container.handle });
}

/** Called after every event: when nothing runs and everything is told, or nobody listens, the process ends. */
export function endWhenQuiet(turn: Turn): void {
  const { state, out, nowMs } = turn;
  if (state.phase !== "ending" || isAnythingRunning(state)) return;
  if (state.quietSinceMs === undefined) {
    state.quietSinceMs = nowMs;
    out.wake(nowMs + FAREWELL_MS, { for: "farewell" });
  }
  const allTold = state.updates.size === 0 || state.link.status !== "subscribed";
  if (!allTold && nowMs < state.quietSinceMs + FAREWELL_MS) return;
  state.phase = "left";
  out.push({ type: "exit", reason: state.leaveReason });
}

function isAnythingRunning(state: AgentState): boolean {
  if (state.runs.size > 0) return true;
  for (const executor of state.executors.values()) if (executor.state !== "terminated") return true;
  for (const container of state.containers.values()) if (container.state !== "ended") return true;
  return false;
}
