import type { CallUpdateWeights } from "@meseta/api/mesos/generated/master.ts";
import type { Answer, MasterOut } from "../out.ts";
import { keys } from "../saved.ts";
import type { MasterState } from "../state.ts";
import { validateWeights } from "../validate/weights.ts";
import { badRequest, done, tooMany } from "./answers.ts";

/** UPDATE_WEIGHTS: all of its roles or none. A weight of 1 is kept, because it was said. */
export function updateWeights(state: MasterState, { weight_infos = [] }: CallUpdateWeights, out: MasterOut): Answer {
  const refusal = validateWeights(weight_infos, state.config.roleWhitelist);
  if (refusal !== undefined) return badRequest(refusal);
  const excess = tooMany("roles", weight_infos.length);
  if (excess !== undefined) return excess;
  for (const { role = "", weight } of weight_infos) {
    state.weights.set(role, weight);
    state.allocator.setWeight(role, weight);
    out.save(keys.weight(role), { weight });
  }
  state.version++;
  return done;
}
