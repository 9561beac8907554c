import { expect, test } from "vitest";
import type { ExecutorInfo, OfferOperation, Resource, TaskInfo } from "../../api/mesos/generated/mesos.ts";
import { Stage, task } from "../../kernel/core/master/stage.rig.ts";

// What Mesos 1.12 was recorded saying to launches whose requests were not kept: made anew, they must get the same words.

const scalar = (name: string, value: number): Resource => ({
  ...{ name, type: "SCALAR", scalar: { value } },
  allocation_info: { role: "bad" },
});
const USUAL = [scalar("cpus", 0.1), scalar("mem", 32)];
const AVAILABLE =
  "ports(allocated: bad):[31000-32000]; cpus(allocated: bad):8; mem(allocated: bad):8192; disk(allocated: bad):10240";

type Operations = (agentId: string) => OfferOperation[];

const CASES: [operations: Operations, reason: string, message: string][] = [
  [
    launch("b-over", { resources: [scalar("cpus", 100_000), scalar("mem", 32)] }),
    "REASON_TASK_INVALID",
    `Total resources cpus(allocated: bad):100000; mem(allocated: bad):32 required by task and its executor is more than available ${AVAILABLE}`,
  ],
  [launch("b-nores", { resources: [] }), "REASON_TASK_INVALID", "Task uses no resources"],
  [launch("b/slash"), "REASON_TASK_INVALID", "'b/slash' contains invalid characters"],
  [
    launch("b-exnc", { command: undefined, executor: { executor_id: { value: "e" }, resources: USUAL } }),
    "REASON_TASK_INVALID",
    "'ExecutorInfo.command' must be set",
  ],
  [
    launch("b-kp", { kill_policy: { grace_period: { nanoseconds: -1 } } }),
    "REASON_TASK_INVALID",
    "Task's 'kill_policy.grace_period' must be non-negative",
  ],
  [group({ type: "UNKNOWN" }, ["g1-a"]), "REASON_TASK_GROUP_INVALID", "Unknown executor type"],
  [
    group({ executor_id: { value: "g8" }, resources: USUAL }, ["g8-a"]),
    "REASON_TASK_GROUP_INVALID",
    "Executor 'g8' uses no disk",
  ],
  [
    group({}, ["g6-a", "g6-b"], [scalar("cpus", 50_000.05), scalar("mem", 32)]),
    "REASON_TASK_GROUP_INVALID",
    `Total resources cpus(allocated: bad):100000.2; mem(allocated: bad):96; disk(allocated: bad):10 required by task group and its executor are more than available ${AVAILABLE}`,
  ],
];

test.each(CASES.map(([operations, reason, message]) => [message, operations, reason] as const))(
  "%s",
  (message, operations, reason) => {
    const stage = new Stage();
    const agent = stage.agent("cpus:8;mem:8192;disk:10240;ports:[31000-32000]");
    const framework = stage.framework({ roles: ["bad"] });
    framework.accept(framework.takeOffers(), operations(agent.id));
    const updates = framework.takeUpdates();
    expect(updates.length).toBeGreaterThan(0);
    for (const update of updates)
      expect(update).toMatchObject({ state: "TASK_ERROR", source: "SOURCE_MASTER", reason, message });
    expect(agent.take("RUN")).toEqual([]);
    expect(framework.takeOffers()).toHaveLength(1);
  },
);

function launch(id: string, changes: Partial<TaskInfo> = {}): Operations {
  return (agentId) => [
    { type: "LAUNCH", launch: { task_infos: [{ ...task(id, agentId), resources: USUAL, ...changes } as TaskInfo] } },
  ];
}

function group(changes: Partial<ExecutorInfo>, ids: readonly string[], resources = USUAL): Operations {
  const executor: ExecutorInfo = {
    ...{ type: "DEFAULT", executor_id: { value: "g" }, resources: [...USUAL, scalar("disk", 10)] },
    ...changes,
  };
  return (agentId) => {
    const tasks = ids.map((id) => ({ ...task(id, agentId), resources }));
    return [{ type: "LAUNCH_GROUP", launch_group: { executor, task_group: { tasks } } }];
  };
}
