import { arrayBody } from "@meseta/api/json-body/body.ts";
import { list, text } from "@meseta/api/json-body/field.ts";
import { type Outcome, outcomeOf, type Problem, refuse } from "@meseta/api/json-body/outcome.ts";
import { read } from "@meseta/api/json-body/read.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { PodInstanceStatus } from "@meseta/api/marathon/pod-status.ts";
import type { Call } from "../call.ts";
import { parseInstanceId } from "../definition/instance-id.ts";
import { isPod } from "../definition/spec.ts";
import { definitionOf } from "../fleet/lookup.ts";
import type { Instance } from "../instance/instance.ts";
import type { Answer } from "../out.ts";
import type { InitState } from "../state.ts";
import { instanceOnWire } from "../views/pod-instance.ts";
import { type Asking, refused } from "./asking.ts";
import { noPod } from "./pods.ts";
import { endInstance, noTask } from "./tasks.ts";

/** DELETE of a pod's instances, or of one: 200 with them as they were. Others come in their place. */
export function killInstances(asking: Asking, call: Extract<Call, { kind: "kill-instances" }>): Answer {
  const { state } = asking;
  const pod = state.tree.pods.get(call.pod);
  if (pod === undefined) return noPod(call.pod);
  const ids = readIds(call.ids);
  if ("refusal" in ids) return refused(ids.refusal);
  const known = state.services.get(call.pod)?.instances;
  const found = ids.value.flatMap((id) => known?.get(id) ?? []).filter(({ goal }) => goal !== "Decommissioned");
  if (call.isOne && found.length === 0) return noTask(ids.value[0]!);
  const shown = found.map((instance) => show(state, instance, pod));
  for (const { id } of found) endInstance(asking, id, call.wipe);
  return { status: 200, body: call.isOne ? shown[0] : shown };
}

function show(state: InitState, instance: Instance, present: Pod): PodInstanceStatus {
  const launched = definitionOf(state, instance);
  return instanceOnWire(instance, launched !== undefined && isPod(launched) ? launched : present);
}

function readIds(body: unknown): Outcome<readonly string[]> {
  const array = arrayBody(body);
  if ("refusal" in array) return array;
  const problems: Problem[] = [];
  const ids = read(list(text()), body, "", problems) as string[];
  if (problems.length > 0) return outcomeOf(ids, problems);
  const bad = ids.find((id) => parseInstanceId(id) === undefined);
  return bad === undefined ? { value: [...new Set(ids)] } : refuse(400, `Invalid instance id '${bad}'.`);
}
