import type { Call } from "../call.ts";
import { carryOutDeployment } from "../fleet/carry-out.ts";
import type { Answer } from "../out.ts";
import { type Asking, notFound } from "./asking.ts";

/** DELETE /v2/queue/{id}/delay: 204; what waits for its launch after failures waits no longer. */
export function resetDelay({ state, nowMs, out }: Asking, { id }: Extract<Call, { kind: "reset-delay" }>): Answer {
  if (state.queue.entryOf(id) === undefined) return notFound(`Application ${id} not found in tasks queue.`);
  carryOutDeployment(state, [{ type: "clear-delay", spec: id }], nowMs, out);
  return { status: 204 };
}
