import { expect, test } from "vitest";
import { MASTER_BOUNDS } from "./bounds.ts";
import { masterSamples } from "./metrics.ts";
import { Stage } from "./stage.rig.ts";

function numberOf(stage: Stage, name: string): number | undefined {
  return masterSamples(stage.state, stage.nowMs).find((sample) => sample.name === name)?.value;
}

test("beyond the bound a new framework is refused for now, and one that is known is not", () => {
  const stage = new Stage({ maxFrameworks: 2 });
  const [first, second, third] = [stage.framework(), stage.framework(), stage.framework()];
  expect(third.log).toMatchObject({ state: "refused", refusal: { status: 503 } });
  expect(third.log.refusal?.text).toContain("--max-frameworks");
  expect([numberOf(stage, "meseta/frameworks"), numberOf(stage, "meseta/frameworks_refused")]).toEqual([2, 1]);
  first.leave();
  first.subscribe();
  expect(first.log.state).toBe("open");
  second.call({ type: "TEARDOWN" });
  third.subscribe();
  expect(third.log.state).toBe("open");
});

test("beyond the bound a new agent is refused for now, and one that is known is not", () => {
  const stage = new Stage({ maxAgents: 1 });
  const [first, second] = [stage.agent(), stage.agent()];
  expect(second.log).toMatchObject({ state: "refused", refusal: { status: 503 } });
  expect([numberOf(stage, "meseta/agents"), numberOf(stage, "meseta/agents_refused")]).toEqual([1, 1]);
  first.leave();
  first.subscribe();
  stage.restart();
  first.subscribe();
  expect(first.log.state).toBe("open");
  first.call({ type: "UNSUBSCRIBE" });
  second.subscribe();
  expect(second.log.state).toBe("open");
});

test("a framework that acknowledges no end of a task can launch no more than the bound", () => {
  const stage = new Stage({ maxTasksPerFramework: 2 });
  const agent = stage.agent("cpus:8;mem:1024");
  const framework = stage.framework();
  framework.launch(agent, "a", "b", "c");
  expect(framework.shownUpdates()).toEqual(["c TASK_ERROR REASON_TASK_INVALID"]);
  const ended = agent.update(framework, "a", "TASK_FINISHED");
  agent.update(framework, "b", "TASK_FINISHED");
  framework.takeUpdates();
  framework.launch(agent, "d");
  expect(framework.shownUpdates()).toEqual(["d TASK_ERROR REASON_TASK_INVALID"]);
  expect([numberOf(stage, "meseta/most_tasks_of_a_framework"), numberOf(stage, "meseta/tasks_refused")]).toEqual([
    2, 2,
  ]);
  framework.acknowledge(ended);
  framework.call({ type: "REVIVE" });
  framework.launch(agent, "e");
  expect(framework.held!.tasks.has("e")).toBe(true);
});

test("of tasks that end together only as many go into the history as one record takes, and they are the last", () => {
  const stage = new Stage();
  const agent = stage.agent("cpus:8;mem:1024");
  const framework = stage.framework();
  framework.launch(agent, "a", "b", "c");
  const { tasks } = framework.held!;
  const half = "x".repeat(MASTER_BOUNDS.historyBytes.most / 2 - 2_000);
  for (const entry of tasks.values()) entry.task = { ...entry.task, labels: { labels: [{ key: "k", value: half }] } };
  framework.call({ type: "TEARDOWN" });
  const { completedTasks } = stage.state.completedFrameworks.get(framework.id)!;
  expect(completedTasks.map(({ task }) => task.task_id.value)).toEqual(["b", "c"]);
});

test("beyond the bound the operator that reads longest is cut off", () => {
  const stage = new Stage({ maxSubscribers: 2 });
  const watch = () => stage.openStream((stream) => ({ type: "operator-subscribe", stream, principal: undefined }));
  const streams = [watch(), watch(), watch()];
  expect(streams.map(({ state }) => state)).toEqual(["closed", "open", "open"]);
  expect(numberOf(stage, "meseta/operator_streams_closed")).toBe(1);
});

test("agents that are gone are remembered for as long, and as many, as the operator says", () => {
  const stage = new Stage({ registryMaxAgents: 2, registryMaxAgeMs: 3_600_000 });
  for (let i = 0; i < 4; i++) {
    stage.operate({ type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: stage.agent().id } } });
    stage.pass(1_000);
  }
  expect(stage.state.goneAgents.size).toBe(4);
  stage.pass(900_000);
  expect(stage.state.goneAgents.size).toBe(2);
  stage.pass(3_600_000);
  expect(stage.state.goneAgents.size).toBe(0);
});
