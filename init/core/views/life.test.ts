import type { App } from "@meseta/api/marathon/app.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Stage } from "../fleet/fleet.rig.ts";
import { anApp, aPod } from "../plan/specs.rig.ts";
import type { Query } from "../query.ts";
import type { Explanation } from "./explain.ts";
import { readQuery } from "./read.ts";
import type { Seen } from "./seen.ts";
import { afresh } from "./state.rig.ts";

// What is shown of an init that lives: the whole core on a cluster that is played.

const ROOM = "cpus:4;mem:4096;disk:4096;ports:[31000-31099]";
const POD = aPod("/pod");
const VIEWS: readonly Query[] = [
  { kind: "apps", filter: {}, embed: ["apps.tasks", "apps.lastTaskFailure", "apps.taskStats"] },
  { kind: "tasks", states: ["running"] },
  { kind: "pod-statuses" },
  { kind: "deployments" },
  { kind: "queue", embed: ["lastUnusedOffers"] },
];

function stageOf(...agents: string[]): Stage {
  const stage = new Stage();
  for (const id of agents) stage.cluster.addAgent(id, ROOM);
  return stage.start();
}

const textOf = (state: Seen, query: Query, nowMs: number) => [...readQuery(state, query, nowMs).pieces].join("");
const read = (stage: Stage, query: Query) => JSON.parse(textOf(stage.state, query, stage.nowMs));

function happen(stage: Stage, what: number, who: number): void {
  const { cluster } = stage;
  const task = cluster.live[who % Math.max(1, cluster.live.length)];
  const app: App = anApp("/app", { instances: who % 4, cmd: `x${who % 3}`, cpus: who === 7 ? 100 : 0.5 });
  if (what === 0) stage.want([app, POD], { force: true });
  if (what === 1) stage.want([app], { force: true });
  if (what === 2 && task !== undefined) cluster.update(task.id, "TASK_FAILED", { message: `exit ${who}` });
  if (what === 3) cluster.setReachable("a1", who % 2 === 0);
  if (what === 4) stage.reconnect();
  if (what === 5) stage.run(who * 10_000);
  stage.step(who);
}

test("in the life of a cluster kept texts are never old ones", () => {
  const step = fc.tuple(fc.nat(5), fc.nat(8), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const stage = stageOf("a1", "a2");
      for (const [what, who, isRead] of steps) {
        happen(stage, what, who);
        if (!isRead) continue;
        const fresh = afresh(stage.state);
        for (const query of VIEWS)
          expect(textOf(stage.state, query, stage.nowMs)).toBe(textOf(fresh, query, stage.nowMs));
      }
    }),
    { numRuns: 40 },
  );
});

test("a deployment is listed, with the app and by itself, from its answer until its end", () => {
  const stage = stageOf("a1");
  const id = stage.want([anApp("/app")]);
  const listed = () => [
    read(stage, { kind: "deployments" }).map((one: { id: string }) => one.id),
    read(stage, { kind: "app", id: "/app", embed: [] }).app.deployments,
  ];
  expect(listed()).toEqual([[id], [{ id }]]);
  stage.run(10_000);
  expect(listed()).toEqual([[], []]);
  expect(read(stage, { kind: "app", id: "/app", embed: [] })).toMatchObject({
    app: { tasksRunning: 1, tasks: [{ state: "TASK_RUNNING", host: "a1.example", slaveId: "a1" }] },
  });
  expect(read(stage, { kind: "explain", id: "/app" })).toMatchObject({ state: "running" });
});

test("who fits nowhere is told by how much", () => {
  const stage = stageOf("a1", "a2", "a3");
  stage.want([anApp("/app", { cpus: 6 })]);
  stage.run(10_000);
  const { state, sentences, reasons } = read(stage, { kind: "explain", id: "/app" }) as Explanation;
  expect([state, reasons.map(({ reason, agents }) => [reason, agents])]).toEqual([
    "refused",
    [["InsufficientCpus", 3]],
  ]);
  expect(sentences).toEqual([
    "0 of 1 instances run: 1 waits for a launch.",
    expect.stringMatching(/^Deployment .* which acts on it\.$/),
    "3 agents looked at: 3 have too little: it needs 6 cpus, the most that is free on one is 4 cpus.",
    "It fits if it asks for at most 4 cpus, or on one more agent with 6 cpus free.",
  ]);
  expect(read(stage, { kind: "queue", embed: [] }).queue).toMatchObject([{ app: { id: "/app" }, count: 1 }]);
});

test("a pod's failed launch stays in its history", () => {
  const stage = stageOf("a1");
  stage.want([POD]);
  stage.run(10_000);
  expect(read(stage, { kind: "pod-status", id: "/pod" })).toMatchObject({ status: "STABLE", terminationHistory: [] });
  const [task] = stage.cluster.live;
  stage.cluster.update(task!.id, "TASK_FAILED", { message: "Command exited with status 7" });
  stage.run(30_000);
  expect(read(stage, { kind: "pod-status", id: "/pod" })).toMatchObject({
    status: "STABLE",
    terminationHistory: [
      {
        message: "Command exited with status 7",
        containers: [{ containerId: task!.id, lastKnownState: "TASK_FAILED", termination: { exitCode: 7 } }],
      },
    ],
  });
});
