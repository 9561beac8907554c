import type { Result } from "@meseta/api/mesos/generated/probe.ts";
import { expect, test } from "vitest";
import { capabilitiesNamed, type LinkAgent, type Scheduler, Stage } from "./stage.rig.ts";

const CAPABLE = {
  capabilities: capabilitiesNamed(["MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE", "PROBES"]),
};

function cast(info = {}) {
  const stage = new Stage();
  const agent = stage.agent();
  const framework = stage.framework(info);
  framework.launch(agent, "t");
  framework.take();
  return { stage, agent, framework };
}

const seen = (task: string): Result => ({
  task_id: { value: task },
  probe_id: "a",
  succeeded: true,
  timestamp: 1,
});

function tell(agent: LinkAgent, framework: Scheduler, ...results: Result[]): void {
  agent.send({ type: "PROBED", probed: { framework_id: { value: framework.id }, results } });
}

test("what probes saw goes to the framework of the task, and nothing of it is saved", () => {
  const { stage, agent, framework } = cast(CAPABLE);
  const saved = stage.records.size;
  tell(agent, framework, seen("t"));
  expect(framework.take("PROBED")).toEqual([{ type: "PROBED", probed: { results: [seen("t")] } }]);
  expect(stage.records.size).toBe(saved);
});

test("a framework that did not ask for it hears nothing of it", () => {
  const { agent, framework } = cast();
  tell(agent, framework, seen("t"));
  expect(framework.take()).toEqual([]);
});

test("what comes while the framework is away is lost", () => {
  const { agent, framework } = cast(CAPABLE);
  framework.leave();
  tell(agent, framework, seen("t"));
  framework.subscribe();
  expect(framework.take("PROBED")).toEqual([]);
  tell(agent, framework, seen("t"));
  expect(framework.take("PROBED")).toHaveLength(1);
});

test("an agent can tell of its own tasks alone", () => {
  const { stage, agent, framework } = cast(CAPABLE);
  tell(stage.agent(), framework, seen("t"));
  tell(agent, framework, seen("another"));
  agent.send({ type: "PROBED", probed: { framework_id: { value: "nobody" }, results: [seen("t")] } });
  expect(framework.take("PROBED")).toEqual([]);
});
