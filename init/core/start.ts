import { watchAgain } from "./fleet/change.ts";
import { updateRoles } from "./fleet/roles.ts";
import type { InitOut } from "./out.ts";
import type { InitState } from "./state.ts";
import { askClock, askReconciliation, askSettle, touch } from "./wakes.ts";

/** A life begins: what was stored goes on. Everything is settled, so whatever was decided and not yet done is decided again. */
export function start(state: InitState, nowMs: number, out: InitOut): void {
  for (const service of state.services.values()) {
    touch(state, service.id, nowMs, out);
    if (state.queue.entryOf(service.id) !== undefined) state.undecided.add(service.id);
    for (const instance of service.instances.values()) watchAgain(state, instance, nowMs, out);
  }
  // Deployments of what is gone, or of nothing, end as well.
  askSettle(state, nowMs, out);
  out.save("root", { version: state.tree.version });
  const root = state.tree.groups.get("/")!;
  out.save(`group/${root.id}`, root);
  updateRoles(state, out);
  // Some of what was waited for may have come to pass in between.
  askClock(state, nowMs, out);
  askReconciliation(state, nowMs + state.config.reconciliationDelayMs, out);
}
