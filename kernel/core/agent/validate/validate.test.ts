import type { Call } from "@meseta/api/mesos/generated/agent.ts";
import type * as executor from "@meseta/api/mesos/generated/executor.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { validateExecutorCall } from "./executor-call.ts";
import { validateAgentCall } from "./operator-call.ts";

const x = { value: "x" };
const inP = { value: "x", parent: { value: "p" } };

test.each<[string, Call]>([
  ["Expecting 'type' to be present", {}],
  ["Expecting 'get_metrics' to be present", { type: "GET_METRICS" }],
  ["Expecting 'set_logging_level' to be present", { type: "SET_LOGGING_LEVEL" }],
  ["Expecting 'list_files' to be present", { type: "LIST_FILES" }],
  ["Expecting 'launch_nested_container' to be present", { type: "LAUNCH_NESTED_CONTAINER" }],
  [
    "Expecting 'launch_nested_container.container_id.parent' to be present",
    { type: "LAUNCH_NESTED_CONTAINER", launch_nested_container: { container_id: x } },
  ],
  [
    "Expecting 'wait_nested_container.container_id.parent' to be present",
    { type: "WAIT_NESTED_CONTAINER", wait_nested_container: { container_id: x } },
  ],
  [
    "Expecting 'kill_nested_container.container_id.parent' to be present",
    { type: "KILL_NESTED_CONTAINER", kill_nested_container: { container_id: x } },
  ],
  [
    "Expecting 'remove_nested_container.container_id.parent' to be present",
    { type: "REMOVE_NESTED_CONTAINER", remove_nested_container: { container_id: x } },
  ],
  [
    "'launch_nested_container_session.container' is invalid: DockerInfo 'docker' is not set for DOCKER typed ContainerInfo",
    {
      type: "LAUNCH_NESTED_CONTAINER_SESSION",
      launch_nested_container_session: { container_id: inP, container: { type: "DOCKER" } },
    },
  ],
  [
    "'launch_nested_container.command' is invalid: Environment variable 'A' of type 'VALUE' must have a value set",
    {
      type: "LAUNCH_NESTED_CONTAINER",
      launch_nested_container: { container_id: inP, command: { environment: { variables: [{ name: "A" }] } } },
    },
  ],
  [
    "'launch_container.container_id' is invalid: 'ContainerID.value' 'x.y' contains invalid characters",
    { type: "LAUNCH_CONTAINER", launch_container: { container_id: { value: "x.y" } } },
  ],
  [
    "Resources may not be specified when using nested containers",
    {
      type: "LAUNCH_CONTAINER",
      launch_container: { container_id: inP, resources: [{ name: "cpus", type: "SCALAR", scalar: { value: 1 } }] },
    },
  ],
  [
    "'launch_container.resources' is invalid: Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0",
    {
      type: "LAUNCH_CONTAINER",
      launch_container: { container_id: x, resources: [{ name: "cpus", type: "SCALAR", scalar: { value: -1 } }] },
    },
  ],
  [
    "'launch_container.resources' is invalid: Resource 'cpus(allocated: a):1' must be neither reserved, allocated, persistent, revocable nor shared",
    {
      type: "LAUNCH_CONTAINER",
      launch_container: {
        container_id: x,
        resources: [{ name: "cpus", type: "SCALAR", scalar: { value: 1 }, allocation_info: { role: "a" } }],
      },
    },
  ],
  [
    "'wait_container.container_id' is invalid: 'ContainerID.value' is invalid: ID must not be empty",
    { type: "WAIT_CONTAINER", wait_container: { container_id: { value: "" } } },
  ],
  [
    "'kill_container.container_id' is invalid: 'ContainerID.value' is invalid: '..' is disallowed",
    { type: "KILL_CONTAINER", kill_container: { container_id: { value: ".." } } },
  ],
  [
    "'remove_container.container_id' is invalid: 'ContainerID.value' is invalid: 'a/b' contains invalid characters",
    { type: "REMOVE_CONTAINER", remove_container: { container_id: { value: "a/b" } } },
  ],
  [
    "'attach_container_output.container_id' is invalid: 'ContainerID.value' 'a b' contains invalid characters",
    { type: "ATTACH_CONTAINER_OUTPUT", attach_container_output: { container_id: { value: "a b" } } },
  ],
  [
    "Expecting 'attach_container_input.type' to be present",
    { type: "ATTACH_CONTAINER_INPUT", attach_container_input: {} },
  ],
  [
    "Expecting 'attach_container_input.type' of the first message to be 'CONTAINER_ID'",
    { type: "ATTACH_CONTAINER_INPUT", attach_container_input: { type: "PROCESS_IO" } },
  ],
  [
    "Expecting 'attach_container_input.container_id' to be present",
    { type: "ATTACH_CONTAINER_INPUT", attach_container_input: { type: "CONTAINER_ID" } },
  ],
  [
    "Expecting 'add_resource_provider_config.info.id' to be unset",
    { type: "ADD_RESOURCE_PROVIDER_CONFIG", add_resource_provider_config: { info: { type: "t", name: "n", id: x } } },
  ],
  [
    "Expecting 'update_resource_provider_config.info.id' to be unset",
    {
      type: "UPDATE_RESOURCE_PROVIDER_CONFIG",
      update_resource_provider_config: { info: { type: "t", name: "n", id: x } },
    },
  ],
  ["Expecting 'mark_resource_provider_gone' to be present", { type: "MARK_RESOURCE_PROVIDER_GONE" }],
])("agent: %s", (text, call) => {
  expect(validateAgentCall(call)).toEqual({ message: `Failed to validate agent::Call: ${text}` });
});

