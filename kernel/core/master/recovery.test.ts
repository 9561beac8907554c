import { expect, test } from "vitest";
import { Stage } from "./stage.rig.ts";

test("after a restart frameworks and agents are known as recovered; tasks come back with their agents, nothing is lost", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  framework.acknowledge(agent.update(framework, "t", "TASK_RUNNING"));
  const { info, tasks } = framework.held!;
  const report = { frameworks: [info], tasks: [tasks.get("t")!.task] };
  const { id } = stage.state;
  stage.restart();
  expect(stage.state.id).not.toBe(id);
  expect(framework.held).toMatchObject({ connection: "recovered", active: false, info });
  expect(stage.state.agents.get(agent.id)!.connection).toBe("recovered");
  expect(agent.pong().status).toBe(409);
  agent.subscribe(report);
  framework.subscribe();
  expect(framework.held!.tasks.get("t")!.task.state).toBe("TASK_RUNNING");
  expect(framework.takeUpdates()).toEqual([]);
  framework.call({ type: "RECONCILE", reconcile: {} });
  expect(framework.shownUpdates()).toEqual(["t TASK_RUNNING REASON_RECONCILIATION"]);
  expect(stage.state.allocator.metrics().resources["cpus"]!.total).toBe(4);
});

test("an agent that comes back to the next master as it was stored is not stored again; one that is another is", () => {
  const stage = new Stage();
  const [same, newer] = [stage.agent(), stage.agent()];
  stage.restart();
  stage.mostSaves = 0;
  same.subscribe();
  expect(stage.mostSaves).toBe(0);
  stage.restart();
  same.subscribe();
  newer.subscribe({ version: "1.1" });
  expect(stage.mostSaves).toBe(1);
  expect(JSON.parse(stage.records.get(`agent/${newer.id}`)!)).toMatchObject({ version: "1.1" });
  expect(JSON.parse(stage.records.get(`agent/${same.id}`)!)).toMatchObject({ version: "1.0" });
});

test("an agent that says of a framework what the master knows, in whatever order, is told nothing of it", () => {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  const { info, tasks } = framework.held!;
  const tasksHere = [tasks.get("t")!.task];
  const turned = Object.fromEntries(Object.entries(info).reverse()) as typeof info;
  agent.subscribe({ frameworks: [turned], tasks: tasksHere });
  expect(agent.take("UPDATE_FRAMEWORK")).toEqual([]);
  agent.subscribe({ frameworks: [{ ...turned, name: "old" }], tasks: tasksHere });
  expect(agent.take("UPDATE_FRAMEWORK")).toHaveLength(1);
});

test("a task that has ended under another master is not told as gone to who asks before its end was told again", () => {
  const [other, stage] = [new Stage(), new Stage()];
  const [elsewhere, agent] = [other.agent(), stage.agent()];
  const framework = other.framework();
  framework.launch(elsewhere, "t");
  elsewhere.update(framework, "t", "TASK_FINISHED");
  const { info, tasks } = framework.held!;
  const ended = { ...tasks.get("t")!.task, agent_id: { value: agent.id } };
  // What was said to this master first was said before the task began.
  const here = stage.framework({ id: info.id });
  agent.subscribe({ frameworks: [info], tasks: [ended] });
  here.call({ type: "RECONCILE", reconcile: { tasks: [{ task_id: { value: "t" }, agent_id: { value: agent.id } }] } });
  expect(here.shownUpdates()).toEqual(["t TASK_FINISHED REASON_RECONCILIATION"]);
  here.acknowledge(agent.update(here, "t", "TASK_FINISHED"));
  expect([here.held!.tasks.size, here.held!.completedTasks.length]).toEqual([0, 1]);
  agent.subscribe({ frameworks: [info], tasks: [ended] });
  expect([here.held!.tasks.size, here.held!.completedTasks.length]).toEqual([0, 1]);
});

test("an agent that stays away after a restart is unreachable after its time, and a late one is welcome", () => {
  const stage = new Stage();
  const agents = Array.from({ length: 70 }, () => stage.agent());
  stage.restart();
  agents[0]!.subscribe();
  stage.pass(599_999);
  expect(stage.state.unreachableAgents.size).toBe(0);
  stage.mostSaves = 0;
  stage.pass(1);
  expect(stage.state.unreachableAgents.size).toBe(69);
  expect(stage.mostSaves).toBeLessThanOrEqual(100);
  agents[1]!.subscribe();
  expect(stage.state.unreachableAgents.size).toBe(68);
});

test("when more agents stay away after a restart than may be given up, the master ends itself and none is unreachable", () => {
  const stage = new Stage({ recoveryRemovalLimit: 50 });
  const agents = [stage.agent(), stage.agent(), stage.agent(), stage.agent()];
  stage.restart();
  agents[0]!.subscribe();
  stage.pass(600_000);
  expect(stage.aborts).toEqual([expect.stringContaining("3 of 4 agents did not come back")]);
  expect(stage.state.unreachableAgents.size).toBe(0);
  stage.restart();
  for (const agent of agents.slice(0, 2)) agent.subscribe();
  stage.pass(600_000);
  expect(stage.aborts).toHaveLength(1);
  expect(stage.state.unreachableAgents.size).toBe(2);
});

