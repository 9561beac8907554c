import { expect, it } from "vitest";
import { checkServices } from "./services.ts";

const process = (taskId: string, value = "2") => ({ taskId, value });
const service = { id: "/a", wanted: 2, told: 2, value: "2", processes: [process("1"), process("2")] };
const problems = (change: object) =>
  checkServices([{ at: 1, type: "services", services: [{ ...service, ...change }] }]).problems;

it("as many processes as are wanted, of the newest definition, are right", () => {
  expect(problems({})).toEqual([]);
});

it("one too many, one too few, one of an old definition, and one that init does not know are wrong", () => {
  expect(problems({ processes: [process("1"), process("2"), process("3")] })).toHaveLength(1);
  expect(problems({ processes: [process("1")] })).toHaveLength(1);
  expect(problems({ processes: [process("1"), process("2", "1")] })).toHaveLength(1);
  expect(problems({ told: 1 })).toHaveLength(1);
});
