import { expect, test } from "vitest";
import { misspelt } from "./misspelt.ts";

const taken = { id: "/x", cmd: "sleep 1", cpus: 1, mem: 128, instances: 1 };

test("a field that was left aside is told with the one that it is nearly", () => {
  const told = ['"cpu" was left aside: did you mean "cpus"?', '"instance" was left aside: did you mean "instances"?'];
  expect(misspelt({ id: "/x", cmd: "sleep 1", cpu: 3, instance: 2 }, taken)).toEqual(told);
});

test("older names of fields, and what came back, are left alone", () => {
  expect(misspelt({ id: "/x", cmd: "sleep 1", uris: [], ipAddress: {}, cpus: 3 }, taken)).toEqual([]);
});
