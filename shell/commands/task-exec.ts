import { randomUUID } from "node:crypto";
import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import { asFailure } from "../as-failure.ts";
import { Failure } from "../core/failure.ts";
import { CLUSTER_FAILED, exitCodeOfWait } from "../core/run/exit-code.ts";
import { commandOf } from "../core/run/wish.ts";
import { sandboxOf } from "../core/sandbox.ts";
import { type Invocation, word, words } from "../invocation.ts";
import { type Cluster, withCluster } from "../io/cluster.ts";
import { waitForContainer } from "../io/container.ts";
import { type FileReader, Tail } from "../io/tail.ts";

/** The command is a container within the task's: it starts beside it, and ends with it at the latest. */
export async function run(invocation: Invocation): Promise<number> {
  try {
    return await withCluster(invocation, (cluster) => execute(cluster, invocation));
  } catch (error) {
    throw asFailure(error, ["task", "exec"]).withExit(CLUSTER_FAILED);
  }
}

async function execute(cluster: Cluster, invocation: Invocation): Promise<number> {
  const task = await cluster.task(word(invocation, "task"), invocation.flags.text("framework"));
  const parent = task.statuses?.findLast((status) => status.container_status?.container_id)?.container_status
    ?.container_id;
  const url = await cluster.agentUrlOf(task);
  if (task.state !== "TASK_RUNNING" || parent === undefined || url === undefined) {
    throw new Failure("conflict", { what: `run something beside ${task.task_id.value}`, why: "the task does not run" });
  }
  const agent = cluster.agent(url);
  const id: ContainerID = { value: randomUUID(), parent };
  await agent.launchContainer({ container_id: id, command: commandOf(words(invocation, "command"), []) });
  const interrupt = (): void => void agent.killContainer(id).catch(() => {});
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    const ended = waitForContainer(url, id);
    await followOutput(invocation, agent, `${sandboxOf(task)}/containers/${id.value}`, ended);
    return exitCodeOfWait((await ended).exit_status ?? 0);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    await agent.removeContainer(id).catch(() => {}); // It is removed with the task at the latest.
  }
}

async function followOutput(
  { terminal }: Invocation,
  agent: FileReader,
  folder: string,
  ended: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  const over = (): void => void (isOver = true);
  ended.then(over, over);
  const out = new Tail(agent, `${folder}/stdout`, (bytes) => terminal.out(bytes));
  const err = new Tail(agent, `${folder}/stderr`, (bytes) => terminal.err(bytes));
  await Promise.all([out.follow(() => isOver), err.follow(() => isOver)]);
}
