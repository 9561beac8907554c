import { expect, test } from "vitest";
import type { Call as AgentCall } from "../../api/mesos/generated/agent.ts";
import type { Call as ExecutorCall } from "../../api/mesos/generated/executor.ts";
import type { Call as LinkCall, Event as LinkEvent } from "../../api/mesos/generated/link.ts";
import type { Call as MasterCall } from "../../api/mesos/generated/master.ts";
import type { Resource, TaskInfo } from "../../api/mesos/generated/mesos.ts";
import type { Call as SchedulerCall } from "../../api/mesos/generated/scheduler.ts";
import { commandTask, FRAMEWORK, Rig } from "../../kernel/core/agent/agent.rig.ts";
import { validateExecutorCall } from "../../kernel/core/agent/validate/executor-call.ts";
import { validateAgentCall } from "../../kernel/core/agent/validate/operator-call.ts";
import { Stage, task } from "../../kernel/core/master/stage.rig.ts";
import { validateMasterCall } from "../../kernel/core/master/validate/operator-call.ts";
import { validateSchedulerCall } from "../../kernel/core/master/validate/scheduler-call.ts";
import { callsOf, type Known } from "./calls.ts";
import { seenOfAgent, seenOfMaster } from "./readers.ts";

// Whatever a decoder may give to the cores, of every call that the wire table has: nothing is thrown, and what is refused
// has changed nothing. The same cases in every run.

const SEEDS = [1, 2, 3];
const PER_KIND = 25;

const SCENES: Record<string, () => Scene> = {
  "an empty cluster": () => sceneOf(new Stage()),
  "a busy cluster": busy,
  "a master that was restarted": () => {
    const scene = busy();
    scene.stage.restart();
    return sceneOf(scene.stage);
  },
};

for (const [name, make] of Object.entries(SCENES)) {
  test(`${name} takes any scheduler's call`, () => {
    forCalls("mesos.v1.scheduler.Call", make, (scene, call: SchedulerCall) => {
      if (validateSchedulerCall(call) !== undefined) return;
      const { stage } = scene;
      const principal = undefined;
      if (call.type === "SUBSCRIBE")
        stage.openStream((stream) => ({ type: "scheduler-subscribe", stream, principal, call }));
      else
        refusedChangesNothing(scene, () => {
          const streamId = scene.streamOf(call.framework_id?.value);
          return stage.request((request) => ({ type: "scheduler-call", request, streamId, principal, call }));
        });
    });
  });

  test(`${name} takes any operator's call`, () => {
    forCalls("mesos.v1.master.Call", make, (scene, call: MasterCall) => {
      if (validateMasterCall(call) !== undefined || /^(GET|LIST|READ|SUBSCRIBE|SET_LOGGING)/.test(call.type!)) return;
      refusedChangesNothing(scene, () => scene.stage.operate(call));
    });
  });

  test(`${name} takes any agent's call`, () => {
    forCalls("meseta.link.Call", make, ({ stage }, call: LinkCall) => {
      const address = "10.0.0.9";
      const principal = undefined;
      if (call.type !== "SUBSCRIBE") stage.request((request) => ({ type: "agent-call", request, principal, call }));
      else if (call.subscribe !== undefined)
        stage.openStream((stream) => ({ type: "agent-subscribe", stream, principal, address, call }));
    });
  });
}

const AGENTS: Record<string, () => Rig> = {
  "an agent without a master": () => new Rig(),
  "an agent that runs tasks": () => new Rig().register().run(commandTask("t")).run(customTask()),
  "an agent that was restarted": () => new Rig().register().run(commandTask("t")).run(customTask()).crash(),
};

for (const [name, make] of Object.entries(AGENTS)) {
  test(`${name} takes any executor's call`, () => {
    forCalls("mesos.v1.executor.Call", make, (rig, call: ExecutorCall) => {
      if (validateExecutorCall(call) !== undefined) return;
      if (call.type === "SUBSCRIBE") rig.apply({ type: "executor-subscribe", stream: nextId(), call });
      else rig.apply({ type: "executor-call", request: nextId(), call });
    });
  });

  test(`${name} takes any operator's call`, () => {
    forCalls("mesos.v1.agent.Call", make, (rig, call: AgentCall) => {
      if (validateAgentCall(call) !== undefined || /^(GET|LIST|READ|SET_LOGGING)/.test(call.type!)) return;
      const before = agentPicture(rig);
      const request = nextId();
      rig.apply({ type: "operator-call", request, call });
      const answer = rig.of("answer").find((effect) => effect.request === request)?.answer;
      if ((answer?.status ?? 200) >= 400) expect(agentPicture(rig), JSON.stringify(call)).toBe(before);
    });
  });

  test(`${name} takes any event of its master`, () => {
    forCalls("meseta.link.Event", make, (rig, event: LinkEvent) => {
      const part = event.type?.toLowerCase() as keyof LinkEvent;
      if (event[part] !== undefined || event.type === "PING") rig.link(event);
    });
  });
}

type Scene = ReturnType<typeof sceneOf>;

/** Makes all calls of the type on scenes of their own, one for each seed; what was applied can always be read. */
function forCalls<T extends Parameters<typeof callsOf>[0], S extends Scene | Rig>(
  type: T,
  make: () => S,
  apply: (scene: S, call: never) => void,
): void {
  for (const seed of SEEDS) {
    let scene = make();
    for (const [i, [kind, call]] of callsOf(type, PER_KIND, seed, knownTo(scene)).entries()) {
      try {
        apply(scene, call as never);
        if (i % 10 === 0) scene instanceof Rig ? agentPicture(scene) : picture(scene.stage);
      } catch (error) {
        const text = `seed ${seed}, case ${i}, ${kind}: ${(error as Error).message}\n${JSON.stringify(call)}`;
        throw new Error(text, { cause: error });
      }
      if (i % 50 === 49) scene = make();
    }
  }
}

