import type { ExecutorInfo, Resource, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { allocate } from "@meseta/api/mesos/resources/allocation.ts";
import { parseResources } from "@meseta/api/mesos/resources/parse.ts";
import { expect, test } from "vitest";
import { validateTaskGroup } from "./group.ts";
import { type LaunchContext, validateTask } from "./task.ts";

const of = (text: string) => allocate(parseResources(text) as Resource[], "bad");
const offered = of("ports:[31000-32000];cpus:8;mem:8192;disk:10240");
const context: LaunchContext = {
  frameworkId: "f",
  agentId: "S0",
  agentTakesLimits: true,
  isTaskKnown: (id) => id === "dup-1",
  runningExecutor: () => undefined,
  sharesCgroups: () => undefined,
  available: offered,
};
const task = (more: Partial<TaskInfo> = {}): TaskInfo => ({
  name: "t",
  task_id: { value: "t" },
  agent_id: { value: "S0" },
  resources: of("cpus:0.1;mem:32"),
  command: { shell: true, value: "true" },
  ...more,
});
const custom: ExecutorInfo = {
  executor_id: { value: "e" },
  command: { value: "run" },
  resources: of("cpus:0.1;mem:32"),
};
const withExecutor = (executor: Partial<ExecutorInfo>) =>
  task({ command: undefined, executor: { ...custom, ...executor } });
const volume = (id: string): Resource => ({
  name: "disk",
  type: "SCALAR",
  scalar: { value: 1 },
  allocation_info: { role: "bad" },
  reservations: [{ type: "DYNAMIC", role: "bad" }],
  disk: { persistence: { id }, volume: { mode: "RW", container_path: "d" } },
});

test("an ordinary task is fine, and so is one that asks for no cpus", () => {
  expect(validateTask(task(), context)).toBeUndefined();
  expect(
    validateTask(
      task({
        resources: of("mem:32").concat({
          name: "cpus",
          type: "SCALAR",
          scalar: { value: 0 },
          allocation_info: { role: "bad" },
        }),
      }),
      context,
    ),
  ).toBeUndefined();
  expect(validateTask(task({ command: { shell: false } }), context)).toBeUndefined();
  expect(validateTask(withExecutor({}), context)).toBeUndefined();
});

test.each<[string, TaskInfo]>([
  ["ID must not be empty", task({ task_id: { value: "" } })],
  ["'..' is disallowed", task({ task_id: { value: ".." } })],
  ["'b/slash' contains invalid characters", task({ task_id: { value: "b/slash" } })],
  ["Task has duplicate ID: dup-1", task({ task_id: { value: "dup-1" } })],
  ["Task uses invalid agent no-such-agent while agent S0 is expected", task({ agent_id: { value: "no-such-agent" } })],
  [
    "Task's 'kill_policy.grace_period' must be non-negative",
    task({ kill_policy: { grace_period: { nanoseconds: -1 } } }),
  ],
  ["Task's `max_completion_time` must be non-negative", task({ max_completion_time: { nanoseconds: -1 } })],
  ["Task uses invalid check: Expecting 'command' to be set for COMMAND check", task({ check: { type: "COMMAND" } })],
  [
    "Task uses invalid health check: Expecting 'http' to be set for HTTP health check",
    task({ health_check: { type: "HTTP" } }),
  ],
  ["Task uses no resources", task({ resources: [] })],
  [
    "Resource 'cpus(allocated: bad):-1' is invalid: Invalid scalar resource: value <= 0",
    task({ resources: [{ ...of("cpus:1")[0]!, scalar: { value: -1 } }] }),
  ],
  [
    "Resource 'cpus(allocated: bad):[]' is invalid: Invalid ranges resource",
    task({ resources: [{ ...of("cpus:1")[0]!, type: "RANGES" }] }),
  ],
  [
    "Task uses resources that are not allocated to a role",
    task({ resources: [{ name: "cpus", type: "SCALAR", scalar: { value: 1 } }] }),
  ],
  [
    "Task uses resources that are allocated to several roles: bad, other",
    task({ resources: [...of("cpus:1"), ...allocate(of("mem:1"), "other")] }),
  ],
  ["Task uses the persistence ID 'v' more than once", task({ resources: [volume("v"), volume("v")] })],
  [
    "Task uses both revocable and non-revocable 'cpus'",
    task({ resources: [...of("cpus:1"), { ...of("cpus:1")[0]!, revocable: {} }] }),
  ],
  [
    "Task's `CommandInfo` is invalid: Environment variable 'A' of type 'VALUE' must have a value set",
    task({ command: { value: "true", environment: { variables: [{ name: "A", type: "VALUE" }] } } }),
  ],
  [
    "Task's `ContainerInfo` is invalid: DockerInfo 'docker' is not set for DOCKER typed ContainerInfo",
    task({ container: { type: "DOCKER" } }),
  ],
  ["Task has a limit of 'disk'; only 'cpus' and 'mem' can be limited", task({ limits: { disk: { value: 1 } } })],
  [
    "Task's limit of 'mem', 31, is below the 32 that it requests",
    task({ limits: { cpus: { value: Number.POSITIVE_INFINITY }, mem: { value: 31 } } }),
  ],
  ["Task's limit of 'cpus' must be more than 0", task({ limits: { cpus: { value: Number.NaN } } })],
  [
    "'share_cgroups' can only be false for tasks of a task group",
    task({ container: { type: "MESOS", linux_info: { share_cgroups: false } } }),
  ],
  ["Task should have at least one (but not both) of CommandInfo or ExecutorInfo present", task({ command: undefined })],
  ["Task should have at least one (but not both) of CommandInfo or ExecutorInfo present", task({ executor: custom })],
  ["'DEFAULT' executor can only be used by LAUNCH_GROUP", withExecutor({ type: "DEFAULT" })],
  ["Unknown executor type", withExecutor({ type: "UNKNOWN" })],
  ["'ExecutorInfo.command' must be set", withExecutor({ command: undefined })],
  ["ID must not be empty", withExecutor({ executor_id: { value: "" } })],
  [
    "ExecutorInfo has an invalid FrameworkID (Actual: other vs Expected: f)",
    withExecutor({ framework_id: { value: "other" } }),
  ],
  [
    "ExecutorInfo's 'shutdown_grace_period' must be non-negative",
    withExecutor({ shutdown_grace_period: { nanoseconds: -1 } }),
  ],
  [
    "Executor uses shared resources, which only tasks can",
    withExecutor({ resources: [{ ...volume("v"), shared: {} }] }),
  ],
  [
    "Executor's `CommandInfo` is invalid: Environment variable 'A' of type 'UNKNOWN' is not allowed",
    withExecutor({ command: { environment: { variables: [{ name: "A", type: "UNKNOWN" }] } } }),
  ],
  [
    "Executor's `ContainerInfo` is invalid: Parameter in DockerInfo must not be 'name'",
    withExecutor({ container: { type: "DOCKER", docker: { image: "i", parameters: [{ key: "name", value: "n" }] } } }),
  ],
  [
    "Total resources cpus(allocated: bad):0.1; mem(allocated: bad):32; unobtainium(allocated: bad):1 required by task and its executor is more than available ports(allocated: bad):[31000-32000]; cpus(allocated: bad):8; mem(allocated: bad):8192; disk(allocated: bad):10240",
    task({ resources: of("cpus:0.1;mem:32;unobtainium:1") }),
  ],
  [
    "Total resources cpus(allocated: other):0.1; mem(allocated: other):32 required by task and its executor is more than available ports(allocated: bad):[31000-32000]; cpus(allocated: bad):8; mem(allocated: bad):8192; disk(allocated: bad):10240",
    task({ resources: allocate(of("cpus:0.1;mem:32"), "other") }),
  ],
])("LAUNCH: %s", (message, bad) => {
  expect(validateTask(bad, context)).toEqual({ message });
});

test("an agent that does not know limits gets none", () => {
  expect(validateTask(task({ limits: { cpus: { value: 1 } } }), { ...context, agentTakesLimits: false })).toEqual({
    message: "Task has resource limits, but its agent lacks the capability TASK_RESOURCE_LIMITS",
  });
});

test("a running executor costs nothing again, and must be described as it was", () => {
  const busy: LaunchContext = {
    ...context,
    available: of("cpus:0.1;mem:32"),
    runningExecutor: () => ({ ...custom, type: "CUSTOM", framework_id: { value: "f" } }),
  };
  expect(validateTask(withExecutor({}), busy)).toBeUndefined();
  expect(validateTask(withExecutor({ name: "other" }), busy)).toEqual({
    message: "ExecutorInfo is not compatible with existing ExecutorInfo with the same ExecutorID 'e': they differ",
  });
  expect(validateTask(withExecutor({}), { ...busy, runningExecutor: () => undefined })).toHaveProperty(
    "message",
    expect.stringContaining("Total resources cpus(allocated: bad):0.2"),
  );
});

test("a shared volume in the offer serves several tasks", () => {
  const shared: Resource = { ...volume("v"), shared: {} };
  const both = [
    task({ task_id: { value: "a" }, resources: [...of("cpus:0.1;mem:32"), shared] }),
    task({ task_id: { value: "b" }, resources: [...of("cpus:0.1;mem:32"), shared] }),
  ];
  expect(validateTaskGroup(group, { tasks: both }, { ...context, available: [...offered, shared] })).toBeUndefined();
});

const group: ExecutorInfo = {
  type: "DEFAULT",
  executor_id: { value: "g" },
  framework_id: { value: "f" },
  resources: of("cpus:0.1;mem:32;disk:10"),
};
const isolated = { type: "MESOS" as const, linux_info: { share_cgroups: false } };

test("an ordinary group is fine, also when its tasks name its executor", () => {
  expect(
    validateTaskGroup(group, { tasks: [task(), task({ task_id: { value: "u" }, executor: group })] }, context),
  ).toBeUndefined();
  expect(
    validateTaskGroup(group, { tasks: [task({ container: isolated, limits: { mem: { value: 64 } } })] }, context),
  ).toBeUndefined();
});

test.each<[string, ExecutorInfo, TaskInfo[]]>([
  ["Task group cannot be empty", group, []],
  ["Task has duplicate ID: t", group, [task(), task()]],
  ["Task uses no resources", group, [task(), task({ task_id: { value: "u" }, resources: [] })]],
  [
    "The 'ExecutorInfo' of Task 't' is different from executor 'g' of the task group",
    group,
    [task({ executor: custom })],
  ],
  ["Task 't' of a task group must have a CommandInfo", group, [task({ command: undefined })]],
  [
    "Docker ContainerInfo is not supported on the task",
    group,
    [task({ container: { type: "DOCKER", docker: { image: "i" } } })],
  ],
  [
    "Task 't': HTTP health checks are not supported for a task of a group with a network of its own",
    group,
    [
      task({
        container: { type: "MESOS", network_infos: [{ name: "n" }] },
        health_check: { type: "HTTP", http: { port: 80 } },
      }),
    ],
  ],
  [
    "Task 't': resource limits can only be set for a task of a group whose 'share_cgroups' is false",
    group,
    [task({ limits: { mem: { value: 64 } } })],
  ],
  [
    "All tasks under executor 'g' must have the same value of 'share_cgroups'",
    group,
    [task(), task({ task_id: { value: "u" }, container: isolated })],
  ],
  [
    "Docker ContainerInfo is not supported on the executor",
    { ...group, container: { type: "DOCKER", docker: { image: "i" } } },
    [task()],
  ],
  ["Unknown executor type", { ...group, type: undefined }, [task()]],
  ["'ExecutorInfo.command' must not be set for 'DEFAULT' executor", { ...group, command: { value: "true" } }, [task()]],
  [
    "'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor",
    { ...group, container: { type: "MESOS", mesos: { image: { type: "DOCKER" } } } },
    [task()],
  ],
  [
    "ExecutorInfo has an invalid FrameworkID (Actual: other vs Expected: f)",
    { ...group, framework_id: { value: "other" } },
    [task()],
  ],
  ["Executor 'g' uses less CPUs (None) than the minimum required (0.01)", { ...group, resources: [] }, [task()]],
  [
    "Executor 'g' uses less CPUs (0.001) than the minimum required (0.01)",
    { ...group, resources: of("cpus:0.001;mem:32;disk:10") },
    [task()],
  ],
  [
    "Executor 'g' uses less memory (None) than the minimum required (32MB)",
    { ...group, resources: of("cpus:0.1") },
    [task()],
  ],
  [
    "Executor 'g' uses less memory (31.5MB) than the minimum required (32MB)",
    { ...group, resources: of("cpus:0.1;mem:31.5") },
    [task()],
  ],
  ["Executor 'g' uses no disk", { ...group, resources: of("cpus:0.1;mem:32") }, [task()]],
  [
    "Total resources cpus(allocated: bad):100000.2; mem(allocated: bad):96; disk(allocated: bad):10 required by task group and its executor are more than available ports(allocated: bad):[31000-32000]; cpus(allocated: bad):8; mem(allocated: bad):8192; disk(allocated: bad):10240",
    group,
    [task(), task({ task_id: { value: "u" }, resources: of("cpus:100000;mem:32") })],
  ],
])("LAUNCH_GROUP: %s", (message, executor, tasks) => {
  expect(validateTaskGroup(executor, { tasks }, context)).toEqual({ message });
});

test("a later group joins an executor only with the same kind of cgroups", () => {
  const context2 = { ...context, sharesCgroups: () => false };
  expect(validateTaskGroup(group, { tasks: [task()] }, context2)).toEqual({
    message: "All tasks under executor 'g' must have the same value of 'share_cgroups'",
  });
});
