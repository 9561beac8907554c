import { setTimeout as sleep } from "node:timers/promises";
import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { Failure } from "../core/failure.ts";
import { lastPart } from "../core/name.ts";
import { signalNumber } from "../core/signals.ts";
import { span } from "../core/since.ts";
import { shown, taskLooks } from "../core/state.ts";
import { containerOf } from "../core/task-container.ts";
import { type Invocation, word } from "../invocation.ts";
import { type Cluster, withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";

const LOOK_AGAIN_MS = 150;

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const signal = signalNumber(flags.text("signal") ?? "SIGTERM");
  if (signal === undefined) {
    throw new Failure("usage", {
      message: `there is no signal ${flags.text("signal")}`,
      why: "as in SIGTERM, TERM or 15",
    });
  }
  return withCluster(invocation, async (cluster) => {
    const task = await cluster.task(word(invocation, "task"), flags.text("framework"));
    const id = task.task_id.value;
    if (isTerminal(task.state)) {
      terminal.err(`${shown(taskLooks[task.state])} ${id} had ended already\n`);
      return 0;
    }
    await confirm(invocation, { what: `End task ${id}` });
    await send(cluster, task, signal);
    if (!flags.on("wait")) return 0;
    const graceMs = flags.text("signal") === undefined ? flags.number("grace")! : Number.POSITIVE_INFINITY;
    const state = await waitUntilEnded(invocation, cluster, task, graceMs);
    terminal.err(`${shown(taskLooks[state])} ${id}\n`);
    return 0;
  });
}

async function send(cluster: Cluster, task: Task, signal: number): Promise<void> {
  const container = containerOf(task);
  const agent = await cluster.agentOf(task);
  if (container && agent) return agent.killContainer(container, signal);
  const why = agent ? "it has no container yet" : `its agent ${lastPart(task.agent_id.value)} is not there`;
  throw new Failure("conflict", { what: `end task ${task.task_id.value}`, why });
}

async function waitUntilEnded(
  invocation: Invocation,
  cluster: Cluster,
  task: Task,
  graceMs: number,
): Promise<Task["state"]> {
  const timeoutMs = invocation.flags.number("timeout")!;
  const started = Date.now();
  for (let insisted = false; ; await sleep(LOOK_AGAIN_MS)) {
    const { state } = await cluster.task(task.task_id.value, task.framework_id.value);
    if (isTerminal(state)) return state;
    const elapsedMs = Date.now() - started;
    if (!insisted && elapsedMs > graceMs) {
      insisted = true;
      await send(cluster, task, 9);
    }
    if (elapsedMs < timeoutMs) continue;
    const id = task.task_id.value;
    const values = { what: `the end of ${id}`, timeout: span(timeoutMs), why: `it is ${taskLooks[state].word}` };
    throw new Failure("timed-out", { ...values, again: `meseta task kill ${id} --signal SIGKILL` });
  }
}
