import type { App, Autoscale } from "@meseta/api/marathon/app.ts";
import { expect, it } from "vitest";
import type { Instance } from "../core/instance/instance.ts";
import type { InitState } from "../core/state.ts";
import { numberIn, Sampler, type Usage } from "./sampler.ts";

const BOUNDS = { minInstances: 1, maxInstances: 9, coolDownSeconds: 60 };
const METRIC = { path: "/metrics", portIndex: 0, name: "load", target: 10 };

/** An app with these instances; the test answers for them. */
function stand(policy: Partial<Autoscale>, instances: readonly Partial<Instance>[]) {
  const app = { id: "/a", cpus: 0.5, mem: 100, autoscale: { ...BOUNDS, ...policy } } as App;
  const running = instances.map((one, i) => ({
    id: `a.instance-${i}`,
    goal: "Running",
    condition: "Running",
    incarnation: 1,
    host: { agent_id: { value: "S0" }, hostname: "10.0.0.1", places: {} },
    hostPorts: [31_000 + i],
    tasks: { [`a.instance-${i}._app.1`]: { condition: "Running" } },
    ...one,
  }));
  const services = new Map([["/a", { instances: new Map(running.map((one) => [one.id, one])) }]]);
  const state = { tree: { apps: new Map([["/a", app]]) }, services } as unknown as InitState;
  const told: unknown[] = [];
  const asked: string[] = [];
  const answers = new Map<string, string>();
  const usage = new Map<string, Usage>();
  const sampler = new Sampler({
    state: () => state,
    fetch: async (url) => {
      asked.push(url);
      const answer = answers.get(url);
      if (answer === undefined) throw new Error("nobody answers");
      return answer;
    },
    usage: async (agents) => {
      asked.push(...agents);
      return new Map(usage);
    },
    sampled: (id, values) => told.push([id, values]),
  });
  return { sampler, told, asked, answers, usage };
}

it("asks each running instance at its port, and leaves out who does not answer", async () => {
  const { sampler, told, asked, answers } = stand({ metric: METRIC }, [{}, {}, { condition: "Staging" }]);
  answers.set("http://10.0.0.1:31000/metrics", "# TYPE load gauge\nload 7.5\n");
  await sampler.round();
  expect(asked).toEqual(["http://10.0.0.1:31000/metrics", "http://10.0.0.1:31001/metrics"]);
  expect(told).toEqual([["/a", { "a.instance-0": 7.5 }]]);
});

it("tells the share of the cpus that was used since the round before", async () => {
  const { sampler, told, asked, usage } = stand({ cpu: 0.6 }, [{}]);
  usage.set("a.instance-0._app.1", { cpuSeconds: 100, atSeconds: 1000, memBytes: 0 });
  await sampler.round();
  usage.set("a.instance-0._app.1", { cpuSeconds: 102, atSeconds: 1010, memBytes: 0 });
  await sampler.round();
  expect(told).toEqual([
    ["/a", {}],
    ["/a", { "a.instance-0": 0.4 }],
  ]);
  expect(asked).toEqual(["S0", "S0"]);
});

it("tells the share of the memory that is used now", async () => {
  const { sampler, told, usage } = stand({ mem: 0.6 }, [{}]);
  usage.set("a.instance-0._app.1", { cpuSeconds: 0, atSeconds: 1, memBytes: 50 * 1024 * 1024 });
  await sampler.round();
  expect(told).toEqual([["/a", { "a.instance-0": 0.5 }]]);
});

it.each([
  ["load 3", 3],
  ['load{a="1"} 3 1700000000\nload{a="2"} 4', 7],
  ["load_total 3\nload 4", 4],
  ["load NaN", undefined],
  ["# load 3", undefined],
  ["", undefined],
])("the number in %j is %s", (text, number) => {
  expect(numberIn(text, "load")).toBe(number);
});
