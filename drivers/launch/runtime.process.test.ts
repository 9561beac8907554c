import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./heard.ts";
import { canContain, gone, isRunning, LaunchRoom, runtimes } from "./launch.rig.ts";

let room: LaunchRoom;
let mountsBefore: string;
beforeEach(() => {
  mountsBefore = mountPoints();
  room = new LaunchRoom();
});
afterEach(async () => {
  await room.clear();
  expect(room.leftGroups()).toEqual([]);
  expect(mountPoints()).toBe(mountsBefore);
});

const none = process.env["CI"] !== "true" && (!canContain || runtimes.length === 0);

describe.skipIf(none).each(runtimes)("a container that %s leaves behind", (runtime) => {
  test("is told with its own pid and start time, and ends with its true exit code", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    launcher.spawn(room.container(a, runtime, ["sh", "-c", "echo from inside; exit 3"]));
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 3 << 8, pid: room.pidFileOf(a) });
    expect((await heard.started(a)).startTimeTicks).toBeGreaterThan(0);
    expect(heard.typesOf(a)).toEqual(["started", "exit"]);
    expect(room.read("stdout")).toBe("from inside\n");
  });

  test("is a child of the launcher, and ends with the signal that killed it", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    launcher.spawn(room.container(a, runtime, ["sleep", "1000"]));
    const { pid, startTimeTicks } = await heard.started(a);
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ");
    expect([Number(fields?.[1]), Number(fields?.[19])]).toEqual([launcher.pid, startTimeTicks]);
    launcher.signal(a, 9, "leader");
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 9, pid });
  });

  test("that ended and was reaped before its runtime ended is told with its true end", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    const after = "while kill -0 $(cat $PID_FILE) 2>/dev/null; do :; done";
    launcher.spawn(room.container(a, runtime, ["sh", "-c", "exit 5"], { after }));
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 5 << 8, pid: room.pidFileOf(a) });
    expect((await heard.started(a)).startTimeTicks).toBeGreaterThan(0);
    expect(heard.typesOf(a)).toEqual(["started", "exit"]);
  });

  test("forty at once, and each ends with its own status", async () => {
    const { launcher, heard } = await room.open();
    const ids = Array.from({ length: 40 }, (_, n) => room.id(`n${n}`));
    for (const [n, id] of ids.entries()) launcher.spawn(room.container(id, runtime, ["sh", "-c", `exit ${n}`]));
    for (const [n, id] of ids.entries()) expect(await heard.end(id)).toMatchObject({ waitStatus: n << 8 });
  });

  test("takes its daemons with it", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    const script = "(setsid sleep 1000 &) ; echo up; exec sleep 1000";
    launcher.spawn(room.container(a, runtime, ["sh", "-c", script]));
    await heard.started(a);
    await until(() => room.read("stdout").includes("up"));
    launcher.destroy(a);
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 9 });
  });

  test("cannot be started: what the runtime says is told, and nothing is left", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    launcher.spawn(room.container(a, runtime, ["/no/such/program"]));
    const failed = await heard.failed(a);
    expect(failed).toMatchObject({ stage: "runtime", errno: 1, text: expect.stringContaining("/no/such/program") });
    expect(failed.text).not.toMatch(/^\{/);
    expect(heard.typesOf(a)).toEqual(["failed"]);
  });

  test("destroyed while the runtime is at work it is told once as failed", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    const { wait } = room.gate("gate");
    launcher.spawn(room.container(a, runtime, ["sleep", "1000"], { after: `echo made; ${wait}` }));
    await until(() => room.read("stdout").includes("made"));
    launcher.destroy(a);
    expect(await heard.end(a)).toMatchObject({ type: "failed", stage: "runtime", errno: 137 });
    await gone(room.pidFileOf(a));
    expect(heard.typesOf(a)).toEqual(["failed"]);
  });

  test("a signal that comes too soon is delivered when it has started", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    const gate = room.gate("gate");
    launcher.spawn(
      room.container(a, runtime, ["sh", "-c", "trap 'exit 7' USR1; while :; do sleep 0.02; done"], {
        after: `echo made; ${gate.wait}`,
      }),
    );
    await until(() => room.read("stdout").includes("made"));
    launcher.signal(a, 10, "leader");
    // Time for the shell inside to set its trap: it is asked through a second signal that it has.
    gate.open();
    await heard.started(a);
    const timer = setInterval(() => launcher.signal(a, 10, "leader"), 20);
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 7 << 8 });
    clearInterval(timer);
  });

  test("the signal that should end a first process without a handler ends it, the others are dropped", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    launcher.spawn(room.container(a, runtime, ["sleep", "1000"]));
    const { pid } = await heard.started(a);
    launcher.signal(a, 10, "leader");
    launcher.signal(a, 15, "group");
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 9, pid });
  });

  test("a first process that handles the signal gets it", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    const script = "trap 'exit 8' TERM; echo ready; while :; do sleep 0.02; done";
    launcher.spawn(room.container(a, runtime, ["sh", "-c", script]));
    await until(() => room.read("stdout").includes("ready"));
    await heard.started(a);
    launcher.signal(a, 15, "all");
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 8 << 8 });
  });
});