test("good calls to an agent pass, and so does an unknown type, which is answered elsewhere", () => {
  const calls: Call[] = [
    { type: "UNKNOWN" },
    { type: "GET_CONTAINERS" },
    { type: "PRUNE_IMAGES" },
    {
      type: "LAUNCH_CONTAINER",
      launch_container: { container_id: x, resources: [{ name: "cpus", type: "SCALAR", scalar: { value: 1 } }] },
    },
    { type: "LAUNCH_CONTAINER", launch_container: { container_id: inP } },
    { type: "KILL_NESTED_CONTAINER", kill_nested_container: { container_id: inP } },
    { type: "ATTACH_CONTAINER_INPUT", attach_container_input: { type: "CONTAINER_ID", container_id: x } },
  ];
  for (const call of calls) expect(validateAgentCall(call)).toBeUndefined();
});

const ids = { executor_id: { value: "e" }, framework_id: { value: "f" } };
const update = (more: Partial<TaskStatus>): executor.Call => ({
  ...ids,
  type: "UPDATE",
  update: {
    status: { task_id: x, state: "TASK_RUNNING", source: "SOURCE_EXECUTOR", uuid: "+apZVaBaS/qhCJOvxX/3wg==", ...more },
  },
});

test.each<[string, executor.Call]>([
  ["Expecting 'type' to be present", ids],
  ["Expecting 'update' to be present", { ...ids, type: "UPDATE" }],
  ["Expecting 'message' to be present", { ...ids, type: "MESSAGE" }],
  ["Expecting 'uuid' to be present", update({ uuid: undefined })],
  ["Not a valid UUID", update({ uuid: "aGk=" })],
  ["ExecutorID in Call: e does not match ExecutorID in TaskStatus: other", update({ executor_id: { value: "other" } })],
  [
    "Received Call from executor e of framework f with invalid source, expecting 'SOURCE_EXECUTOR'",
    update({ source: "SOURCE_MASTER" }),
  ],
  [
    "Received Call from executor e of framework f with the state TASK_STAGING, which an executor may not report",
    update({ state: "TASK_STAGING" }),
  ],
  ["Expecting 'tcp' to be set for TCP check's status", update({ check_status: { type: "TCP" } })],
])("executor: %s", (text, call) => {
  expect(validateExecutorCall(call)).toEqual({ message: `Failed to validate Executor::Call: ${text}` });
});

test("good calls of executors pass", () => {
  const calls: executor.Call[] = [
    update({ executor_id: { value: "e" } }),
    { ...ids, type: "HEARTBEAT" },
    { ...ids, type: "SUBSCRIBE", subscribe: {} },
    { ...ids, type: "MESSAGE", message: { data: "" } },
  ];
  for (const call of calls) expect(validateExecutorCall(call)).toBeUndefined();
});
