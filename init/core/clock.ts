import { rollBack } from "./calls/undo.ts";
import { LOOK_AGAIN_MS } from "./fleet/carry-out.ts";
import { changeInstance } from "./fleet/change.ts";
import { forgetDepartures } from "./fleet/departures.ts";
import { sendKills } from "./fleet/kill.ts";
import { launchableAtMs } from "./instance/backoff.ts";
import { somethingIsNew } from "./offers/demand.ts";
import { delayOf } from "./offers/seekers.ts";
import type { InitOut } from "./out.ts";
import { affectedBy } from "./plan.ts";
import type { InitState } from "./state.ts";
import { askClock, touch } from "./wakes.ts";

/** Time has passed: what was waited for until now happens, and the next time is waited for. */
export function tick(state: InitState, atMs: number, nowMs: number, out: InitOut): void {
  if (atMs !== state.clockAtMs) return;
  state.clockAtMs = Number.POSITIVE_INFINITY;
  giveUp(state, nowMs, out);
  endDelays(state, nowMs);
  sendKills(state, state.kills.tick(nowMs), out);
  lookAgain(state, nowMs, out);
  forgetDepartures(state, nowMs, out);
  for (const effect of state.deployments.expire(nowMs))
    if (effect.type === "expired") rollBack(state, effect.deployment, nowMs, out);
  waitOn(state, nowMs, out);
}

/** Waits for the soonest of all that waits for a time. */
function waitOn(state: InitState, nowMs: number, out: InitOut): void {
  const { deadlines, demand, kills, deployments, departures } = state;
  const expiries = deployments.all.map(({ deadlineMs }) => deadlineMs);
  if (deployments.count + departures.agents.size > 0) askClock(state, nowMs + LOOK_AGAIN_MS, out);
  const looking = demand.lookingUntilMs > nowMs ? demand.lookingUntilMs : undefined;
  for (const atMs of [deadlines.nextMs(), demand.delayed.nextMs(), kills.wakeAtMs, looking, ...expiries])
    if (atMs !== undefined && (atMs > nowMs || atMs === deadlines.nextMs()))
      askClock(state, Math.max(atMs, nowMs), out);
}

// That offers are refused touches nobody; what stands in the way of a deployment may be its own.
function lookAgain(state: InitState, nowMs: number, out: InitOut): void {
  for (const { plan } of state.deployments.all)
    for (const id of affectedBy(plan))
      if ((state.queue.entryOf(id)?.unused.length ?? 0) > 0) touch(state, id, nowMs, out);
}

// One event stores only so much; the others follow at once.
function giveUp(state: InitState, nowMs: number, out: InitOut): void {
  while (out.puts.size + out.deletes.size < MOST_RECORDS) {
    const id = state.deadlines.takeDue(nowMs);
    if (id === undefined) return;
    changeInstance(state, id, { type: "clock" }, nowMs, out);
  }
}

const MOST_RECORDS = 100;

function endDelays(state: InitState, nowMs: number): void {
  const { demand } = state;
  // Whoever was looking until now may be content.
  demand.isChanged = true;
  for (let spec = demand.delayed.takeDue(nowMs); spec !== undefined; spec = demand.delayed.takeDue(nowMs))
    if (launchableAtMs(delayOf(state, spec)) <= nowMs) somethingIsNew(state, spec);
}
