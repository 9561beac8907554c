import type { Schedule } from "@meseta/api/mesos/generated/maintenance.ts";
import type { MachineID, MachineInfo, Unavailability } from "@meseta/api/mesos/generated/mesos.ts";
import { removeAgent, shutdownAgent } from "../agents.ts";
import { agentsOn, machineKey } from "../machines.ts";
import { rescindInverseOffersOfAgent, rescindOffersOfAgent } from "../offers.ts";
import type { Answer, MasterOut } from "../out.ts";
import { keys } from "../saved.ts";
import type { MasterState } from "../state.ts";
import { validateSchedule, validateStart, validateStop } from "../validate/maintenance.ts";
import { badRequest, done, tooMany } from "./answers.ts";

/**
 * UPDATE_MAINTENANCE_SCHEDULE: machines that come in drain, those that leave are up again, those that stay get their new window. Only
 * the schedule and the machines that are down are saved: the draining ones are those of the schedule.
 */
export function updateSchedule(state: MasterState, schedule: Schedule, out: MasterOut): Answer {
  const refusal = validateSchedule(schedule, downMachines(state));
  if (refusal !== undefined) return badRequest(refusal);
  setSchedule(state, schedule, out);
  const windows = windowsOf(schedule);
  for (const [key, machine] of [...state.machines])
    if (!windows.has(key)) {
      state.machines.delete(key);
      setUnavailability(state, machine.id, undefined, out);
    }
  for (const [key, { id, unavailability }] of windows) {
    const mode = state.machines.get(key)?.mode === "DOWN" ? "DOWN" : "DRAINING";
    const machine: MachineInfo = { id, mode, unavailability };
    state.machines.set(key, machine);
    if (mode === "DOWN") saveMachine(machine, out);
    setUnavailability(state, id, unavailability, out);
  }
  return done;
}

/** START_MAINTENANCE: the machines go down; agents on them are told to stop, and are removed with all their tasks. */
export function startMaintenance(
  state: MasterState,
  machines: readonly MachineID[],
  nowMs: number,
  out: MasterOut,
): Answer {
  const refusal = validateStart(machines, (id) => state.machines.get(machineKey(id))?.mode);
  if (refusal !== undefined) return badRequest(refusal);
  const excess = tooMany("machines", machines.length);
  if (excess !== undefined) return excess;
  for (const id of machines) {
    for (const agent of agentsOn(state, id)) {
      shutdownAgent(state, agent.id, DOWN_MESSAGE, out);
      removeAgent(state, agent.id, DOWN_MESSAGE, nowMs, out);
    }
    const machine: MachineInfo = { ...state.machines.get(machineKey(id))!, mode: "DOWN" };
    state.machines.set(machineKey(id), machine);
    saveMachine(machine, out);
  }
  state.version++;
  return done;
}

/** STOP_MAINTENANCE: the machines are up again, and leave the schedule. */
export function stopMaintenance(state: MasterState, machines: readonly MachineID[], out: MasterOut): Answer {
  const refusal = validateStop(machines, (id) => state.machines.get(machineKey(id))?.mode);
  if (refusal !== undefined) return badRequest(refusal);
  const excess = tooMany("machines", machines.length);
  if (excess !== undefined) return excess;
  const up = new Set(machines.map(machineKey));
  for (const id of machines) {
    state.machines.delete(machineKey(id));
    out.erase(savedKey(id));
    setUnavailability(state, id, undefined, out);
  }
  setSchedule(state, without(state.schedule ?? {}, up), out);
  return done;
}

/** After a start: the draining machines are those of the schedule that are not down. */
export function restoreMachines(state: MasterState, down: Iterable<MachineInfo>): void {
  for (const [key, { id, unavailability }] of windowsOf(state.schedule ?? {}))
    state.machines.set(key, { id, mode: "DRAINING", unavailability });
  for (const machine of down) state.machines.set(machineKey(machine.id), machine);
}

const DOWN_MESSAGE = "Operator initiated 'Machine DOWN'";

function downMachines({ machines }: MasterState): MachineID[] {
  return [...machines.values()].filter(({ mode }) => mode === "DOWN").map(({ id }) => id);
}

function windowsOf({ windows = [] }: Schedule): Map<string, { id: MachineID; unavailability: Unavailability }> {
  const entries = windows.flatMap(({ machine_ids = [], unavailability }) =>
    machine_ids.map((id) => [machineKey(id), { id, unavailability }] as const),
  );
  return new Map(entries);
}

function without({ windows = [] }: Schedule, up: ReadonlySet<string>): Schedule {
  const left = windows.map((window) => ({
    ...window,
    machine_ids: (window.machine_ids ?? []).filter((id) => !up.has(machineKey(id))),
  }));
  return { windows: left.filter(({ machine_ids }) => machine_ids.length > 0) };
}

function setSchedule(state: MasterState, schedule: Schedule, out: MasterOut): void {
  state.schedule = schedule;
  state.version++;
  out.save(keys.schedule(), schedule);
}

/** What is offered of the agents there says nothing of the new window yet, so it is taken back. */
function setUnavailability(
  state: MasterState,
  id: MachineID,
  unavailability: Unavailability | undefined,
  out: MasterOut,
): void {
  for (const agent of agentsOn(state, id)) {
    if (agent.connection === "recovered") continue;
    rescindOffersOfAgent(state, agent.id, out);
    rescindInverseOffersOfAgent(state, agent.id, out);
    state.allocator.updateUnavailability(agent.id, unavailability);
  }
}

function saveMachine(machine: MachineInfo, out: MasterOut): void {
  out.save(savedKey(machine.id), machine);
}

function savedKey({ hostname = "", ip = "" }: MachineID): string {
  return keys.machine(hostname.toLowerCase(), ip);
}
