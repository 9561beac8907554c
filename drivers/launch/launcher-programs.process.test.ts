import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "./heard.ts";
import { gone, isRunning, LaunchRoom } from "./launch.rig.ts";
import type { Launcher } from "./launcher.ts";
import { LauncherPrograms } from "./launcher-programs.ts";

let room: LaunchRoom;
beforeEach(() => {
  room = new LaunchRoom();
});
afterEach(() => room.clear());

test("a program gets its input, and what it printed and how it ended is told", async () => {
  const { launcher, heard } = await room.open();
  const programs = programsOf(launcher);
  const found = await programs.run(sh("cat; echo err >&2; exit 3", { input: "in" }));
  expect(found).toEqual({ waitStatus: 3 << 8, stdout: "in", stderr: "err\n" });
  expect(readdirSync(room.path("programs"))).toEqual([]);
  expect(heard.all).toEqual([]);
});

test("an input of more than a pipe holds arrives whole, and one that nobody reads does no harm", async () => {
  const programs = programsOf((await room.open()).launcher);
  const input = "0123456789abcdef".repeat(20_000);
  expect((await programs.run(sh("cat", { input }))).stdout).toBe(input);
  expect(await programs.run(sh("head -c 4", { input }))).toMatchObject({ waitStatus: 0, stdout: "0123" });
  expect(await programs.run(sh("true", { input }))).toMatchObject({ waitStatus: 0 });
  expect(readdirSync(room.path("programs"))).toEqual([]);
});

test("an input is in no file while the program runs, nor in the launcher's record or its log", async () => {
  const programs = programsOf((await room.open()).launcher);
  const gate = room.gate("gate");
  const run = programs.run(
    sh("read first; echo up >up; read _ <gate; cat", { input: "first\na password of a registry" }),
  );
  await until(() => room.read("up") === "up\n");
  const files = ["-r", "-l", "--devices=skip", "password of a registry", room.dir];
  expect(() => execFileSync("grep", files, { encoding: "utf8" })).toThrow(/grep/);
  gate.open();
  expect((await run).stdout).toBe("a password of a registry");
});

test("without an input it reads nothing; its environment is what is given, with the system's PATH", async () => {
  const programs = programsOf((await room.open()).launcher);
  const { stdout } = await programs.run({ file: "env", arguments: [], environment: { A: "b c" } });
  expect(stdout.split("\n").sort()).toEqual(["", "A=b c", expect.stringMatching(/^PATH=.*\/usr\/sbin/)]);
  expect(await programs.run({ file: "cat", arguments: [] })).toMatchObject({ stdout: "" });
});

test("fifty run beside one another, and each has its own outcome", async () => {
  const programs = programsOf((await room.open()).launcher);
  const all = await Promise.all(Array.from({ length: 50 }, (_, n) => programs.run(sh(`echo ${n}; exit ${n}`))));
  expect(all.map((one) => one.stdout)).toEqual(all.map((_, n) => `${n}\n`));
  expect(all.map((one) => one.waitStatus)).toEqual(all.map((_, n) => n << 8));
});

test("of much that it prints at most a mebibyte is told", async () => {
  const programs = programsOf((await room.open()).launcher);
  const { stdout, waitStatus } = await programs.run(sh("head -c 3000000 /dev/zero | tr '\\0' x"));
  expect([stdout.length, waitStatus]).toEqual([1 << 20, 0]);
});

test("one that cannot be started rejects with the reason", async () => {
  const programs = programsOf((await room.open()).launcher);
  await expect(programs.run({ file: "no-such-program", arguments: [] })).rejects.toThrow(
    "cannot run no-such-program: no-such-program: No such file or directory",
  );
  expect(readdirSync(room.path("programs"))).toEqual([]);
});

