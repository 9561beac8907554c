import type { DrainConfig, KillPolicy } from "@meseta/api/mesos/generated/mesos.ts";
import { DEFAULT_GRACE_MS } from "../executor/run.ts";
import { killTask } from "./kill.ts";
import { keys } from "./saved.ts";
import type { AgentTask, Turn } from "./state.ts";

/** DRAIN: every task is killed, with a grace of at most the drain's; nothing new is launched until the agent is reactivated. */
export function drain(turn: Turn, config: DrainConfig): void {
  const { state, out, nowMs } = turn;
  const first = state.drain === undefined;
  state.drain = { config, startMs: state.drain?.startMs ?? nowMs };
  out.save(keys.drain(), state.drain);
  if (first) out.log("info", "draining", {});
  killAll(turn);
}

export function reactivate(turn: Turn): void {
  turn.state.drain = undefined;
  turn.out.erase(keys.drain());
}

/** Also after a restart in the middle of a drain. */
export function killAll(turn: Turn): void {
  const { state } = turn;
  const grace = state.drain?.config.max_grace_period?.nanoseconds;
  for (const framework of [...state.frameworks.values()])
    for (const task of [...framework.tasks.values()])
      if (task.run?.kill === undefined) killTask(turn, task, grace === undefined ? undefined : atMost(task, grace));
}

function atMost(task: AgentTask, mostNs: number): KillPolicy {
  const ownNs = task.info.kill_policy?.grace_period?.nanoseconds ?? DEFAULT_GRACE_MS * 1e6;
  return { grace_period: { nanoseconds: Math.min(ownNs, mostNs) } };
}
