import { CallRefused, Unreachable } from "@meseta/sdk/core/errors.ts";
import { expect, test } from "vitest";
import { asFailure } from "./as-failure.ts";
import { Failure, problemLines } from "./core/failure.ts";

const told = (error: unknown): string => {
  const { problem, exit } = asFailure(error, ["node", "drain", "S0", "--yes"]);
  return `${exit} ${problem.code}: ${problem.message}; ${problem.why}`;
};

test("what the cluster answers becomes an exit code by its status", () => {
  const statuses = [400, 403, 404, 409, 500, 503].map((status) =>
    told(new CallRefused("http://m", "DRAIN_AGENT", status, "words")),
  );
  expect(statuses).toEqual([
    "1 call-refused: the cluster refuses to drain agent; words",
    "5 not-allowed: the cluster refuses to drain agent; words",
    "4 not-found: there is no object of that name; words",
    "6 conflict: cannot drain agent now; words",
    "1 call-failed: the cluster failed to drain agent; words",
    "8 no-leader: the cluster has no leading master at this moment; http://m: words",
  ]);
});

test("who leads is missing where it was asked for", () => {
  const words = "Could not determine the current leader";
  expect(told(new CallRefused("http://i", "show /v2/apps", 502, words))).toMatch(/no leading init at this moment/);
  expect(told(new CallRefused("http://c", "show /v1/jobs", 503, words))).toMatch(/no leading cron at this moment/);
});

test("where several addresses were given, the page of an error is at the first", () => {
  const failure = asFailure(new CallRefused("http://a,http://b", "GET_STATE", 503, "No leader elected"), []);
  expect(failure.from).toBe("http://a");
});

test("whoever names one master that stands still is told that of several all should be named", () => {
  const told = (url: string, message: string) => asFailure(new Unreachable("master", url, message), []).problem.why;
  const silence = "POST http://a/api/v1: no answer within 30000 ms";
  expect(told("http://a", silence)).toBe(
    `${silence}; of several masters all should be named, so that the others are asked after 3 s`,
  );
  expect(told("http://a,http://b", silence)).toBe(silence);
  expect(told("http://a", "connect ECONNREFUSED")).toBe("connect ECONNREFUSED");
});

test("no answer is 8, and anything unforeseen is called a defect", () => {
  expect(told(new Unreachable("agent", "http://n1:5051", "refused"))).toBe(
    "8 agent-unreachable: cannot reach the agent at http://n1:5051; refused",
  );
  expect(told(new Unreachable("master", "http://m:5050", "refused"))).toBe(
    "8 cluster-unreachable: cannot reach a master of the cluster; refused",
  );
  expect(told(new TypeError("x of undefined"))).toBe(
    "1 internal: a defect in meseta: x of undefined; it happened in `meseta node drain S0 --yes`",
  );
});

test("an error has four lines, and says where its page is", () => {
  const failure = new Failure(
    "port-taken",
    { port: 5050, why: "redis (pid 7) listens on it" },
    "http://127.0.0.1:5150",
  );
  expect(problemLines(failure.problem, failure.from, 60)).toEqual([
    "✗ port 5050 is taken                        code: port-taken",
    "  why   redis (pid 7) listens on it",
    "  docs  http://127.0.0.1:5150/docs/errors/port-taken",
  ]);
  expect(problemLines(new Failure("not-found", { kind: "task", name: "x", why: "" }).problem).slice(1)).toEqual([
    "  try   meseta task list",
    "  docs  meseta help not-found",
  ]);
});
