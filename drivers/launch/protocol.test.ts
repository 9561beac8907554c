import fc from "fast-check";
import { expect, test } from "vitest";
import { line, parseLine, type SpawnOrder, spawnLine } from "./protocol.ts";

test("a line is one line, whatever its fields hold, and reads back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(), (text, errno) => {
      const written = line("failed", "id", "command", errno, text);
      expect(written.indexOf("\n")).toBe(written.length - 1);
      expect(parseLine(written.slice(0, -1))).toEqual({ type: "failed", id: "id", stage: "command", errno, text });
    }),
  );
});

test("each field of a spawn stays one field", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary" })),
      fc.dictionary(fc.string(), fc.string()),
      (argv, environment) => {
        const fields = spawnLine({ ...order, argv, environment })
          .slice(0, -1)
          .split("\t");
        expect(fields.filter((field) => field.startsWith("arg="))).toHaveLength(argv.length);
        expect(fields.filter((field) => field.startsWith("env="))).toHaveLength(Object.keys(environment).length);
      },
    ),
  );
});

test("mounts, runtime and terminal are told only when there are some, mounts in their order", () => {
  expect(spawnLine(order)).not.toMatch(/mount|pidfile|stdin|terminal|owner/);
  const rich = spawnLine({
    ...order,
    mounts: [
      { kind: "unmount", target: "/a b" },
      { kind: "mount", type: "tmpfs", source: "", target: "/t", flags: 7, data: "" },
    ],
    runtime: { pidFile: "/p", log: "/l" },
    stdin: "/i",
    terminal: true,
    outputOwner: "1:2",
  });
  expect(rich.trimEnd().split("\t").slice(-8)).toEqual([
    "mounts=1",
    "mount=unmount%00/a b",
    "mount=mount%00tmpfs%00%00/t%007%00",
    "pidfile=/p",
    "log=/l",
    "stdin=/i",
    "terminal=1",
    "owner=1:2",
  ]);
});

test("an exit tells its wait status, or that it is lost and why", () => {
  expect(parseLine("exit\t7\ta\t100\t5000\t256\t0\t0\t")).toEqual({
    type: "exit",
    number: 7,
    id: "a",
    pid: 100,
    startTimeTicks: 5000,
    waitStatus: 256,
    memoryKills: 0,
    peakBytes: 0,
    why: "",
  });
  expect(parseLine("exit\t8\tb\t101\t5001\tlost\t0\t0\tlauncher died")).toMatchObject({
    waitStatus: "lost",
    why: "launcher died",
  });
});

test("a message that this side does not know is nothing", () => {
  expect(parseLine("news\tfrom\tthe\tfuture")).toBeUndefined();
  expect(parseLine("")).toBeUndefined();
});

const order: SpawnOrder = {
  id: "a",
  file: "/bin/true",
  argv: [],
  environment: {},
  workingDirectory: "/",
  stdout: "/o",
  stderr: "/e",
  rotateAtBytes: 0,
  keepFiles: 0,
  rlimits: [],
};
