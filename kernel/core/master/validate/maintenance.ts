import type { Schedule, Window } from "@meseta/api/mesos/generated/maintenance.ts";
import type { MachineID, MachineInfoMode } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { isNonNegative } from "../../validate/duration.ts";
import { machineKey } from "../machines.ts";

/** What is wrong with a schedule, as the text of the 400 that answers it. `down`: the machines that are down now, which must stay in it. */
export function validateSchedule({ windows = [] }: Schedule, down: Iterable<MachineID>): Refusal | undefined {
  const seen = new Set<string>();
  return (
    firstRefusal(windows, (window) => validateWindow(window, seen)) ??
    firstRefusal(down, (machine) =>
      seen.has(machineKey(machine))
        ? undefined
        : refuse(`Machine '${printMachine(machine)}' is deactivated and cannot be removed from the schedule`),
    )
  );
}

/** What is wrong with a START_MAINTENANCE, as the text of the 400: its machines are to be taken down, and so must be draining. */
export function validateStart(
  machines: readonly MachineID[],
  modeOf: (machine: MachineID) => MachineInfoMode | undefined,
): Refusal | undefined {
  return (
    validateMachines(machines) ??
    firstRefusal(machines, (machine) => validateMode(machine, modeOf(machine), "DRAINING", "down"))
  );
}

/** What is wrong with a STOP_MAINTENANCE, as the text of the 400: its machines are to be brought up, and so must be down. */
export function validateStop(
  machines: readonly MachineID[],
  modeOf: (machine: MachineID) => MachineInfoMode | undefined,
): Refusal | undefined {
  return (
    validateMachines(machines) ??
    firstRefusal(machines, (machine) => validateMode(machine, modeOf(machine), "DOWN", "up"))
  );
}

function validateWindow({ machine_ids = [], unavailability }: Window, seen: Set<string>): Refusal | undefined {
  if (machine_ids.length === 0) return refuse("List of machines in the maintenance window is empty");
  if (!isNonNegative(unavailability.duration)) return refuse("Unavailability 'duration' is negative");
  return firstRefusal(machine_ids, (machine) => validateOnce(machine, seen));
}

function validateMachines(machines: readonly MachineID[]): Refusal | undefined {
  if (machines.length === 0) return refuse("List of machines is empty");
  const seen = new Set<string>();
  return firstRefusal(machines, (machine) => validateOnce(machine, seen));
}

function validateOnce(machine: MachineID, seen: Set<string>): Refusal | undefined {
  const refusal = validateMachine(machine);
  if (refusal !== undefined) return refusal;
  const key = machineKey(machine);
  if (seen.has(key)) return refuse(`Machine '${printMachine(machine)}' appears more than once`);
  seen.add(key);
  return undefined;
}

function validateMachine({ hostname = "", ip = "" }: MachineID): Refusal | undefined {
  if (hostname === "" && ip === "") return refuse("Both 'hostname' and 'ip' for a machine are empty");
  return ip === "" || isAddress(ip) ? undefined : refuse(`'${ip}' is not an IP address`);
}

function validateMode(
  machine: MachineID,
  mode: MachineInfoMode | undefined,
  wanted: MachineInfoMode,
  way: "up" | "down",
): Refusal | undefined {
  const which = `Machine '${printMachine(machine)}'`;
  if (mode === undefined || mode === "UP") return refuse(`${which} is not part of a maintenance schedule`);
  return mode === wanted ? undefined : refuse(`${which} is not in ${wanted} mode and cannot be brought ${way}`);
}

function printMachine({ hostname, ip }: MachineID): string {
  return JSON.stringify({ hostname, ip });
}

// Exact enough to catch a slip of the pen; whether an agent is at the address shows when one registers from it.
function isAddress(ip: string): boolean {
  if (ip.includes(":")) return /^[0-9a-f:.%]+$/i.test(ip);
  const parts = ip.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
