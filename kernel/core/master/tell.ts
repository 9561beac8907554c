import type { Event as AgentEvent } from "@meseta/api/mesos/generated/link.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { countOf } from "./counters.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, Framework, MasterState } from "./state.ts";

/** Sends the framework an event, if it is subscribed. False: it is not, and the event is lost. */
export function tell(framework: Framework, event: Event, out: MasterOut): boolean {
  if (framework.stream === undefined) return false;
  countEvent(framework, event);
  out.sendScheduler(framework.stream, event);
  return true;
}

/** The same of what may be lost: an executor that talks much must not cut its framework off. */
export function tellUnlessSlow(framework: Framework, event: Event, out: MasterOut): boolean {
  if (framework.stream === undefined) return false;
  countEvent(framework, event);
  out.sendSchedulerUnlessSlow(framework.stream, event);
  return true;
}

/** Sends every subscribed framework the event. */
export function tellAll(state: MasterState, event: Event, out: MasterOut): void {
  for (const framework of state.frameworks.values()) tell(framework, event, out);
}

/** Sends the agent an event, if it is connected. False: it is not, and the event is lost. */
export function tellAgent(agent: Agent, event: AgentEvent, out: MasterOut): boolean {
  if (agent.stream === undefined) return false;
  out.sendAgent(agent.stream, event);
  return true;
}

function countEvent(framework: Framework, { type = "UNKNOWN" }: Event): void {
  countOf(framework, "events");
  countOf(framework, `events/${type.toLowerCase()}`);
}
