import { instancesOf } from "@meseta/init/core/definition/spec.ts";
import type { Deployment } from "@meseta/init/core/deployment.ts";
import type { Init } from "@meseta/init/core/init.ts";
import type { InitOut, Notice } from "@meseta/init/core/out.ts";
import { specAt } from "@meseta/init/core/spec.ts";
import { Violation } from "./violation.ts";

/**
 * How long a deployment may go on after its deadline, by init's own clock and from when init could first have seen it pass; and for how many events: a process
 * that was stopped in between sees much time pass at once.
 */
const GRACE_MS = 3_000;
const GRACE_EVENTS = 20;

/** That a deployment does not outlive its deadline, and that one that failed by it leaves what was wanted before it, or says that it cannot. */
export class DeadlineChecker {
  /** Those with a deadline, as they were after the event before. */
  #running: readonly Deployment[] = [];
  /** Since when, by init's clock, and since which event each is seen to be past its deadline. */
  readonly #past = new Map<string, { readonly ms: number; readonly event: number }>();
  #events = 0;

  /** A life begins, maybe by another clock. */
  forget(): void {
    this.#past.clear();
  }

  applied(out: InitOut, { state }: Init, nowMs: number): void {
    this.#events++;
    for (const effect of out.effects)
      if (effect.type === "publish" && isExpiry(effect.notice)) this.#checkUndone(effect.notice, out, state);
    this.#running = state.deployments.all.filter(({ deadlineMs }) => deadlineMs !== undefined);
    for (const { plan, deadlineMs = nowMs } of this.#running) this.#checkTime(plan.id, deadlineMs, nowMs);
  }

  #checkTime(id: string, deadlineMs: number, nowMs: number): void {
    if (nowMs < deadlineMs) return;
    const since = this.#past.get(id) ?? { ms: nowMs, event: this.#events };
    this.#past.set(id, since);
    if (nowMs - since.ms > GRACE_MS && this.#events - since.event > GRACE_EVENTS)
      throw new Violation(`deployment ${id} goes on ${nowMs - deadlineMs} ms after its deadline`);
  }

  #checkUndone({ id }: Notice, out: InitOut, state: Init["state"]): void {
    const plan = this.#running.find((one) => one.plan.id === id)?.plan;
    if (plan === undefined) throw new Violation(`deployment ${id} failed by a deadline that it had not`);
    if (out.effects.some((effect) => effect.type === "log" && effect.message.includes("ended as it is"))) return;
    for (const [spec, { before }] of Object.entries(plan.changes)) {
      const present = specAt(state.tree, spec);
      if (present?.versionInfo.lastConfigChangeAt !== before?.versionInfo.lastConfigChangeAt)
        throw new Violation(`deployment ${id} was undone, and ${spec} is wanted as of ${present?.version}`);
      if (present !== undefined && before !== undefined && instancesOf(present) !== instancesOf(before))
        throw new Violation(`deployment ${id} was undone, and of ${spec} ${instancesOf(present)} are wanted`);
    }
  }
}

function isExpiry({ eventType, reason }: Notice): boolean {
  return eventType === "deployment_failed" && String(reason).endsWith("as its deadlineSeconds asks");
}