function refusedChangesNothing({ stage }: Scene, call: () => { status: number; text?: string | undefined }): void {
  const before = picture(stage);
  const answer = call();
  if (answer.status < 400) return;
  expect(answer.text, "what is wrong").toMatch(/./);
  expect(picture(stage)).toBe(before);
}

/** All that lasts, and what readers see. */
function picture({ state, records }: Stage): string {
  return JSON.stringify([[...records].sort(), seenOfMaster(state)]);
}

function agentPicture({ agent, store }: Rig): string {
  return JSON.stringify([[...store].sort(), seenOfAgent(agent.state)]);
}

function sceneOf(stage: Stage) {
  const streamOf = (frameworkId: string | undefined) => stage.state.frameworks.get(frameworkId ?? "")?.streamId;
  return { stage, streamOf };
}

/** Two frameworks, two agents, tasks, a group, reservations, quota, weights, a drain, offers on the table. */
function busy(): Scene {
  const stage = new Stage();
  const first = stage.agent("cpus:8;mem:1024;disk:100;ports:[1-100]");
  const second = stage.agent("cpus:8;mem:1024;disk:100;ports:[1-100]");
  const framework = stage.framework({ roles: ["eng", "ops"] });
  stage.framework({ roles: ["eng"], name: "other" });
  framework.launch(first, "a", "b");
  first.update(framework, "a", "TASK_RUNNING");
  stage.operate({ type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role: "eng", weight: 2 }] } });
  stage.operate({ type: "DRAIN_AGENT", drain_agent: { agent_id: { value: second.id } } });
  return sceneOf(stage);
}

function customTask() {
  const command = { value: "own" };
  return commandTask("c", { command: undefined, executor: { executor_id: { value: "own" }, command, resources: [] } });
}

let lastId = 1_000_000;
function nextId(): number {
  return lastId++;
}

function knownTo(scene: Scene | Rig): Known {
  if (scene instanceof Rig)
    return {
      ...COMMON,
      "mesos.v1.FrameworkID": [FRAMEWORK.id],
      "mesos.v1.AgentID": [{ value: "m-S0" }],
      "mesos.v1.TaskID": [{ value: "t" }, { value: "c" }, { value: "new" }],
      "mesos.v1.ExecutorID": [{ value: "own" }, { value: "t" }],
      "mesos.v1.ContainerID": [...scene.agent.state.executors.keys()].flatMap((value) => [
        { value },
        { value: "child", parent: { value } },
      ]),
      "mesos.v1.FrameworkInfo": [FRAMEWORK],
    };
  const { state } = scene.stage;
  const ids = (keys: Iterable<string>) => [...keys].map((value) => ({ value }));
  return {
    ...COMMON,
    "mesos.v1.FrameworkID": ids(state.frameworks.keys()),
    "mesos.v1.AgentID": ids(state.agents.keys()),
    "mesos.v1.OfferID": ids(state.offers.keys()),
    "mesos.v1.TaskID": ids(["a", "b", "new"]),
    "mesos.v1.ExecutorID": ids(["e", "new"]),
    "mesos.v1.TaskInfo": [...state.agents.keys()].flatMap(tasksFor),
  };
}

/** Some that can run, one that is there already, over-commitment, impossible quantities, names that lead elsewhere. */
function tasksFor(agentId: string): TaskInfo[] {
  const using = (id: string, cpus: number, mem: number): TaskInfo => ({
    ...task(id, agentId),
    resources: [
      scalar("cpus", cpus, { allocation_info: { role: "eng" } }),
      scalar("mem", mem, { allocation_info: { role: "eng" } }),
    ],
  });
  return [
    ...[
      using("new", 0.1, 32),
      using("more", 1, 1),
      using("a", 0.1, 32),
      using("big", 1e15, 32),
      using("huge", 0.1, 1e308),
    ],
    ...[using("less", -1, 32), using("none", -0, 32), using("endless", Number.POSITIVE_INFINITY, 1)],
    ...[using("../../x", 0.1, 32), using("", 0.1, 32), using("x".repeat(300), 0.1, 32)],
  ];
}

const scalar = (name: string, value: number, more: object = {}): Resource => ({
  name,
  type: "SCALAR",
  scalar: { value },
  ...more,
});

const COMMON: Known = {
  role: ["eng", "ops", "eng/ads", "*"],
  roles: ["eng", "ops"],
  link_version: [1],
  uuid: ["AAAAAAAAAAAAAAAAAAAAAA==", "AA=="],
  "mesos.v1.Resource": [
    scalar("cpus", 0.1),
    scalar("mem", 32),
    scalar("cpus", 0.1, { allocation_info: { role: "eng" } }),
    scalar("mem", 32, { allocation_info: { role: "eng" } }),
    scalar("cpus", Number.POSITIVE_INFINITY),
    scalar("mem", -0),
    scalar("disk", 1e308),
    scalar("cpus", 1, { reservations: [{ type: "DYNAMIC", role: "eng", principal: "p" }] }),
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 10 }] } },
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 10, end: Number.MAX_SAFE_INTEGER }] } },
  ],
};
