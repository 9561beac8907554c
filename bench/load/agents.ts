import { randomBytes, randomUUID } from "node:crypto";
import type { Call, CallSubscribe, Event, Message } from "@meseta/api/mesos/generated/link.ts";
import type { FrameworkID, Resource, TaskInfo, TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";

/** What agent number `i` says when it registers: 32 cpus, 256 GiB, of the shape that Kubernetes' scheduler_perf gives its nodes. */
export function registrationOf(i: number, resources = bag({ cpus: 32, mem: 262_144, disk: 1_000_000 })): CallSubscribe {
  return {
    agent_info: { hostname: `agent-${i}`, port: 5051 },
    version: "1.12.0",
    capabilities: [{ type: "MULTI_ROLE" }, { type: "HIERARCHICAL_ROLE" }, { type: "RESERVATION_REFINEMENT" }],
    total_resources: resources,
    resource_version: nextUuid(),
  };
}

export function bag(amounts: Readonly<Record<string, number>>): Resource[] {
  return Object.entries(amounts).map(([name, value]) => ({ name, type: "SCALAR", scalar: { value } }));
}

/** A link call of a subscribed agent. */
export function callOf(bootId: string, agentId: string, epoch: number, messages: Message[]): Call {
  return { link_version: 1, boot_id: bootId, agent_id: { value: agentId }, epoch, type: "MESSAGES", messages };
}

/** What an agent that starts and ends tasks in no time says to a RUN: that the task runs; and to a KILL: that it is killed. */
export function runningMessage({ run, kill }: Event, agentId: string): Message | undefined {
  if (kill !== undefined) return updateMessage(kill.framework_id, kill, agentId, "TASK_KILLED");
  if (run?.task === undefined) return undefined;
  return updateMessage(run.framework_info.id!, run.task, agentId, "TASK_RUNNING");
}

export function updateMessage(
  framework_id: FrameworkID,
  task: Pick<TaskInfo, "task_id">,
  agentId: string,
  state: TaskState,
): Message {
  const status: TaskStatus = {
    task_id: task.task_id,
    state,
    source: "SOURCE_EXECUTOR",
    agent_id: { value: agentId },
    executor_id: { value: task.task_id.value },
    timestamp: Date.now() / 1000,
    uuid: nextUuid(),
    container_status: {
      container_id: { value: randomUUID() },
      network_infos: [{ ip_addresses: [{ protocol: "IPv4", ip_address: "127.0.0.1" }] }],
    },
  };
  return { update: { framework_id, status, latest_state: state } };
}

const uuid = randomBytes(16);
let uuids = 0;

/** 16 bytes that nobody else has, in base64. */
function nextUuid(): string {
  uuid.writeUInt32LE(uuids++, 12);
  return uuid.toString("base64");
}
