import type { MachineID, MachineInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Agent, MasterState } from "./state.ts";

/** Where a machine stands in `state.machines`: host names are compared without regard to case. */
export function machineKey({ hostname, ip }: MachineID): string {
  return `${(hostname ?? "").toLowerCase()}/${ip ?? ""}`;
}

/** The machine that an agent of this host name and address runs on, when maintenance knows it. It may be named by either or both. */
export function machineAt(state: MasterState, hostname: string, ip: string): MachineInfo | undefined {
  const { machines } = state;
  if (machines.size === 0) return undefined;
  return (
    machines.get(machineKey({ hostname, ip })) ??
    machines.get(machineKey({ hostname })) ??
    machines.get(machineKey({ ip }))
  );
}

export function machineOf(state: MasterState, agent: Agent): MachineInfo | undefined {
  return machineAt(state, agent.info.hostname, agent.address);
}

/** The agents on a machine, those that are recovered too. */
export function agentsOn(state: MasterState, id: MachineID): Agent[] {
  const host = id.hostname?.toLowerCase();
  return [...state.agents.values()].filter(
    (agent) =>
      (host !== undefined || id.ip !== undefined) &&
      (host === undefined || agent.info.hostname.toLowerCase() === host) &&
      (id.ip === undefined || agent.address === id.ip),
  );
}