test("a framework that does not come back after a restart is torn down, but has as long as agents have", () => {
  const stage = new Stage();
  const [brief, patient] = [stage.framework({ failover_timeout: 0 }), stage.framework({ failover_timeout: 3600 })];
  stage.restart();
  stage.pass(599_999);
  expect(brief.held).toBeDefined();
  stage.pass(1);
  expect(brief.held).toBeUndefined();
  stage.pass(2_999_999);
  expect(patient.held).toBeDefined();
  stage.pass(1);
  expect(patient.held).toBeUndefined();
});

test("frameworks that only an agent or only a scheduler remembers are taken in", () => {
  const [stage, empty] = [new Stage(), new Stage()];
  const agent = stage.agent();
  const framework = stage.framework();
  framework.launch(agent, "t");
  const { info, tasks } = framework.held!;
  const other = empty.agent("cpus:4;mem:1024;disk:1000", {
    frameworks: [info],
    tasks: [{ ...tasks.get("t")!.task, agent_id: { value: "anything" } }],
  });
  expect(empty.state.frameworks.get(framework.id)).toMatchObject({ connection: "recovered" });
  const again = empty.framework({ id: { value: framework.id } });
  expect(again.held!.tasks.get("t")!.task.agent_id.value).toBe(other.id);
  expect(empty.framework({ id: { value: "made-elsewhere" } }).log.state).toBe("open");
});

test("quota and weights, gone and unreachable agents, drains and deactivation are durable", () => {
  const stage = new Stage();
  const [drained, away] = [stage.agent(), stage.agent()];
  const infos = [{ weight: 2, role: "eng/ads" }];
  stage.operate({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos: infos } });
  const quota_configs = [{ role: "eng", guarantees: { cpus: { value: 1 } } }];
  expect(stage.operate({ type: "UPDATE_QUOTA", update_quota: { quota_configs } }).status).toBe(200);
  stage.operate({ type: "DRAIN_AGENT", drain_agent: { agent_id: { value: drained.id } } });
  away.isSilent = true;
  stage.pass(90_000);
  stage.restart();
  expect([...stage.state.weights]).toEqual([["eng/ads", 2]]);
  expect(stage.state.quotas.get("eng")!.guarantees).toEqual({ cpus: { value: 1 } });
  expect(stage.state.unreachableAgents.has(away.id)).toBe(true);
  drained.subscribe();
  expect(stage.state.agents.get(drained.id)).toMatchObject({
    deactivated: true,
    drain: { info: { state: "DRAINED" } },
  });
});

test("with a quota nothing is offered after a restart before most agents are back", () => {
  const stage = new Stage();
  const agents = Array.from({ length: 5 }, () => stage.agent());
  const framework = stage.framework();
  const quota_configs = [{ role: "ops", guarantees: { cpus: { value: 1 } } }];
  stage.operate({ type: "UPDATE_QUOTA", update_quota: { quota_configs } });
  stage.restart();
  framework.subscribe();
  for (const agent of agents.slice(0, 3)) agent.subscribe();
  expect(framework.takeOffers()).toEqual([]);
  agents[3]!.subscribe();
  expect(framework.takeOffers().length).toBeGreaterThan(0);
});

test("unreachable agents are forgotten after two weeks", () => {
  const stage = new Stage();
  const agent = stage.agent();
  agent.isSilent = true;
  stage.pass(90_000);
  stage.pass(14 * 24 * 3_600_000);
  stage.pass(15 * 60_000);
  expect(stage.state.unreachableAgents.size).toBe(0);
  expect([...stage.records.keys()].filter((key) => key.startsWith("unreachable/"))).toEqual([]);
});

test("the history of a framework that is forgotten is erased a little at a time, and what was left of it after a restart", () => {
  const stage = new Stage({ maxCompletedFrameworks: 1, maxCompletedTasksPerFramework: 500 });
  const agent = stage.agent();
  const framework = stage.framework();
  for (let i = 0; i < 300; i++) {
    framework.launch(agent, `t${i}`);
    framework.acknowledge(agent.update(framework, `t${i}`, "TASK_FINISHED"));
  }
  framework.call({ type: "TEARDOWN" });
  stage.framework().call({ type: "TEARDOWN" });
  stage.restart();
  stage.mostSaves = 0;
  stage.pass(1);
  expect([...stage.records.keys()].filter((key) => key.startsWith("completed-task/"))).toEqual([]);
  expect(stage.mostSaves).toBeLessThanOrEqual(100);
  framework.subscribe();
  expect(framework.take()[0]!.error!.message).toBe("Framework has been removed");
});
