import { expect, test } from "vitest";
import { capabilitiesNamed, Stage } from "./stage.rig.ts";

// One agent of each kind, as the table of the reference names them.
function cast(types: Parameters<typeof capabilitiesNamed>[0]) {
  const stage = new Stage();
  const [registered, unreachable, gone] = [stage.agent(), stage.agent(), stage.agent()];
  const framework = stage.framework({ capabilities: capabilitiesNamed(types) });
  framework.launch(registered, "known");
  unreachable.isSilent = true;
  stage.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: gone.id } } });
  stage.pass(90_000);
  framework.take();
  const ask = (task: string | undefined, agentId?: string) => {
    const tasks =
      task === undefined
        ? []
        : [{ task_id: { value: task }, agent_id: agentId === undefined ? undefined : { value: agentId } }];
    framework.call({ type: "RECONCILE", reconcile: { tasks } });
    return framework.takeUpdates();
  };
  return { stage, registered, unreachable, gone, framework, ask };
}

const states = (updates: { state: string; message?: string | undefined }[]) =>
  updates.map(({ state, message }) => `${state} ${message}`);

test("explicit reconciliation answers by the table, to a framework that knows partitions", () => {
  const { registered, unreachable, gone, framework, ask } = cast(["MULTI_ROLE", "PARTITION_AWARE"]);
  registered.update(framework, "known", "TASK_RUNNING", { healthy: true });
  framework.take();
  const [known] = ask("known");
  expect(known).toMatchObject({
    state: "TASK_RUNNING",
    source: "SOURCE_MASTER",
    reason: "REASON_RECONCILIATION",
    message: "Reconciliation: Latest task state",
    agent_id: { value: registered.id },
    healthy: true,
  });
  expect(known!.uuid).toBeUndefined();
  expect(states(ask("x", registered.id))).toEqual(["TASK_GONE Reconciliation: Task is unknown to the agent"]);
  const [away] = ask("x", unreachable.id);
  expect(states([away!])).toEqual(["TASK_UNREACHABLE Reconciliation: Task is unreachable"]);
  expect(away!.unreachable_time!.nanoseconds).toBeGreaterThan(0);
  expect(states(ask("x", gone.id))).toEqual(["TASK_GONE_BY_OPERATOR Reconciliation: Task is gone"]);
  expect(states(ask("x", "stranger"))).toEqual(["TASK_UNKNOWN Reconciliation: Task is unknown"]);
  expect(states(ask("x"))).toEqual(["TASK_UNKNOWN Reconciliation: Task is unknown"]);
});

test("to a framework that does not, all that is not known is lost", () => {
  const { registered, unreachable, gone, ask } = cast(["MULTI_ROLE"]);
  for (const agentId of [registered.id, unreachable.id, gone.id, "stranger", undefined])
    expect(ask("x", agentId).map(({ state }) => state)).toEqual(["TASK_LOST"]);
});

test("implicit reconciliation tells of all tasks that the master holds, in the state that was last forwarded", () => {
  const { registered, framework, ask } = cast(["MULTI_ROLE", "PARTITION_AWARE"]);
  expect(ask(undefined).map(({ state }) => state)).toEqual(["TASK_STAGING"]);
  registered.update(framework, "known", "TASK_RUNNING", {}, "TASK_FINISHED");
  framework.take();
  expect(ask(undefined).map(({ state }) => state)).toEqual(["TASK_RUNNING"]);
});

test("a framework that was away when its task ended, and comes back when the agent is given up, is answered that it is unreachable, and told the end when the agent is back", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  const tasks = [framework.held!.tasks.get("t")!.task];
  framework.leave();
  agent.update(framework, "t", "TASK_FINISHED");
  agent.isSilent = true;
  stage.pass(90_000);
  framework.subscribe();
  expect(framework.takeUpdates()).toEqual([]);
  framework.call({
    type: "RECONCILE",
    reconcile: { tasks: [{ task_id: { value: "t" }, agent_id: { value: agent.id } }] },
  });
  expect(states(framework.takeUpdates())).toEqual(["TASK_UNREACHABLE Reconciliation: Task is unreachable"]);
  agent.isSilent = false;
  agent.subscribe({ tasks, frameworks: [framework.held!.info] });
  framework.take();
  agent.update(framework, "t", "TASK_FINISHED");
  expect(framework.shownUpdates()).toEqual(["t TASK_FINISHED"]);
});

test("as long as the agent that could know has not come back after a restart of the master, there is no answer", () => {
  const { stage, registered, framework, ask } = cast(["MULTI_ROLE", "PARTITION_AWARE"]);
  stage.restart();
  framework.subscribe();
  expect(ask("x", registered.id)).toEqual([]);
  expect(ask("x")).toEqual([]);
  expect(ask(undefined)).toEqual([]);
  expect(states(ask("x", "stranger"))).toEqual(["TASK_UNKNOWN Reconciliation: Task is unknown"]);
  registered.subscribe();
  expect(states(ask("x"))).toEqual(["TASK_UNKNOWN Reconciliation: Task is unknown"]);
});

test("operations are reconciled by the same table", () => {
  const { stage, registered, unreachable, gone, framework } = cast(["MULTI_ROLE", "PARTITION_AWARE"]);
  const ask = (agentId?: string) => {
    const agent_id = agentId === undefined ? undefined : { value: agentId };
    const operations = [{ operation_id: { value: "op" }, agent_id }];
    framework.call({ type: "RECONCILE_OPERATIONS", reconcile_operations: { operations } });
    return framework.takeOperationUpdates();
  };
  expect(ask()).toEqual([
    {
      operation_id: { value: "op" },
      state: "OPERATION_UNKNOWN",
      message: "Reconciliation: Operation is unknown and no 'agent_id' was provided",
    },
  ]);
  const stateOf = (agentId: string) => ask(agentId).map(({ state }) => state);
  expect(stateOf(registered.id)).toEqual(["OPERATION_UNKNOWN"]);
  expect(stateOf(unreachable.id)).toEqual(["OPERATION_UNREACHABLE"]);
  expect(stateOf(gone.id)).toEqual(["OPERATION_GONE_BY_OPERATOR"]);
  stage.restart();
  framework.subscribe();
  expect(stateOf(registered.id)).toEqual(["OPERATION_RECOVERING"]);
});
