import { unreachable } from "@meseta/lib/core/assert.ts";
import type { Core } from "@meseta/lib/core/daemon.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { containerEvent, containerFetched } from "./container-events.ts";
import { imagesPruned, operatorCall, requestClosed } from "./containers.ts";
import { registrationTimedOut, reregistrationTimedOut } from "./custom.ts";
import { endTasks, endWhenQuiet } from "./end.ts";
import type { AgentEvent, Wake } from "./event.ts";
import { executorCall, executorStreamClosed, heartbeatExecutor, subscribeExecutor } from "./executor-api.ts";
import { collect, diskMeasured, removed } from "./gc.ts";
import { runHasWoken } from "./inside.ts";
import { leave, leaveWhenEmpty } from "./leave.ts";
import { connect, linkClosed, linkEvent, watchPings, watchSubscribed } from "./link.ts";
import { load } from "./load.ts";
import { retryOperations, trashEmptied, volumeMoved } from "./operations.ts";
import { AgentOut } from "./out.ts";
import { lookEnded, probeDue, probeOverdue, tellProbes } from "./probing.ts";
import { reconfigure } from "./reconfigure.ts";
import { start } from "./recovery.ts";
import type { AgentConfig, AgentState, Turn } from "./state.ts";
import { retryUpdates, saveTouched } from "./updates.ts";

export interface Agent extends Core<AgentEvent, AgentOut> {
  readonly state: AgentState;
}

export interface AgentPast {
  readonly random: Random;
  /** All records of the store, key and JSON. */
  readonly records: Iterable<readonly [string, string]>;
  /** The machine's boot id. */
  readonly bootId: string;
  readonly nowMs: number;
}

/** The agent, as it was when its records were written; the event `start` brings it up to what the machine says. */
export function createAgent(config: AgentConfig, past: AgentPast): Agent {
  const state = load(config, past);
  const turn: Turn = { state, nowMs: past.nowMs, out: new AgentOut(), touched: new Set() };
  return {
    state,
    apply(event, nowMs, out) {
      turn.nowMs = nowMs;
      turn.out = out;
      apply(turn, event);
      saveTouched(turn);
      if (state.phase === "leaving") leaveWhenEmpty(turn);
      if (state.phase === "ending") endWhenQuiet(turn);
    },
  };
}

function apply(turn: Turn, event: AgentEvent): void {
  switch (event.type) {
    case "start":
      return start(turn, event.containers);
    case "link-event":
      return linkEvent(turn, event.link, event.event);
    case "link-closed":
      return linkClosed(turn, event.link, event.reason);
    case "executor-subscribe":
      return subscribeExecutor(turn, event.stream, event.call);
    case "executor-call":
      return executorCall(turn, event.request, event.call);
    case "operator-call":
      return operatorCall(turn, event.request, event.call);
    case "stream-closed":
      return executorStreamClosed(turn, event.stream);
    case "request-closed":
      return requestClosed(turn, event.request);
    case "container":
      // What happens before `start` is part of what `start` tells.
      return turn.state.phase === "recovering" ? undefined : containerEvent(turn, event.event);
    case "fetched":
      return containerFetched(turn, event.id, event.error);
    case "probed":
      return lookEnded(turn, event.probe, event.result);
    case "removed":
      return removed(turn, event.id, event.error);
    case "volume-moved":
      return volumeMoved(turn, event.trash);
    case "trash-emptied":
      return trashEmptied(turn, event.trash);
    case "images-pruned":
      return imagesPruned(turn, event.request, event.error);
    case "disk-usage":
      return diskMeasured(turn, event.used);
    case "reconfigure":
      return reconfigure(turn, event.resources, event.attributes);
    case "end-tasks":
      return endTasks(turn, event.reason);
    case "unregister":
      return leave(turn, "asked to unregister");
    case "wake":
      return woken(turn, event.wake);
    default:
      return unreachable(event);
  }
}

function woken(turn: Turn, wake: Wake): void {
  const { state, out } = turn;
  switch (wake.for) {
    case "register":
      return wake.attempt === state.link.attempts ? connect(turn) : undefined;
    case "subscribed-watchdog":
      return watchSubscribed(turn, wake.link);
    case "ping-watchdog":
      return watchPings(turn, wake.link);
    case "update-retry":
      return retryUpdates(turn, wake.atMs);
    case "operation-retry":
      return retryOperations(turn, wake.atMs);
    case "executor-registration": {
      const executor = state.executors.get(wake.containerId);
      return executor && registrationTimedOut(turn, executor);
    }
    case "executor-reregistration": {
      const executor = state.executors.get(wake.containerId);
      return executor && reregistrationTimedOut(turn, executor);
    }
    case "executor-shutdown":
      return state.executors.has(wake.containerId) ? out.push({ type: "destroy", id: wake.containerId }) : undefined;
    case "executor-heartbeat":
      return heartbeatExecutor(turn, wake.stream);
    case "run":
      return runHasWoken(turn, wake.containerId, wake.wake);
    case "probe":
      return probeDue(turn, wake);
    case "probe-overdue":
      return probeOverdue(turn, wake.look);
    case "tell-probes":
      return tellProbes(turn, wake.atMs);
    case "farewell":
      return; // What is due then is looked at after every event.
    case "disk-watch":
      return out.push({ type: "measure-disk" });
    case "gc":
      return collect(turn);
    default:
      return unreachable(wake);
  }
}
