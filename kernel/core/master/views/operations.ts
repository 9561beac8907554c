import type { Operation } from "@meseta/api/mesos/generated/mesos.ts";
import type { MasterState } from "../state.ts";

/** GET_OPERATIONS. */
export function viewOperations(state: MasterState): Operation[] {
  return [...state.operations.values()].map(({ operation }) => operation);
}
