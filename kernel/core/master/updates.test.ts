import { expect, test } from "vitest";
import { capabilitiesNamed, Stage } from "./stage.rig.ts";

function cast(config = {}) {
  const stage = new Stage(config);
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  framework.take();
  agent.take();
  return { stage, agent, framework, task: () => framework.held?.tasks.get("t")?.task };
}

test("an update goes to the framework and into the task, its data only to the framework; nothing of it is saved", () => {
  const { stage, agent, framework, task } = cast();
  const saved = stage.records.size;
  const status = agent.update(framework, "t", "TASK_RUNNING", { data: "aGk=" });
  expect(framework.takeUpdates()).toEqual([status]);
  const { data: _, ...kept } = status;
  expect(task()).toMatchObject({ state: "TASK_RUNNING", status_update_state: "TASK_RUNNING", statuses: [kept] });
  expect(stage.records.size).toBe(saved);
});

test("an acknowledgement is passed on to the agent; that of the last update makes the task history", () => {
  const { stage, agent, framework, task } = cast();
  const running = agent.update(framework, "t", "TASK_RUNNING");
  framework.acknowledge(running);
  const finished = agent.update(framework, "t", "TASK_FINISHED");
  expect(task()!.state).toBe("TASK_FINISHED");
  framework.acknowledge(finished);
  expect(agent.take("ACKNOWLEDGE").map(({ acknowledge }) => acknowledge)).toEqual(
    [running, finished].map(({ uuid, task_id }) => ({ framework_id: { value: framework.id }, task_id, uuid })),
  );
  expect(task()).toBeUndefined();
  expect(framework.held!.completedTasks.map((entry) => entry.task.state)).toEqual(["TASK_FINISHED"]);
  expect(stage.records.has(`completed-task/${framework.id}/000000000000`)).toBe(true);
});

test("resources are free as soon as the agent knows that the task is over, but the task stays until that is acknowledged", () => {
  const { agent, framework, task } = cast();
  const running = agent.update(framework, "t", "TASK_RUNNING", {}, "TASK_FAILED");
  expect(task()!.state).toBe("TASK_FAILED");
  expect(framework.shownOffers().at(-1)).toBe(`${agent.id}: cpus:1; mem:64`);
  framework.acknowledge(running);
  expect(task()).toBeDefined();
  framework.acknowledge(agent.update(framework, "t", "TASK_FAILED"));
  expect(task()).toBeUndefined();
});

test("an update that comes again is forwarded again, and changes nothing", () => {
  const { stage, agent, framework, task } = cast();
  stage.watch();
  const uuid = "AAAAAAAAAAAAAAAAAAAAAA==";
  agent.update(framework, "t", "TASK_RUNNING", { uuid });
  const before = task();
  agent.update(framework, "t", "TASK_RUNNING", { uuid });
  expect(framework.takeUpdates()).toHaveLength(2);
  expect(task()).toBe(before);
  expect(stage.published).toHaveLength(1);
});

test("of statuses in a row with one state the last is kept, and no more than a hundred in all", () => {
  const { agent, framework, task } = cast();
  for (let i = 0; i < 3; i++) agent.update(framework, "t", "TASK_RUNNING", { message: String(i) });
  expect(task()!.statuses!.map(({ message }) => message)).toEqual(["2"]);
  for (let i = 0; i < 200; i++) agent.update(framework, "t", i % 2 ? "TASK_RUNNING" : "TASK_STARTING");
  expect(task()!.statuses).toHaveLength(100);
});

test("a health check's update is published though the state is the same", () => {
  const { stage, agent, framework } = cast();
  stage.watch();
  agent.update(framework, "t", "TASK_RUNNING");
  agent.update(framework, "t", "TASK_RUNNING", { message: "no news" });
  const reason = "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED" as const;
  agent.update(framework, "t", "TASK_RUNNING", { healthy: true, reason });
  expect(stage.published.map(({ task_updated }) => task_updated!.status.healthy)).toEqual([undefined, true]);
});

test("a state that is final stays", () => {
  const { agent, framework, task } = cast();
  agent.update(framework, "t", "TASK_FINISHED");
  agent.update(framework, "t", "TASK_RUNNING");
  expect(task()!.state).toBe("TASK_FINISHED");
});

test("an acknowledgement is dropped when the update was never sent, or the agent is away", () => {
  const { stage, agent, framework } = cast();
  const invented = { task_id: { value: "t" }, agent_id: { value: agent.id }, uuid: "AA==" };
  expect(framework.call({ type: "ACKNOWLEDGE", acknowledge: invented }).status).toBe(202);
  const status = agent.update(framework, "t", "TASK_FINISHED");
  agent.take();
  agent.leave();
  framework.acknowledge(status);
  expect(agent.take()).toEqual([]);
  expect(framework.held!.tasks.size).toBe(1);
  expect(stage.state.counters.get("master/invalid_status_update_acknowledgements")).toBe(2);
});

test("what no task is known for is passed on, both ways, so that the agent gets rid of it", () => {
  const { agent, framework } = cast();
  const status = agent.update(framework, "stranger", "TASK_LOST");
  expect(framework.takeUpdates()).toEqual([status]);
  framework.acknowledge(status);
  expect(agent.take("ACKNOWLEDGE")).toHaveLength(1);
});

