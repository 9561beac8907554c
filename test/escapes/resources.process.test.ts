import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "@meseta/drivers/container/room.ts";
import type { ContainerLimits, ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeAttempts, EscapeRoom } from "./escapes.rig.ts";

const MiB = 1 << 20;
const limited = (limits: ContainerLimits) => (spec: ContainerSpec) => ({ ...spec, limits });

describeAttempts([
  {
    name: "fills the machine with processes (a fork bomb)",
    perl: () => `my $made = 0; while ($made < 100) { my $child = fork; defined $child or last; $child or sleep 1000; $made++ }
      print "made $made\\n"`,
    wish: limited({ pids: 40 }),
    weak: limited({}),
    achieved: ({ said }) => said.includes("made 100"),
  },
  {
    name: "eats the machine's memory",
    perl: () => "my $eaten = 'x' x 200_000_000; print 'ate ', length $eaten",
    wish: limited({ memoryBytes: 64 * MiB }),
    weak: limited({}),
    achieved: ({ said }) => said.includes("ate 200000000"),
  },
  {
    name: "eats the machine's memory by way of its shared memory, which is a file system",
    shell: () => "head -c 100000000 /dev/zero >/dev/shm/big && echo ate",
    wish: limited({ memoryBytes: 256 * MiB }),
    weak: (spec) => ({ ...spec, isolation: { ...spec.isolation!, ipc: { mode: "own", shmMiB: 200 } } }),
    achieved: ({ said }) => said.includes("ate"),
  },
  {
    name: "fills the machine's disk",
    shell: () => "head -c 3000000 /dev/zero >/root/big; while [ ! -e /sandbox/go ]; do sleep 0.05; done; echo filled",
    prepare: ({ sandbox, weak }) => weak && writeFileSync(join(sandbox, "go"), ""),
    wish: limited({ diskBytes: MiB }),
    weak: limited({}),
    achieved: ({ said }) => said.includes("filled"),
  },
  {
    name: "fills the machine's disk by what it writes to its output",
    shell: () => "head -c 3000000 /dev/zero; while [ ! -e /sandbox/go ]; do sleep 0.05; done; echo tried >&2",
    prepare: ({ sandbox, weak }) => untilWritten(sandbox, weak),
    wish: (spec, { sandbox }) => ({
      ...spec,
      stdout: join(sandbox, "stdout"),
      rotation: { maxBytes: 65_536, keep: 1 },
    }),
    weak: (spec) => ({ ...spec, rotation: { maxBytes: 0, keep: 1 } }),
    achieved: ({ sandbox }) => statSync(join(sandbox, "stdout")).size > 2_000_000,
  },
]);

/** Lets the container end when its output is as large as it gets: all of it, or cut. */
function untilWritten(sandbox: string, weak: boolean): () => void {
  const look = setInterval(() => {
    const size = statSync(join(sandbox, "stdout"), { throwIfNoEntry: false })?.size ?? 0;
    const cut = existsSync(join(sandbox, "stdout.1")) && size < MiB;
    if (weak ? size >= 3_000_000 : cut) writeFileSync(join(sandbox, "go"), "");
  }, 5);
  return () => clearInterval(look);
}

describe("a container that ignores SIGTERM", () => {
  const room = new EscapeRoom();
  beforeAll(() => room.begin("crun"));
  afterAll(() => room.clear());

  test("lives on when it is asked, and ends when it is destroyed, with all that it started", async () => {
    const { containers, heard } = room.agent;
    const shell =
      "trap '' TERM; (trap '' TERM; sleep 1000; sleep 1000) & echo on; while :; do sleep 0.05; echo on; done";
    containers.launch(room.isolated("stubborn", shell));
    const { pid } = await heard.started("stubborn");
    await room.linesOf("stdout", 1);
    containers.signal("stubborn", 15, "leader");
    const before = room.read("stdout").split("\n").length;
    await room.linesOf("stdout", before + 3);
    expect(isRunning(pid)).toBe(true);
    containers.destroy("stubborn");
    expect(await heard.exited("stubborn")).toMatchObject({ waitStatus: 9 });
    await room.cleared();
  });
});
