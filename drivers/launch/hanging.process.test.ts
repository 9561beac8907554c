import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./heard.ts";
import { canContain, cgroupsOf, gone, LaunchRoom, runtimes } from "./launch.rig.ts";

const forced = process.env["CI"] === "true";
const freezer = "/sys/fs/cgroup/freezer";

let room: LaunchRoom;
beforeEach(() => {
  room = new LaunchRoom();
});
afterEach(async () => {
  await room.clear();
  expect(room.leftGroups()).toEqual([]);
});

describe.skipIf(!forced && (!canContain || runtimes.length === 0)).each(runtimes)(
  "a start that hangs in %s",
  (runtime) => {
    test("is given up whole: the step, what was last said and what to do are told, and others start meanwhile", async () => {
      const { launcher, heard } = await room.open();
      const [a, b] = [room.id("a"), room.id("b")];
      const { wait } = room.gate("gate");
      const after = `echo 'the last word' >>${room.path(a)}/log; echo made; exec sh -c '${wait}'`;
      launcher.spawn(room.container(a, runtime, ["sleep", "1000"], { after, more: { startMs: 1000 } }));
      await until(() => room.read("stdout").includes("made"));
      launcher.spawn(room.container(b, runtime, ["true"]));
      expect(await heard.exit(b)).toMatchObject({ waitStatus: 0 });
      const { stage, errno, text } = await heard.failed(a);
      expect([stage, errno]).toEqual(["machine", 110]);
      expect(text).toBe(
        "sh was not done after 1 s, and the start was given up; it last said 'the last word': what it waits for, a file system whose server is gone or a program that does not end, is to be seen to before it is launched again",
      );
      await gone(room.pidFileOf(a));
      expect(heard.typesOf(a)).toEqual(["failed"]);
    });

    test("because of a hook is given up as well, and leaves neither hook nor container", async () => {
      const { launcher, heard } = await room.open();
      const a = room.id("a");
      const { wait } = room.gate("gate");
      const order = room.container(a, runtime, ["sleep", "1000"], { more: { startMs: 1000 } });
      addHook(room.path(a), ["sh", "-c", `echo $$ >${room.path("hook")}; ${wait}`]);
      launcher.spawn(order);
      await until(() => room.read("hook").endsWith("\n"));
      expect((await heard.failed(a)).text).toMatch(new RegExp(`^${runtime}\\S* was not done after 1 s`));
      await gone(Number(room.read("hook")));
    });

    test("and whose launcher dies is given up by the next one", async () => {
      const { launcher, heard } = await room.open();
      const a = room.id("a");
      const { wait } = room.gate("gate");
      const before = `echo $$ >>runtime-pid; ${wait}`;
      launcher.spawn(room.container(a, runtime, ["sleep", "1000"], { before, more: { startMs: 2000 } }));
      await until(() => room.read("runtime-pid").endsWith("\n"));
      process.kill(launcher.pid, "SIGKILL");
      expect((await heard.failed(a)).text).toContain("was not done after 2 s");
      await gone(Number(room.read("runtime-pid")));
      expect(heard.typesOf(a)).toEqual(["failed"]);
    });

    test("does not keep the next life of the agent from its work: it is killed", async () => {
      const { launcher } = await room.open();
      const a = room.id("a");
      const { wait } = room.gate("gate");
      const before = `echo $$ >>runtime-pid; ${wait}`;
      launcher.spawn(room.container(a, runtime, ["sleep", "1000"], { before }));
      await until(() => room.read("runtime-pid").endsWith("\n"));
      launcher.close();
      const next = await room.open({ settleMs: 100 });
      expect(next.launcher.found.tasks).toEqual([]);
      await gone(Number(room.read("runtime-pid")));
    });
  },
);

describe("a start that hangs before its command", () => {
  test("is given up, and its step is told", async () => {
    const { launcher, heard } = await room.open();
    const [a, b] = [room.id("a"), room.id("b")];
    room.gate("nobody-reads");
    const more = { stdout: room.path("nobody-reads"), startMs: 1000, ...(canContain && { cgroups: cgroupsOf(a) }) };
    launcher.spawn(room.order(a, "true", more));
    launcher.spawn(room.order(b, "exit 4"));
    expect(await heard.exit(b)).toMatchObject({ waitStatus: 4 << 8 });
    const { stage, errno, text } = await heard.failed(a);
    expect([stage, errno]).toEqual(["machine", 110]);
    expect(text).toMatch(/^opening its input and outputs was not done after 1 s, and the start was given up: /);
    launcher.spawn(room.order(a, "exit 5"));
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 5 << 8 });
  });
});

// Only there does a frozen process outlive its kill.
describe.skipIf(!forced && !(canContain && existsSync(`${freezer}/tasks`)))(
  "control groups that cannot be cleared at once",
  () => {
    test("are cleared when they can be, and keep nobody waiting", async () => {
      const { launcher, heard } = await room.open();
      const frozen = await Promise.all(["x", "y", "z"].map((name) => freeze(join(freezer, room.id(name)))));
      for (const { folder } of frozen) launcher.sweep(folder);
      const a = room.id("a");
      launcher.spawn(room.order(a, "exit 3"));
      expect(await heard.exit(a)).toMatchObject({ waitStatus: 3 << 8 });
      expect(frozen.map(({ folder }) => existsSync(folder))).toEqual([true, true, true]);
      for (const { folder } of frozen) writeFileSync(`${folder}/freezer.state`, "THAWED");
      await until(() => frozen.every(({ folder }) => !existsSync(folder)));
      for (const { ended } of frozen) expect(await ended).toEqual([null, "SIGKILL"]);
    });
  },
);

function addHook(bundle: string, args: readonly string[]): void {
  const config = JSON.parse(readFileSync(join(bundle, "config.json"), "utf8"));
  config.hooks = { createRuntime: [{ path: "/bin/sh", args, env: ["PATH=/usr/bin:/bin"] }] };
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
}

async function freeze(folder: string) {
  mkdirSync(folder);
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  writeFileSync(`${folder}/cgroup.procs`, String(child.pid));
  writeFileSync(`${folder}/freezer.state`, "FROZEN");
  await until(() => readFileSync(`${folder}/freezer.state`, "utf8").trim() === "FROZEN");
  return { folder, ended: once(child, "exit") };
}