test("updates of a framework that was removed are acknowledged by the master", () => {
  const { agent, framework } = cast();
  framework.call({ type: "TEARDOWN" });
  agent.take();
  const { uuid } = agent.update(framework, "t", "TASK_KILLED");
  expect(agent.take("ACKNOWLEDGE")[0]!.acknowledge!.uuid).toBe(uuid);
});

test("KILL goes to the agent each time, and again when the agent comes back", () => {
  const { agent, framework } = cast();
  const kill = { task_id: { value: "t" }, kill_policy: { grace_period: { nanoseconds: 1e9 } } };
  framework.call({ type: "KILL", kill });
  framework.call({ type: "KILL", kill });
  expect(agent.take("KILL").map(({ kill: sent }) => sent)).toEqual([
    { framework_id: { value: framework.id }, ...kill },
    { framework_id: { value: framework.id }, ...kill },
  ]);
  const tasks = [framework.held!.tasks.get("t")!.task];
  agent.leave();
  agent.subscribe({ tasks });
  expect(agent.take("KILL")).toHaveLength(1);
});

test("KILL with a wrong agent is dropped; of a task that is unknown it is a reconciliation", () => {
  const { agent, framework } = cast();
  const killed = (task_id: string, agentId?: string) => {
    framework.call({
      type: "KILL",
      kill: { task_id: { value: task_id }, agent_id: agentId === undefined ? undefined : { value: agentId } },
    });
    return [...framework.shownUpdates(), ...agent.take("KILL").map(({ type }) => type)];
  };
  expect(killed("t", "elsewhere")).toEqual([]);
  expect(killed("nothing", agent.id)).toEqual(["nothing TASK_GONE REASON_RECONCILIATION"]);
  expect(killed("nothing")).toEqual(["nothing TASK_UNKNOWN REASON_RECONCILIATION"]);
});

test("messages and executor shutdowns are passed on, and dropped when the agent is unknown", () => {
  const { agent, framework } = cast();
  const executor_id = { value: "e" };
  const ids = { framework_id: { value: framework.id }, executor_id };
  framework.call({ type: "MESSAGE", message: { agent_id: { value: agent.id }, executor_id, data: "aGk=" } });
  framework.call({ type: "MESSAGE", message: { agent_id: { value: "x" }, executor_id, data: "aGk=" } });
  framework.call({ type: "SHUTDOWN", shutdown: { agent_id: { value: agent.id }, executor_id } });
  framework.call({ type: "SHUTDOWN", shutdown: { agent_id: { value: "x" }, executor_id } });
  expect(agent.take()).toEqual([
    { type: "FRAMEWORK_MESSAGE", framework_message: { ...ids, data: "aGk=" } },
    { type: "SHUTDOWN_EXECUTOR", shutdown_executor: ids },
  ]);
  agent.send({ type: "FRAMEWORK_MESSAGE", framework_message: { ...ids, data: "aG8=" } });
  expect(framework.take("MESSAGE")).toEqual([
    { type: "MESSAGE", message: { agent_id: { value: agent.id }, executor_id, data: "aG8=" } },
  ]);
});

test("a framework without PARTITION_AWARE is told TASK_LOST in place of the states that came with it", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework({ capabilities: capabilitiesNamed(["MULTI_ROLE"]) });
  framework.accept(
    [],
    [
      {
        type: "LAUNCH",
        launch: { task_infos: [{ name: "t", task_id: { value: "t" }, agent_id: { value: agent.id } }] },
      },
    ],
  );
  expect(framework.shownUpdates()).toEqual(["t TASK_LOST REASON_INVALID_OFFERS"]);
});

test("what an agent says of a task that it never had is said in the words of the framework", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework({ capabilities: capabilitiesNamed(["MULTI_ROLE"]) });
  agent.update(framework, "t", "TASK_DROPPED");
  expect(framework.shownUpdates()).toEqual(["t TASK_LOST"]);
});

test("a terminal update without a uuid is the end of its task, because nobody will acknowledge it", () => {
  const { agent, framework, task } = cast();
  agent.update(framework, "t", "TASK_LOST", { uuid: undefined });
  expect(task()).toBeUndefined();
  expect(framework.held!.completedTasks).toHaveLength(1);
});

test("of completed tasks the newest are kept, in memory and in the store", () => {
  const { stage, agent, framework } = cast({ maxCompletedTasksPerFramework: 2 });
  framework.acknowledge(agent.update(framework, "t", "TASK_FINISHED"));
  for (const id of ["a", "b", "c"]) {
    framework.launch(agent, id);
    framework.acknowledge(agent.update(framework, id, "TASK_FINISHED"));
  }
  const names = () => framework.held!.completedTasks.map(({ task }) => task.name);
  expect(names()).toEqual(["b", "c"]);
  expect([...stage.records.keys()].filter((key) => key.startsWith("completed-task/"))).toHaveLength(2);
  stage.restart();
  expect(names()).toEqual(["b", "c"]);
});
