import { setTimeout as sleep } from "node:timers/promises";
import { counted } from "@meseta/lib/core/words.ts";
import { Failure } from "../core/failure.ts";
import { lastPart } from "../core/name.ts";
import { span } from "../core/since.ts";
import { nodeId } from "../core/views/nodes.ts";
import { tasksOf } from "../core/views/tasks.ts";
import { type Invocation, word } from "../invocation.ts";
import { type Cluster, withCluster } from "../io/cluster.ts";
import { confirm } from "../io/confirm.ts";

/** Drains are in no event: the state is looked at again after so long. */
const LOOK_AGAIN_MS = 300;

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  return withCluster(invocation, async (cluster) => {
    const node = await cluster.node(word(invocation, "node"));
    const id = nodeId(node);
    const count = await tasksOn(cluster, id);
    const gone = flags.on("mark-gone");
    const what = `Drain ${node.agent_info.hostname} (${lastPart(id)}), ending its ${counted(count, "task")}${gone ? ", and remove it for ever" : ""}`;
    await confirm(invocation, { what, name: count > 1 || gone ? lastPart(id) : undefined });
    const graceMs = flags.number("grace");
    await cluster.master.drainAgent({
      agent_id: { value: id },
      ...(graceMs !== undefined && {
        max_grace_period: { seconds: Math.floor(graceMs / 1000), nanos: (graceMs % 1000) * 1e6 },
      }),
      ...(gone && { mark_gone: true }),
    });
    terminal.err(`◐ ${lastPart(id)} draining\n`);
    if (flags.on("wait")) await waitUntilDrained(invocation, cluster, id);
    if (!gone) terminal.err(`Back in service later: meseta node activate ${lastPart(id)}\n`);
    return 0;
  });
}

async function tasksOn(cluster: Cluster, id: string): Promise<number> {
  const tasks = tasksOf(await cluster.master.getTasks(), false);
  return tasks.filter((task) => task.agent_id.value === id).length;
}

async function waitUntilDrained({ flags, terminal }: Invocation, cluster: Cluster, id: string): Promise<void> {
  const started = Date.now();
  const timeoutMs = flags.number("timeout") ?? Number.POSITIVE_INFINITY;
  for (let before = -1; ; await sleep(LOOK_AGAIN_MS)) {
    const node = (await cluster.nodes()).find((each) => nodeId(each) === id);
    if (!node || node.drain_info?.state === "DRAINED") {
      terminal.err(`○ ${lastPart(id)} ${node ? "drained" : "gone"} after ${span(Date.now() - started)}\n`);
      return;
    }
    const left = await tasksOn(cluster, id);
    if (left !== before) terminal.err(`◐ ${counted(left, "task")} left\n`);
    before = left;
    if (Date.now() - started < timeoutMs) continue;
    const again = `meseta node show ${lastPart(id)}`;
    const why = `${counted(left, "task")} left; the drain goes on in the cluster`;
    throw new Failure("timed-out", { what: "the drain", timeout: span(timeoutMs), why, again });
  }
}
