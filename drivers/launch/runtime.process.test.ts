import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./heard.ts";
import { canContain, gone, isRunning, LaunchRoom, runtimes } from "./launch.rig.ts";

let room: LaunchRoom;
let mountsBefore: string[];
beforeEach(() => {
  room = new LaunchRoom();
  mountsBefore = room.mounts();
});
afterEach(async () => {
  await room.clear();
  expect(room.leftGroups()).toEqual([]);
  expect(room.mounts()).toEqual(mountsBefore);
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

  test("lets a second process in, which is told and ends by itself, and dies with the container", async () => {
    const { launcher, heard } = await room.open();
    const [a, b, c] = [room.id("a"), room.id("b"), room.id("c")];
    launcher.spawn(room.container(a, runtime, ["sleep", "1000"]));
    await heard.started(a);
    launcher.spawn(room.inside(b, a, runtime, ["sh", "-c", "echo inside; exit 6"]));
    expect(await heard.exit(b)).toMatchObject({ waitStatus: 6 << 8 });
    launcher.spawn(room.inside(c, a, runtime, ["sleep", "1000"]));
    const { pid } = await heard.started(c);
    launcher.destroy(a);
    await heard.exit(a);
    expect(await heard.exit(c)).toMatchObject({ waitStatus: 9, pid });
    expect(room.read("stdout")).toBe("inside\n");
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

  test.each([1, 4, 12])(
    "makes many, of which %d have started: each is told one end, and nothing of any is left",
    async (started) => {
      const { launcher, heard } = await room.open();
      const ids = Array.from({ length: 20 }, (_, n) => room.id(`n${n}`));
      const commands = [["sleep", "1000"], ["sh", "-c", "exit 3"], ["/no/such"]];
      for (const [n, id] of ids.entries()) launcher.spawn(room.container(id, runtime, commands[n % 3]!));
      await heard.count(started, (event) => event.type === "started");
      process.kill(launcher.pid, "SIGKILL");
      await heard.first((event) => event.type === "trouble" && /attached/.test(event.text));
      for (const id of ids) launcher.destroy(id);
      for (const id of ids) await heard.end(id);
      for (const id of ids) expect(heard.typesOf(id).filter((type) => type !== "started")).toHaveLength(1);
      expect(processesOf(room.id("n"))).toEqual([]);
      // A child of the dead launcher may have made its groups when they had been cleared: the agent's look at strays takes these.
      for (const folder of room.leftGroups()) launcher.sweep(folder);
      await expect.poll(() => room.leftGroups()).toEqual([]);
    },
  );

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

const trees = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"].filter((tree) =>
  existsSync(join(tree, "cgroup.procs")),
);

describe.skipIf(none).each(trees)("control groups below that of a container in %s", (tree) => {
  const script = (kill: string) =>
    `mkdir -p ${kill}/inner/most; for at in "" /inner /inner/most; do
       perl -e '$SIG{USR1} = sub { open my $f, ">>", "got"; syswrite $f, "usr1\\n" };
         open my $f, ">", shift; print $f $$; close $f; open $f, ">>", "pids"; print $f "$$\\n"; close $f; select undef, undef, undef, 0.02 while 1' ${kill}$at/cgroup.procs &
     done; trap : USR1; while :; do wait; sleep 0.02; done`;

  test("are signalled, killed and removed with it", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    const kill = join(tree, a);
    const cgroups = { mkdir: [kill], write: [], join: [`${kill}/cgroup.procs`], kill, shared: false };
    launcher.spawn(room.order(a, script(kill), { cgroups }));
    await until(() => room.read("pids").split("\n").length === 4);
    launcher.signal(a, 10, "all");
    await until(() => room.read("got") === "usr1\n".repeat(3));
    launcher.destroy(a);
    await heard.exit(a);
    for (const pid of room.read("pids").trim().split("\n")) expect(isRunning(Number(pid))).toBe(false);
    expect(existsSync(kill)).toBe(false);
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

/** Whoever is in a control group of such a name, or has it among its arguments. */
function processesOf(name: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || !isRunning(Number(pid))) return false;
    return ["cgroup", "cmdline"].some((file) => textOf(`/proc/${pid}/${file}`).includes(name));
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
