import { existsSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import type { Kind } from "../kind.ts";
import { processKind } from "../process/kind.ts";
import { Room } from "../room.ts";

const room = new Room();
afterEach(() => room.clear());

const unified = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((mount) =>
  existsSync(`${mount}/cgroup.subtree_control`),
);
const missing = (process.getuid?.() !== 0 || unified === undefined) && process.env["CI"] !== "true";

test.skipIf(missing)("in a cgroup of version 2 only the devices that are allowed can be opened", async () => {
  const rules = ["c *:* m", "c 1:3 rwm", "c 1:5 r"];
  const some: Kind = { ...processKind, prepare: (spec) => ({ ...prepared(spec), devices: rules }) };
  const prepared = (spec: Parameters<Kind["prepare"]>[0]) =>
    processKind.prepare(spec, AbortSignal.any([])) as Awaited<ReturnType<Kind["prepare"]>>;
  const { containers, heard } = await room.open({
    cgroups: { kill: { version: 2, mount: unified! } },
    kinds: async () => [some],
  });
  const tries = ["</dev/null", ">/dev/null", "</dev/zero", ">/dev/zero", "</dev/full", "</dev/urandom"];
  containers.launch(room.spec("a", tries.map((one) => `(: ${one}) && echo '${one}'`).join("; ")));
  await heard.exited("a");
  expect(room.read("stdout").trim().split("\n")).toEqual(["</dev/null", ">/dev/null", "</dev/zero"]);
  expect(room.read("stderr").match(/Operation not permitted/g)).toHaveLength(3);
});
