import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry, NewEntry, Outcome } from "../history.ts";
import { checkRegisters } from "./registers.ts";

let id = 0;
const write = (at: number, value: string, outcome: Outcome | "open" = "done", until = at + 1): Entry[] => {
  id++;
  const begun = { at, type: "write", id, key: "k", value } as const;
  return outcome === "open" ? [begun] : [begun, { at: until, type: "written", id, outcome }];
};
const read = (calledAt: number, at: number, value?: string): Entry[] => [
  { at, type: "read", calledAt, prefix: "k", from: "m", values: value === undefined ? {} : { k: value } },
];
const inOrder = (...entries: Entry[][]): Entry[] => entries.flat().sort((a, b) => a.at - b.at);
const problems = (...entries: Entry[][]) => checkRegisters(inOrder(...entries)).problems;

describe("a history of one key is right", () => {
  it("when each read gives what was acknowledged last", () => {
    expect(problems(read(1, 2), write(3, "a"), read(5, 6, "a"), write(7, "b"), read(9, 10, "b"))).toEqual([]);
  });

  it("when a read that overlaps a write gives either", () => {
    expect(problems(write(1, "a"), write(3, "b", "done", 9), read(4, 5, "a"), read(6, 7, "b"))).toEqual([]);
  });

  it("when a read was asked for long before it was answered, and others have seen more meanwhile", () => {
    expect(problems(write(1, "a"), read(3, 20, "a"), write(4, "b"), read(6, 7, "b"))).toEqual([]);
  });

  it("when what nobody answered was done, or was not, or was done late", () => {
    const unanswered = write(3, "b", "unknown", 6);
    expect(problems(write(1, "a"), unanswered, read(7, 8, "a"))).toEqual([]);
    expect(problems(write(1, "a"), unanswered, read(7, 8, "b"))).toEqual([]);
    expect(problems(write(1, "a"), unanswered, read(7, 8, "a"), read(9, 10, "b"))).toEqual([]);
  });

  it("when it is gone after it was deleted", () => {
    expect(problems(write(1, "a"), write(3, "absent"), read(5, 6))).toEqual([]);
  });
});

describe("a history of one key is wrong", () => {
  it("when an acknowledged value is lost", () => {
    expect(problems(write(1, "a"), read(3, 4))).toHaveLength(1);
    expect(problems(write(1, "a"), write(3, "b"), read(5, 6, "a"))).toHaveLength(1);
  });

  it("when a read goes back behind another one, though nobody acknowledged", () => {
    const open = write(3, "b", "open");
    expect(problems(write(1, "a"), open, read(4, 5, "b"), read(6, 7, "a"))).toHaveLength(1);
  });

  it("when what was refused is there", () => {
    expect(problems(write(1, "a"), write(3, "b", "refused"), read(5, 6, "b"))).toHaveLength(1);
  });

  it("when a value comes from nowhere, or before it was asked for", () => {
    expect(problems(read(1, 2, "a"))).toHaveLength(0);
    expect(problems(write(5, "a"), read(1, 2, "a"))).toHaveLength(1);
    expect(problems(write(1, "a"), read(3, 4, "z"))).toHaveLength(1);
  });

  it("when it is there again after it was deleted", () => {
    expect(problems(write(1, "a"), write(3, "absent"), read(5, 6, "a"))).toHaveLength(1);
  });
});

it("a store that forgets nothing is never blamed, whatever it answers and whenever", () => {
  const step = fc.record({ read: fc.boolean(), answered: fc.boolean(), took: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const entries: NewEntry[] & Entry[] = [];
      let [at, value, next, isOver] = [0, undefined as string | undefined, 0, false];
      for (const { read: reads, answered, took } of steps) {
        const calledAt = ++at;
        if (reads) entries.push(...read(calledAt, (at += took), value));
        else if (!isOver) {
          const written = `v${next++}`;
          isOver = !answered;
          value = written;
          entries.push(...write(calledAt, written, answered ? "done" : "unknown", (at += took)));
        }
      }
      expect(checkRegisters(inOrder(entries)).problems).toEqual([]);
    }),
  );
});
