import type { Call } from "@meseta/api/mesos/generated/master.ts";
import { scalar } from "../workloads/tasks.ts";
import type { Deeds, Settings } from "./chapter.ts";
import type { Stage } from "./stage.ts";

/** What operators ask the master for. */
export function operatorDeeds(stage: Stage): Deeds {
  const agent_id = (name: string) => ({ value: stage.agentId(name) });
  const ask = (call: Call) => void stage.cluster.master.operate(call);
  const told = (what: string, call: Call) => askAndTell(stage, what, call);
  return {
    // `quota ROLE guarantee=CPUS limit=CPUS`, `reserve AGENT role=R cpus=N`
    quota: (settings, role) => told(`quota ${role}`, quotaCall(role, settings)),
    reserve: (settings, name) =>
      told(`reserve ${name}`, { type: "RESERVE_RESOURCES", reserve_resources: reserved(agent_id(name), settings) }),
    unreserve: (settings, name) =>
      told(`unreserve ${name}`, {
        type: "UNRESERVE_RESOURCES",
        unreserve_resources: reserved(agent_id(name), settings),
      }),
    drain: (settings, name) =>
      ask({
        type: "DRAIN_AGENT",
        drain_agent: { agent_id: agent_id(name), mark_gone: settings.get("gone") === "yes" },
      }),
    gone: (_, name) => ask({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: agent_id(name) } }),
    deactivate: (_, name) => ask({ type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id: agent_id(name) } }),
    reactivate: (_, name) => ask({ type: "REACTIVATE_AGENT", reactivate_agent: { agent_id: agent_id(name) } }),
    "machine-down": (_, hostname) => maintenance(hostname).forEach(ask),
    "machine-up": (_, hostname) => ask({ type: "STOP_MAINTENANCE", stop_maintenance: { machines: [{ hostname }] } }),
  };
}

/** Several may believe to lead: the story is about who does. */
function askAndTell({ cluster: { master }, say }: Stage, what: string, call: Call): void {
  void (master.leader ?? master)
    .operate(call)
    .then((answer) => say(`${what}: ${answer?.status} ${answer?.text ?? ""}`.trimEnd()));
}

function quotaCall(role: string, settings: Settings): Call {
  const cpus = (name: string) => (settings.has(name) ? { cpus: { value: Number(settings.get(name)) } } : undefined);
  const config = { role, guarantees: cpus("guarantee"), limits: cpus("limit") };
  return { type: "UPDATE_QUOTA", update_quota: { quota_configs: [config] } };
}

function reserved(agent_id: { value: string }, settings: Settings) {
  const reservations = [{ type: "DYNAMIC" as const, role: settings.get("role")! }];
  return { agent_id, resources: [{ ...scalar("cpus", Number(settings.get("cpus"))), reservations }] };
}

/** The calls that take a machine down. */
function maintenance(hostname: string): Call[] {
  const machines = [{ hostname }];
  const windows = [{ machine_ids: machines, unavailability: { start: { nanoseconds: 0 } } }];
  return [
    { type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: { schedule: { windows } } },
    { type: "START_MAINTENANCE", start_maintenance: { machines } },
  ];
}
