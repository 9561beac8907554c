import type { ClusterStatus, Schedule, Window } from "@meseta/api/mesos/generated/maintenance.ts";
import type { MachineID } from "@meseta/api/mesos/generated/mesos.ts";
import type { Listing } from "../listing.ts";
import { iso, span } from "../since.ts";

/** One machine with what is planned for it and how frameworks have answered. */
export interface PlannedMachine {
  readonly machine: MachineID;
  readonly mode: "planned" | "down";
  readonly start_ms: number | undefined;
  readonly duration_ms: number | undefined;
  readonly accepted: number;
  readonly declined: number;
}

/** All machines of the schedule, and those that are down. */
export function plannedMachines(schedule: Schedule, status: ClusterStatus): PlannedMachine[] {
  const down = new Set((status.down_machines ?? []).map(machineText));
  return (schedule.windows ?? []).flatMap(({ machine_ids, unavailability }) =>
    (machine_ids ?? []).map((machine): PlannedMachine => {
      const answers =
        status.draining_machines?.find(({ id }) => machineText(id) === machineText(machine))?.statuses ?? [];
      return {
        machine,
        mode: down.has(machineText(machine)) ? "down" : "planned",
        start_ms: unavailability.start.nanoseconds / 1e6,
        duration_ms: unavailability.duration && unavailability.duration.nanoseconds / 1e6,
        accepted: answers.filter((answer) => answer.status === "ACCEPT").length,
        declined: answers.filter((answer) => answer.status === "DECLINE").length,
      };
    }),
  );
}

export function maintenanceListing(machines: readonly PlannedMachine[], nowMs: number): Listing<PlannedMachine> {
  return {
    items: machines,
    name: ({ machine }) => machineText(machine),
    none: "No maintenance is planned. Plan some: meseta maintenance schedule HOST/IP --in 1h --for 30m",
    columns: [
      { title: "MACHINE", text: ({ machine }) => machineText(machine) },
      {
        title: "STATE",
        text: ({ mode }) => (mode === "down" ? "○ down" : "◐ planned"),
        tone: ({ mode }) => (mode === "down" ? "dim" : "warn"),
      },
      { title: "BEGINS", text: (each) => beginText(each.start_ms, nowMs), key: (each) => each.start_ms ?? 0 },
      { title: "LASTS", text: (each) => (each.duration_ms === undefined ? "no end" : span(each.duration_ms)) },
      { title: "AGREED", right: true, text: (each) => `${each.accepted}`, key: (each) => each.accepted },
      { title: "DECLINED", right: true, text: (each) => `${each.declined}`, key: (each) => each.declined },
      { title: "AT", text: (each) => (each.start_ms === undefined ? "" : iso(Math.round(each.start_ms))), wide: true },
    ],
  };
}

function beginText(startMs: number | undefined, nowMs: number): string {
  if (startMs === undefined) return "-";
  return startMs > nowMs ? `in ${span(startMs - nowMs)}` : `${span(nowMs - startMs)} ago`;
}

/** "host/ip", "host" or "/ip". */
export function machineText({ hostname, ip }: MachineID): string {
  return `${(hostname ?? "").toLowerCase()}${ip ? `/${ip}` : ""}`;
}

/** The machine of "host/ip", "host" or an IP address. */
export function parseMachine(text: string): MachineID {
  const [hostname, ip] = text.split("/", 2);
  if (ip !== undefined) return { ...(hostname && { hostname }), ip };
  return /^[\d.]+$|:/.test(text) ? { ip: text } : { hostname: text };
}

/** The schedule without these machines; windows that become empty vanish. */
export function withoutMachines(schedule: Schedule, machines: readonly MachineID[]): Window[] {
  const gone = new Set(machines.map(machineText));
  return (schedule.windows ?? []).flatMap((window) => {
    const machine_ids = (window.machine_ids ?? []).filter((machine) => !gone.has(machineText(machine)));
    return machine_ids.length === 0 ? [] : [{ ...window, machine_ids }];
  });
}
