import type { MessageProbed } from "@meseta/api/mesos/generated/link.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, MasterState } from "./state.ts";
import { tellUnlessSlow } from "./tell.ts";
import { hasCapability } from "./validate/framework.ts";

/**
 * An agent tells what probes of tasks saw: on to their framework, if it is subscribed and asked for it. Nothing is kept or repeated
 * here, and what a slow framework cannot take is dropped: the agent's next results tell the same.
 */
export function receiveProbed(state: MasterState, agent: Agent, probed: MessageProbed, out: MasterOut): void {
  const framework = state.frameworks.get(probed.framework_id.value);
  if (framework?.stream === undefined || !hasCapability(framework.info, "PROBES")) return;
  const results = (probed.results ?? []).filter(
    ({ task_id }) => framework.tasks.get(task_id.value)?.task.agent_id.value === agent.id,
  );
  if (results.length === 0) return;
  tellUnlessSlow(framework, { type: "PROBED", probed: { results } }, out);
}