test("one that takes too long is killed whole", async () => {
  const { launcher } = await room.open();
  const programs = programsOf(launcher);
  const run = programs.run(sh("setsid sleep 1000 & echo $! >daemon; exec sleep 1000", { timeoutMs: 300 }));
  await expect(run).rejects.toThrow("/bin/sh did not end within 0.3 s");
  expect(isRunning(Number(room.read("daemon")))).toBe(false);
  expect(readdirSync(room.path("programs"))).toEqual([]);
});

test("one that is aborted is killed whole, also when it has hardly begun, or not at all", async () => {
  const programs = programsOf((await room.open()).launcher);
  const late = new AbortController();
  const run = programs.run(sh("echo $$ >pid; exec sleep 1000", { signal: late.signal }));
  await until(() => room.read("pid").endsWith("\n"));
  late.abort(new Error("enough"));
  await expect(run).rejects.toThrow("enough");
  expect(isRunning(Number(room.read("pid")))).toBe(false);
  const soon = new AbortController();
  const other = programs.run(sh("exec sleep 1000", { signal: soon.signal }));
  soon.abort(new Error("at once"));
  await expect(other).rejects.toThrow("at once");
  await expect(programs.run(sh("exec sleep 1000", { signal: soon.signal }))).rejects.toThrow("at once");
  expect(readdirSync(room.path("programs"))).toEqual([]);
});

test("what an agent that died had under way is ended and forgotten, and nobody else hears of it", async () => {
  const first = await room.open();
  const unfinished = programsOf(first.launcher).run(sh("echo $$ >pid; exec sleep 1000", { input: "secret" }));
  void unfinished.catch(() => {});
  await until(() => room.read("pid").endsWith("\n"));
  first.launcher.close();
  const { launcher, heard } = await room.open();
  const programs = programsOf(launcher);
  expect(launcher.found).toMatchObject({ tasks: [], exits: [] });
  expect(readdirSync(room.path("programs"))).toEqual([]);
  await gone(Number(room.read("pid")));
  expect(await programs.run(sh("echo works"))).toMatchObject({ stdout: "works\n" });
  expect(heard.all).toEqual([]);
});

test("one that ended while no agent was there is forgotten too", async () => {
  const first = await room.open();
  const gate = room.gate("gate");
  void programsOf(first.launcher).run(sh("echo $$ >pid; read _ <gate"));
  await until(() => room.read("pid").endsWith("\n"));
  first.launcher.close();
  gate.open();
  await gone(Number(room.read("pid")));
  const second = await room.open();
  programsOf(second.launcher);
  await until(async () => {
    second.launcher.close();
    const next = await room.open();
    programsOf(next.launcher);
    const left = next.launcher.claim("program-", () => {});
    next.launcher.close();
    return left.tasks.length === 0 && left.exits.length === 0;
  });
});

test("whose launcher dies it is told as lost, and the next one runs", async () => {
  const { launcher } = await room.open();
  const programs = programsOf(launcher);
  const gate = room.gate("gate");
  const run = programs.run(sh("echo $$ >pid; read _ <gate"));
  await until(() => room.read("pid").endsWith("\n"));
  process.kill(launcher.pid, "SIGKILL");
  await gone(launcher.pid);
  gate.open();
  expect(await run).toMatchObject({ waitStatus: "lost" });
  expect(await programs.run(sh("exit 1"))).toMatchObject({ waitStatus: 256 });
});

test("a stranger's files in the folder are gone at the start", async () => {
  mkdirSync(room.path("programs"));
  writeFileSync(room.path("programs/old.in"), "secret");
  programsOf((await room.open()).launcher);
  expect(readdirSync(room.path("programs"))).toEqual([]);
});

function programsOf(launcher: Launcher): LauncherPrograms {
  return new LauncherPrograms(launcher, room.path("programs"));
}

function sh(script: string, more: { input?: string; timeoutMs?: number; signal?: AbortSignal } = {}) {
  return { file: "/bin/sh", arguments: ["-c", `cd ${room.dir}; ${script}`], ...more };
}
