import { randomUUID } from "node:crypto";
import type { CallLaunchNestedContainerSession } from "@meseta/api/mesos/generated/agent.ts";
import type { ContainerID } from "@meseta/api/mesos/generated/mesos.ts";
import { CallRefused } from "@meseta/sdk/core/errors.ts";
import type { ContainerOutput } from "@meseta/sdk/operator/container-output.ts";
import { asFailure } from "../as-failure.ts";
import { Failure } from "../core/failure.ts";
import { CLUSTER_FAILED, codeOfRefusedLaunch, exitCodeOfWait, NOT_RUNNABLE } from "../core/run/exit-code.ts";
import { programOf } from "../core/run/wish.ts";
import { splitPair } from "../core/values.ts";
import { type Invocation, words } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { waitForContainer } from "../io/container.ts";
import { converse } from "../io/conversation.ts";
import { windowSize } from "../io/keyboard.ts";
import { type RunningTask, runningTask } from "../io/running-task.ts";
import { passSignals } from "../io/signals.ts";

/** The command is a container within the task's: it starts beside it, and ends with it at the latest. */
export async function run(invocation: Invocation): Promise<number> {
  try {
    return await withCluster(invocation, async (cluster) =>
      execute(await runningTask(cluster, invocation, "run something in"), invocation),
    );
  } catch (error) {
    const failure = asFailure(error, ["task", "exec"]);
    throw failure.exit >= NOT_RUNNABLE ? failure : failure.withExit(CLUSTER_FAILED);
  }
}

async function execute(target: RunningTask, invocation: Invocation): Promise<number> {
  const { agent, url, container: parent } = target;
  const { flags, terminal } = invocation;
  const [interactive, tty] = [flags.on("interactive"), ttyOf(invocation)];
  const id: ContainerID = { value: randomUUID(), parent };
  const output = await launch(target, invocation, id, tty);
  const ended = waitForContainer(url, id);
  ended.catch(() => {}); // It matters only when there is nothing worse to tell.
  using _ = passSignals((signal) => agent.killContainer(id, signal));
  try {
    await converse(agent, id, output, { stdin: interactive ? "pass" : "end", tty, detachable: false }, terminal);
    return exitCodeOfWait((await ended).exit_status ?? 0);
  } finally {
    await agent.removeContainer(id).catch(() => {}); // It is removed with the task at the latest.
  }
}

function ttyOf({ flags }: Invocation): boolean {
  const tty = flags.on("tty");
  if (!tty || !flags.on("interactive") || process.stdin.isTTY) return tty;
  const why = "stdin is a file or a pipe: leave out -t, and what comes from there is passed on";
  throw new Failure("usage", { message: "-it needs a terminal", why, help: "meseta task exec --help" });
}

async function launch(
  { agent, task }: RunningTask,
  invocation: Invocation,
  container_id: ContainerID,
  tty: boolean,
): Promise<ContainerOutput> {
  const given = words(invocation, "command");
  const env = invocation.flags.list("env").map(splitPair);
  if (tty && !env.some(([name]) => name === "TERM")) env.push(["TERM", process.env["TERM"] ?? "xterm"]);
  const user = invocation.flags.text("user");
  const wish: CallLaunchNestedContainerSession = {
    container_id,
    command: { ...programOf(given, env), ...(user !== undefined && { user }) },
    ...(tty && { container: { type: "MESOS", tty_info: { window_size: windowSize() ?? { rows: 24, columns: 80 } } } }),
  };
  try {
    return await agent.launchNestedContainerSession(wish);
  } catch (error) {
    if (!(error instanceof CallRefused) || error.status !== 400) throw error;
    const values = { command: given[0]!, task: task.task_id.value, why: error.text };
    throw new Failure("command-not-runnable", values, error.url).withExit(codeOfRefusedLaunch(error.text));
  }
}
