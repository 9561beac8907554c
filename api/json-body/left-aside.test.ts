import { expect, test } from "vitest";
import { list, map, object, optional, text, textOr, whole } from "./field.ts";
import { LEFT_ASIDE, leftAside, leftAsideText, readLeftAside, tellLeftAside } from "./left-aside.ts";

const volume = object({ hostPath: optional(text()), mode: optional(text()) });
const fields = {
  id: optional(text()),
  cmd: optional(text()),
  cpus: optional(whole(0)),
  instances: optional(whole(0)),
  env: optional(map(textOr(text(), object({ secret: optional(text()) })))),
  container: optional(object({ volumes: optional(list(volume)) })),
};
const app = object(fields);
const told = (body: unknown) => leftAside(app, body, new Set(["tasksRunning"])).map(leftAsideText);

test("a key that nothing reads is told with the one that it is nearly, wherever it stands", () => {
  expect(told({ id: "/x", cpu: 3, instance: 2 })).toEqual([
    '"cpu" was left aside: did you mean "cpus"?',
    '"instance" was left aside: did you mean "instances"?',
  ]);
  const nested = {
    env: { A: { secrt: "s" } },
    container: { volums: [], volumes: [{ mode: "RW" }, { hostpath: "/" }] },
  };
  expect(told(nested)).toEqual([
    '"env.A.secrt" was left aside: did you mean "secret"?',
    '"container.volumes(1).hostpath" was left aside: did you mean "hostPath"?',
  ]);
});

test("what is like nothing, or like what is given, or known to be of no account, is passed over, and so is what is no object", () => {
  expect(told({ cpus: 1, cpu: 3, uris: [], tasksRunning: 3, container: "x" })).toEqual([]);
  expect([null, 7, "x", []].flatMap(told)).toEqual([]);
});

test("of very many only some are looked up", () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`unheard-of-${at}`, at]));
  expect(told({ ...many, cpu: 1 })).toEqual([]);
  expect(told({ [`cpu${"s".repeat(9_000_000)}`]: 1, cpu: 1 })).toHaveLength(1);
  const lists = { container: { volumes: Array.from({ length: 50 }, () => ({ mod: "RW" })) } };
  expect(told(lists)).toHaveLength(10);
});

test("an answer tells it in a header of ASCII, and one without has none", () => {
  const found = [{ path: "/labels/ä\n/cpu", meant: "cpus" }];
  const { headers } = tellLeftAside<{ headers?: Record<string, string> }>({ headers: { A: "b" } }, found);
  expect(headers).toMatchObject({ A: "b", [LEFT_ASIDE]: expect.stringMatching(/^[ -~]+$/) });
  expect(readLeftAside(headers![LEFT_ASIDE])).toEqual(found);
  expect(tellLeftAside({}, [])).toEqual({});
  expect([undefined, "{", "{}", '[{"path":1}]'].map(readLeftAside)).toEqual([[], [], [], []]);
});
