import { expect, test } from "vitest";
import { Stage } from "../runs/stage.rig.ts";
import { readQuery } from "./read.ts";

/** What is said of a job that waits for an offer, behind how long it waits and what it needs. */
function told(stage: Stage, run: object): string[] {
  stage.metronome("big", { run });
  stage.ask({ kind: "start-run", job: "big", body: undefined });
  stage.run(10_000);
  const { pieces } = readQuery(stage.state, { kind: "explain", job: "big" }, stage.nowMs);
  return JSON.parse([...pieces].join("")).sentences.slice(2, -1);
}

const rack = (value: string) => ({ name: "rack", type: "TEXT" as const, text: { value } });

test("what each agent lacks is told by resource, and where it nearly fits", () => {
  const stage = new Stage();
  stage.cluster.addAgent("a1", "cpus:4;mem:3072;disk:100");
  stage.cluster.addAgent("a2", "cpus:1;mem:1024;disk:100");
  stage.cluster.addAgent("a3", "cpus:0.5;mem:8192;disk:100");
  stage.start().run(1000);
  expect(told(stage, { cpus: 2, mem: 4096 })).toEqual([
    "3 agents looked at: 2 have at most 3 GiB of memory free and 2 have at most 1 cpu free.",
    "It would fit on a1.example if 3 GiB of memory were enough for it.",
  ]);
});

test("who does not fulfil a constraint is told by constraint", () => {
  const stage = new Stage();
  stage.cluster.addAgent("a1", "cpus:4;mem:4096", [rack("r2")]);
  stage.cluster.addAgent("a2", "cpus:4;mem:4096");
  stage.start().run(1000);
  const placement = { constraints: [{ attribute: "rack", operator: "IS", value: "r1" }] };
  expect(told(stage, { placement })).toEqual(["2 agents looked at: 2 do not have rack IS r1."]);
});

test("agents that keep their GPUs for others are told", () => {
  const stage = new Stage();
  stage.cluster.addAgent("a1", "cpus:4;mem:4096;gpus:2");
  stage.start().run(1000);
  expect(told(stage, {})).toEqual(["1 agent looked at: 1 keeps its GPUs for who needs some."]);
});

test("nothing was offered at all", () => {
  const stage = new Stage();
  stage.start().run(1000);
  expect(told(stage, {})).toEqual([
    "No agent has offered anything since all were asked: they have nothing free for role *, or there are none.",
  ]);
});