describe.skipIf(none).each(runtimes)("the launcher dies of kill -9 while %s", (runtime) => {
  test("works: the next one waits for it, and tells the container", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    const gate = room.gate("gate");
    launcher.spawn(room.container(a, runtime, ["sleep", "1000"], { before: `echo begun; ${gate.wait}` }));
    await until(() => room.read("stdout").includes("begun"));
    process.kill(launcher.pid, "SIGKILL");
    await heard.first((event) => event.type === "trouble" && /attached/.test(event.text));
    gate.open();
    const { pid } = await heard.started(a);
    expect(pid).toBe(room.pidFileOf(a));
    launcher.destroy(a);
    expect(await heard.exit(a)).toMatchObject({ waitStatus: "lost", why: "launcher died", pid });
    expect(isRunning(pid)).toBe(false);
  });

  test("has gone and nobody has looked yet: the next one finds the container by its pid file", async () => {
    const { launcher } = await room.open();
    const a = room.id("a");
    const gate = room.gate("gate");
    const written = "echo $$ >>runtime-pid";
    launcher.spawn(room.container(a, runtime, ["sleep", "1000"], { before: `${written}; ${gate.wait}` }));
    await until(() => room.read("runtime-pid").endsWith("\n"));
    process.kill(launcher.pid, "SIGSTOP");
    gate.open();
    await gone(Number(room.read("runtime-pid")));
    await room.killLauncher(launcher);
    const next = await room.open();
    expect(next.launcher.found.tasks).toMatchObject([{ id: a, pid: room.pidFileOf(a) }]);
    next.launcher.destroy(a);
    expect(await next.heard.exit(a)).toMatchObject({ waitStatus: "lost", pid: room.pidFileOf(a) });
  });

  test("dies too: the container is lost, and nothing of it is left", async () => {
    const { launcher } = await room.open();
    const a = room.id("a");
    const { wait } = room.gate("gate");
    const before = `echo $$ >>runtime-pid; ${wait}`;
    launcher.spawn(room.container(a, runtime, ["sleep", "1000"], { before }));
    await until(() => room.read("runtime-pid").endsWith("\n"));
    await room.killLauncher(launcher);
    process.kill(Number(room.read("runtime-pid")), "SIGKILL");
    await gone(Number(room.read("runtime-pid")));
    const next = await room.open();
    expect(next.launcher.found.tasks).toEqual([]);
    expect(next.launcher.found.exits).toMatchObject([{ id: a, waitStatus: "lost", why: "launcher died" }]);
  });

  test("works, and it fails under the next one: that is told", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    const gate = room.gate("gate");
    launcher.spawn(room.container(a, runtime, ["/no/such"], { before: `echo begun; ${gate.wait}` }));
    await until(() => room.read("stdout").includes("begun"));
    process.kill(launcher.pid, "SIGKILL");
    await heard.first((event) => event.type === "trouble" && /attached/.test(event.text));
    gate.open();
    expect(await heard.failed(a)).toMatchObject({ stage: "runtime", text: expect.stringContaining("/no/such") });
  });

  test("is long gone: the container is known by its own pid", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    launcher.spawn(room.container(a, runtime, ["sleep", "1000"]));
    const { pid, startTimeTicks } = await heard.started(a);
    await room.killLauncher(launcher);
    const next = await room.open();
    expect(next.launcher.found.tasks).toMatchObject([{ id: a, pid, startTimeTicks }]);
    next.launcher.signal(a, 15, "leader");
    expect(await next.heard.exit(a)).toMatchObject({ waitStatus: "lost", why: "launcher died" });
  });
});

