import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isReady, succeeded } from "./follow.ts";
import { Graph } from "./graph.ts";

function graphOf(jobs: Readonly<Record<string, readonly string[]>>): Graph {
  const graph = new Graph();
  for (const [id, parents] of Object.entries(jobs)) graph.set(id, parents);
  return graph;
}

test("so many jobs may follow one, and no more", () => {
  const graph = new Graph();
  graph.set("a", []);
  for (let i = 0; i < 200; i++) graph.set(`b${i}`, ["a"]);
  expect(graph.problemOf("c", ["a"])).toContain('As many jobs as can follow "a" already');
  expect(graph.problemOf("b7", ["a"])).toBeUndefined();
});

test("a job may follow so many, and no more", () => {
  const graph = new Graph();
  const parents = Array.from({ length: 201 }, (_, i) => `p${i}`);
  for (const parent of parents) graph.set(parent, []);
  expect(graph.problemOf("c", parents.slice(1))).toBeUndefined();
  expect(graph.problemOf("c", parents)).toBe("A job can follow 200 others, and not 201.");
});

test("a job is not taken out when too many would follow one of its parents, or one follow too many, instead", () => {
  const graph = graphOf({ a: [], b: ["a"], c: ["a"] });
  for (let i = 0; i < 200; i++) graph.set(`d${i}`, ["b", ...(i % 2 ? ["a"] : [])]);
  expect(graph.problemOfRemoval("b")).toMatch(/^More than 200 jobs would follow "a" instead of "b"\./);
  graph.delete("c");
  expect([graph.problemOfRemoval("a"), graph.problemOfRemoval("b")]).toEqual([undefined, undefined]);
  const many = Array.from({ length: 200 }, (_, i) => `p${i}`);
  graph.set("e", many);
  graph.set("f", ["e", "b"]);
  expect(graph.problemOfRemoval("e")).toBe('"f" would follow more than 200 jobs. Change it first.');
});

describe("the graph of jobs", () => {
  const diamond = () => graphOf({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] });

  test("knows who follows whom", () => {
    expect(diamond().children("a")).toEqual(["b", "c"]);
    expect(diamond().parents("d")).toEqual(["b", "c"]);
  });

  test("refuses a circle, and names all of it", () => {
    expect(diamond().problemOf("a", ["d"])).toMatch(/circle: a after d after [bc] after a\. Leave one/);
    expect(diamond().problemOf("a", ["a"])).toMatch(/circle: a after a\./);
    expect(diamond().problemOf("d", ["b"])).toBeUndefined();
  });

  test("refuses a parent that is not there", () => {
    expect(diamond().problemOf("e", ["a", "x", "y"])).toBe('There is no job "x", "y" to follow. Make it first.');
  });

  test("lets a job have other parents, and forgets the old ones", () => {
    const graph = diamond();
    graph.set("d", ["a"]);
    expect([graph.children("b"), graph.children("a")]).toEqual([[], ["b", "c", "d"]]);
    expect(graph.problemOf("b", ["d"])).toBeUndefined();
  });

  test("gives the children of a job that goes its own parents, or none, and then its schedule is theirs", () => {
    expect(diamond().heirsOf("b")).toEqual(new Map([["d", ["c", "a"]]]));
    expect(diamond().heirsOf("a")).toEqual(
      new Map([
        ["b", []],
        ["c", []],
      ]),
    );
    const graph = diamond();
    graph.delete("d");
    expect(graph.children("b")).toEqual([]);
    expect(graph.has("d")).toBe(false);
  });

  test("is shown as csv and as dot", () => {
    const look = (id: string) => ({
      outcome: id === "a" ? "success" : "fresh",
      state: id === "a" ? "2 running" : "idle",
    });
    expect([...graphOf({ a: [], b: ["a"] }).csv(look)].join("")).toBe(
      "node,a,success,2 running\nnode,b,fresh,idle\nlink,a,b\n",
    );
    expect([...graphOf({ a: [], b: ["a"] }).dot(look)].join("")).toBe(
      'digraph {\n  "a" [color="green"]\n  "b" [color="black"]\n  "a" -> "b"\n}\n',
    );
  });

  test("of a chain of 20,000 jobs is asked without running out of stack", () => {
    const graph = new Graph();
    graph.set("0", []);
    for (let i = 1; i < 20_000; i++) graph.set(`${i}`, [`${i - 1}`]);
    expect(graph.problemOf("0", ["19999"])).toMatch(/circle: 0 after 19999 after .* after … after 0\./);
  });

  test("never holds a circle, whatever is asked of it", () => {
    const ids = fc.constantFrom("a", "b", "c", "d", "e", "constructor");
    fc.assert(
      fc.property(fc.array(fc.tuple(ids, fc.uniqueArray(ids, { maxLength: 3 }))), (wishes) => {
        const graph = graphOf({ a: [], b: [], c: [], d: [], e: [], constructor: [] });
        for (const [id, parents] of wishes) {
          const isCircle = parents.some((parent) => ancestors(graph, parent).has(id));
          expect(graph.problemOf(id, parents) !== undefined).toBe(isCircle);
          if (!isCircle) graph.set(id, parents);
        }
      }),
    );
  });
});

/** The job and all above it, by the definition. */
function ancestors(graph: Graph, id: string): Set<string> {
  const found = new Set([id]);
  for (const one of found) for (const parent of graph.parents(one)) found.add(parent);
  return found;
}

describe("a dependent job of Chronos' is due", () => {
  const play = (parents: string[], successes: string[]) => {
    let round = {};
    return successes.map((parent) => {
      const now = succeeded(round, parents, parent);
      round = now.isDue ? {} : now.round;
      return now.isDue;
    });
  };

  test("after each success of its only parent", () => {
    expect(play(["a"], ["a", "a"])).toEqual([true, true]);
  });

  test("once a round of all its parents, in any order", () => {
    expect(play(["a", "b", "c"], ["b", "a", "c", "c", "b", "a"])).toEqual([false, false, true, false, false, true]);
  });

  test("no more often when one parent runs ahead", () => {
    expect(play(["a", "constructor"], ["a", "a", "a", "constructor"])).toEqual([false, false, false, true]);
  });
});

describe("a dependent job of Metronome's is ready", () => {
  const stats = { successCount: 0, errorCount: 0, errorsSinceLastSuccess: 0 };

  test("when the latest run of every parent succeeded after its own last success", () => {
    expect(isReady(stats, [{ ...stats, lastSuccessMs: 5 }])).toBe(true);
    expect(isReady({ ...stats, lastSuccessMs: 5 }, [{ ...stats, lastSuccessMs: 5 }])).toBe(false);
    expect(isReady(stats, [{ ...stats, lastSuccessMs: 5 }, stats])).toBe(false);
    expect(isReady(stats, [{ ...stats, lastSuccessMs: 5, lastErrorMs: 6 }])).toBe(false);
  });
});
