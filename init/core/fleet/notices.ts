import type { IpAddress } from "@meseta/api/marathon/task.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Deployment, News } from "../deployment.ts";
import { type Condition, conditionOf } from "../instance/condition.ts";
import type { Instance } from "../instance/instance.ts";
import type { Notice } from "../out.ts";
import { actionOnWire, stepsOnWire } from "../plan/wire.ts";
import type { Plan } from "../plan.ts";

/** status_update_event: a task's status, of the instance as it was before. */
export function statusUpdate(instance: Instance, status: TaskStatus): Notice {
  return {
    eventType: "status_update_event",
    slaveId: status.agent_id?.value ?? instance.host?.agent_id.value ?? "",
    taskId: status.task_id.value,
    taskStatus: stateOf(status),
    message: status.message ?? "",
    appId: instance.spec,
    host: instance.host?.hostname ?? "",
    ipAddresses: addressesOf(status),
    ports: (instance.hostPorts ?? []).filter((port) => port !== null),
    version: instance.version,
  };
}

/** instance_changed_event: the instance has come to another condition. */
export function instanceChanged(instance: Instance, condition: Condition): Notice {
  return {
    eventType: "instance_changed_event",
    instanceId: instance.id,
    condition,
    runSpecId: instance.spec,
    ...(instance.host && { agentId: instance.host.agent_id.value, host: instance.host.hostname }),
    runSpecVersion: instance.version,
  };
}

/** The notice of what a deployment came to. Its plan is told without definitions, as Marathon does since 1.5. */
export function deploymentNotice(news: News, deployment: Deployment, reason?: string): Notice {
  const { plan, step } = deployment;
  const light = lightOf(plan);
  if (news === "success" || news === "failed")
    return { eventType: `deployment_${news}`, id: plan.id, plan: light, ...(reason !== undefined && { reason }) };
  const actions = (plan.steps[step]?.actions ?? []).map((action) => actionOnWire(plan, action));
  const eventType = news === "info" ? "deployment_info" : "deployment_step_success";
  return { eventType, plan: light, currentStep: { actions } };
}

// One for all notices of a deployment: of a plan of thousands of steps each step tells two.
function lightOf(plan: Plan): object {
  let light = LIGHT.get(plan);
  if (light === undefined) LIGHT.set(plan, (light = { id: plan.id, version: plan.version, steps: stepsOnWire(plan) }));
  return light;
}

const LIGHT = new WeakMap<Plan, object>();

/** The addresses of a task's own networks. */
export function addressesOf({ container_status }: TaskStatus): IpAddress[] {
  const addresses = (container_status?.network_infos ?? []).flatMap(({ ip_addresses }) => ip_addresses ?? []);
  return addresses.flatMap(({ ip_address: ipAddress, protocol }) =>
    ipAddress === undefined ? [] : [{ ipAddress, protocol: protocol ?? "IPv4" }],
  );
}

// Clients know the states of masters that tell which loss it was.
function stateOf(status: TaskStatus): string {
  return status.state === "TASK_LOST" ? `TASK_${conditionOf(status).toUpperCase()}` : status.state;
}