describe("a runtime", () => {
  test("that succeeds and leaves nobody behind has failed", async () => {
    const { launcher, heard } = await room.open();
    launcher.spawn(room.order(room.id("a"), "true", { runtime: { pidFile: room.path("pid") } }));
    expect(await heard.failed(room.id("a"))).toMatchObject({ stage: "runtime", errno: 0 });
  });

  test("that names a process of somebody else has failed, and that process lives", async () => {
    const { launcher, heard } = await room.open();
    launcher.spawn(room.order(room.id("b"), "exec sleep 1000"));
    const { pid } = await heard.started(room.id("b"));
    launcher.spawn(room.order(room.id("a"), `echo ${pid} >pid`, { runtime: { pidFile: room.path("pid") } }));
    expect(await heard.failed(room.id("a"))).toMatchObject({ stage: "runtime" });
    expect(isRunning(pid)).toBe(true);
  });

  test("that fails without a word is told with its exit code", async () => {
    const { launcher, heard } = await room.open();
    launcher.spawn(room.order(room.id("a"), "exit 42", { runtime: { pidFile: room.path("pid") } }));
    expect(await heard.failed(room.id("a"))).toMatchObject({
      stage: "runtime",
      errno: 42,
      text: "it exited with code 42",
    });
  });

  test("says what went wrong in the last error of its log", async () => {
    const { launcher, heard } = await room.open();
    const log = room.path("log");
    const lines = [
      { level: "error", msg: 'no "é"\nhere' },
      { level: "warning", msg: "also" },
    ];
    writeFileSync(log, lines.map((one) => `${JSON.stringify(one)}\n`).join(""));
    launcher.spawn(room.order(room.id("a"), "exit 1", { runtime: { pidFile: room.path("pid"), log } }));
    expect((await heard.failed(room.id("a"))).text).toBe('no "é"\nhere');
  });

  test("kills by mark where there are no control groups", async () => {
    const { launcher, heard } = await room.open();
    const script = "setsid sh -c 'echo $$ >daemon; exec sleep 1000' & while [ ! -s daemon ]; do :; done; exit 1";
    launcher.spawn(room.order(room.id("a"), script, { runtime: { pidFile: room.path("pid") } }));
    await heard.failed(room.id("a"));
    expect(isRunning(Number(room.read("daemon")))).toBe(false);
  });

  test("waits while many others are at work, and can be destroyed before its turn", async () => {
    const { launcher, heard } = await room.open();
    const ids = Array.from({ length: 40 }, (_, n) => room.id(`n${n}`));
    for (const id of ids)
      launcher.spawn(room.order(id, "exec sleep 1000", { runtime: { pidFile: room.path(`pid-${id}`) } }));
    for (const id of [...ids].reverse()) launcher.destroy(id);
    for (const id of ids) await heard.failed(id);
  });
});

function mountPoints(): string {
  return readFileSync("/proc/self/mountinfo", "utf8");
}
