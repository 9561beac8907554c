import { shutdownFramework } from "./kill.ts";
import { keys } from "./saved.ts";
import type { Turn } from "./state.ts";

/**
 * Leaves the cluster for good: by the master's SHUTDOWN (marked gone, machine down) or the operator's SIGUSR1. All tasks end;
 * then the agent forgets who it was, so that it comes back as a new one.
 */
export function leave(turn: Turn, reason: string): void {
  const { state, out } = turn;
  if (state.phase !== "running" && state.phase !== "recovering") return;
  state.phase = "leaving";
  state.leaveReason = reason;
  out.log("warn", "leaving the cluster", { reason });
  for (const framework of [...state.frameworks.values()]) shutdownFramework(turn, framework.id);
  for (const container of state.containers.values())
    if (container.state !== "ended") out.push({ type: "destroy", id: container.handle });
  leaveWhenEmpty(turn);
}

/** Called after every event: when the last container is gone, so is the agent. */
export function leaveWhenEmpty(turn: Turn): void {
  const { state, out } = turn;
  if (state.phase !== "leaving" || state.executors.size > 0) return;
  if ([...state.containers.values()].some((container) => container.state !== "ended")) return;
  state.phase = "left";
  if (state.link.status === "subscribed") out.push({ type: "unsubscribe", link: state.link.id });
  for (const key of [keys.identity(), keys.resources(), keys.drain()]) out.erase(key);
  for (const uuid of state.operations.keys()) out.erase(keys.operation(uuid));
  for (const framework of state.completedFrameworks.values()) {
    out.erase(keys.framework(framework.info.id!.value));
    for (const executor of framework.executors) out.erase(executor.key);
  }
  out.push({ type: "exit", reason: state.leaveReason });
}
