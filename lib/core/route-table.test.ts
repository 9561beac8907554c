import { expect, it } from "vitest";
import { allowOf, RouteTable, withoutPrefix } from "./route-table.ts";

const table = new RouteTable(
  [
    { method: "GET", path: "/jobs/{id}" },
    { method: "DELETE", path: "/jobs/{id}" },
    { method: "PUT", path: "/jobs/{id}/tasks/{task}" },
    { method: "GET", path: "/jobs/*" },
    { method: "GET", path: "/jobs/last" },
  ],
  { task: "(.+)" },
);

it("the first route that fits counts, and says what stood in its braces", () => {
  expect(table.find("GET", "/jobs/last")).toEqual({ route: { method: "GET", path: "/jobs/{id}" }, at: { id: "last" } });
  expect(table.find("PUT", "/jobs/a/tasks/b/c")).toMatchObject({ at: { id: "a", task: "b/c" } });
});

it("HEAD is GET; another method is answered with those that the path has", () => {
  expect(table.find("HEAD", "/jobs/a")).toMatchObject({ route: { method: "GET" } });
  expect(table.find("POST", "/jobs/a")).toEqual({ methods: ["GET", "DELETE"] });
  expect(table.find("GET", "/nowhere")).toEqual({ methods: [] });
  expect(allowOf(["GET", "DELETE"])).toBe("GET, DELETE, HEAD, OPTIONS");
});

it("a prefix is a whole beginning of a path, and stands there once", () => {
  const prefixes = ["/service/cron", "/cron"];
  for (const [path, rest] of [
    ["/cron/jobs", "/jobs"],
    ["/cron", "/"],
    ["/cronjobs", "/cronjobs"],
    ["/cron/cron", "/cron"],
    ["/service/cron/jobs", "/jobs"],
  ] as const)
    expect(withoutPrefix(path, prefixes), path).toBe(rest);
});
