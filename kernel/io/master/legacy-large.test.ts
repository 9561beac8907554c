import { createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ask, rehearse } from "./rehearsal.rig.ts";
import type { RunningMaster } from "./server.ts";

/** More than the event loop reads by itself. */
const BLANKS = " ".repeat(2 * 1024 * 1024);

let master: RunningMaster;
beforeEach(async () => {
  master = await rehearse(createMemoryStore());
});
afterEach(() => master.stop());

/** The status and text that such a body is answered with. */
async function sent(method: string, path: string, body: string): Promise<[number, string]> {
  const answer = await fetch(master.url + path, { method, body });
  return [answer.status, await answer.text()];
}

const WRITES: readonly [string, string, string][] = [
  ["PUT", "/weights", '[{"role":"heavy","weight":2.5}]'],
  ["PUT", "/weights", '{"role":"heavy"}'],
  ["PUT", "/weights", '[{"role":"heavy"}]'],
  ["POST", "/quota", '{"role":"ROLE","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}],"force":true}'],
  ["POST", "/quota", '{"role":'],
  ["POST", "/maintenance/schedule", '{"windows":[]}'],
  ["POST", "/machine/down", '[{"hostname":"nobody"}]'],
  ["POST", "/machine/up", "[7]"],
  ["POST", "/reserve", "slaveId=nobody&resources=[]"],
  ["POST", "/reserve", "slaveId=nobody"],
  ["POST", "/teardown", "frameworkId=nobody"],
  ["DELETE", "/quota/nobody", ""],
];

test("what is sent to an older endpoint is done or refused as the same in a large body is", async () => {
  for (const [method, path, body] of WRITES) {
    // Quota is set once for each role.
    const [one, other] = [body.replace("ROLE", "one"), body.replace("ROLE", "other")];
    const small = await sent(method, path, one);
    // In a form blanks belong to a value.
    const [status, text] = await sent(method, path, body.includes("=") ? `${other}&blanks=${BLANKS}` : BLANKS + other);
    expect(status, path).toBe(small[0]);
    expect(text.slice(0, 12), path).toBe(small[1].slice(0, 12));
  }
  expect(JSON.parse((await ask(master, "/weights")).text)).toEqual([{ role: "heavy", weight: 2.5 }]);
});

test("a form of more than four megabytes is refused", async () => {
  const [status, text] = await sent("POST", "/reserve", `slaveId=a&resources=${BLANKS}${BLANKS}`);
  expect([status, text]).toEqual([400, "Expecting a form of at most 4194304 bytes"]);
});
