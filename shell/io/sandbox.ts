import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentClient } from "@meseta/sdk/operator/agent.ts";
import { Failure } from "../core/failure.ts";
import { lastPart } from "../core/name.ts";
import type { Cluster } from "./cluster.ts";

/** The agent on whose machine a task's sandbox is. */
export async function agentWithFilesOf(
  cluster: Cluster,
  task: Task,
): Promise<{ readonly agent: AgentClient; readonly url: string }> {
  const url = await cluster.agentUrlOf(task);
  if (url !== undefined) return { agent: cluster.agent(url), url };
  const name = lastPart(task.agent_id.value);
  const why = `its agent ${name} is not there, and the sandbox is on its machine`;
  throw new Failure("not-found", { kind: "node", name, why });
}
