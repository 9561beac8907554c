import type { ChronosRefusal, MetronomeRefusal } from "../definition/refusal.ts";
import type { Answer, CronOut } from "../out.ts";
import type { CronState } from "../state.ts";

/** What each call is given: all that is known, and where to write what follows. A call that is refused has changed nothing. */
export interface Asking {
  readonly state: CronState;
  readonly nowMs: number;
  readonly out: CronOut;
}

export function refused({ refusal }: { readonly refusal: ChronosRefusal | MetronomeRefusal }): Answer {
  return { status: refusal.status, body: refusal.body };
}
