import type {
  CallCreateVolumes,
  CallDestroyVolumes,
  CallGrowVolume,
  CallShrinkVolume,
} from "@meseta/api/mesos/generated/master.ts";
import { upgrade, upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import type { Answer, MasterOut } from "../out.ts";
import type { MasterState } from "../state.ts";
import { operate } from "./operate.ts";
import type { Asker } from "./operator.ts";

/** CREATE_VOLUMES: persistent volumes on reserved disk. */
export function createVolumes(state: MasterState, call: CallCreateVolumes, asker: Asker, out: MasterOut): Answer {
  const create = { volumes: upgradeAll(call.volumes ?? []) };
  return operate(state, call.agent_id.value, { type: "CREATE", create }, asker, out);
}

/** DESTROY_VOLUMES: the data is deleted on the agent. */
export function destroyVolumes(state: MasterState, call: CallDestroyVolumes, asker: Asker, out: MasterOut): Answer {
  const destroy = { volumes: upgradeAll(call.volumes ?? []) };
  return operate(state, call.agent_id.value, { type: "DESTROY", destroy }, asker, out);
}

/** GROW_VOLUME: reserved disk joins a volume. */
export function growVolume(state: MasterState, call: CallGrowVolume, asker: Asker, out: MasterOut): Answer {
  const grow_volume = { volume: upgrade(call.volume), addition: upgrade(call.addition) };
  return operate(state, call.agent_id!.value, { type: "GROW_VOLUME", grow_volume }, asker, out);
}

/** SHRINK_VOLUME: part of a volume becomes reserved disk again. */
export function shrinkVolume(state: MasterState, call: CallShrinkVolume, asker: Asker, out: MasterOut): Answer {
  const shrink_volume = { volume: upgrade(call.volume), subtract: call.subtract };
  return operate(state, call.agent_id!.value, { type: "SHRINK_VOLUME", shrink_volume }, asker, out);
}
