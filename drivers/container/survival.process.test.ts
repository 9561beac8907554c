import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ContainerEvent } from "@meseta/kernel/core/agent/ports.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../launch/heard.ts";
import { recordLine } from "../launch/record-line.ts";
import { gone, isRunning, Room } from "./room.ts";

const room = new Room();
const decoys: ChildProcess[] = [];

afterEach(async () => {
  for (const decoy of decoys.splice(0)) decoy.kill("SIGKILL");
  await room.clear();
});

describe("the agent dies", () => {
  test("its containers run on, and their true exits are found by the next agent", async () => {
    const first = await room.open();
    first.containers.launch(room.spec("early", "while [ ! -e go ]; do sleep 0.01; done; exit 42"));
    first.containers.launch(room.spec("late", "exec sleep 1000"));
    const [early, late] = await Promise.all([first.heard.started("early"), first.heard.started("late")]);
    first.containers.close();
    writeFileSync(join(room.sandbox, "go"), "");
    await gone(early.pid);
    const second = await room.open();
    expect(await settled(second)).toEqual([
      { id: "early", pid: early.pid, startTimeTicks: early.startTimeTicks, exit: { waitStatus: 42 << 8 } },
      { id: "late", pid: late.pid, startTimeTicks: late.startTimeTicks },
    ]);
    second.containers.destroy("late");
    expect(await second.heard.exited("late")).toMatchObject({ waitStatus: 9 });
  });

  test("of kill -9, its process does, and the launcher does not", async () => {
    await (await room.open()).containers.stop();
    const agent = spawn(process.execPath, ["--input-type=module", "-e", agentProgram()], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    decoys.push(agent);
    const pid = Number(await firstWords(agent));
    agent.kill("SIGKILL");
    await new Promise((resolve) => agent.once("close", resolve));
    expect(isRunning(pid)).toBe(true);
    expect(await (await room.open()).containers.recover()).toMatchObject([{ id: "a", pid }]);
  });

  test("an exit is told to each new agent until it is forgotten", async () => {
    const first = await room.open();
    first.containers.launch(room.spec("a", "exit 5"));
    await first.heard.exited("a");
    first.containers.close();
    const second = await room.open();
    expect(await second.containers.recover()).toMatchObject([{ id: "a", exit: { waitStatus: 5 << 8 } }]);
    second.containers.forget("a");
    second.containers.close();
    const third = await room.open();
    expect(await third.containers.recover()).toEqual([]);
    await third.containers.stop();
    expect(await (await room.open()).containers.recover()).toEqual([]);
  });
});

describe("the launcher dies of kill -9", () => {
  test("its containers run on and are adopted by the next one, which can still signal them, and their end is lost", async () => {
    const log: string[] = [];
    const { containers, heard } = await room.open({ log: (text) => log.push(text) });
    containers.launch(room.spec("a", "exec sleep 1000"));
    const { pid } = await heard.started("a");
    process.kill(room.launcherPid(), "SIGKILL");
    await until(() => log.includes("attached to the launcher again"));
    expect(isRunning(pid)).toBe(true);
    containers.signal("a", 15, "leader");
    expect(await heard.exited("a")).toEqual({
      type: "exited",
      id: "a",
      waitStatus: "lost",
      lostBecause: "launcher died",
    });
    expect(isRunning(pid)).toBe(false);
  });

  test.each([
    ["with cgroups", undefined],
    ["without cgroups", "none"],
  ] as const)("an adopted container is still killed whole, %s", async (_, cgroups) => {
    const log: string[] = [];
    const { containers, heard } = await room.open({ cgroups, log: (text) => log.push(text) });
    containers.launch(
      room.spec("a", "sh -c 'setsid sh -c \"echo \\$\\$ >daemon; exec sleep 1000\" & exit'; exec sleep 1000"),
    );
    const [daemon] = await room.linesOf("daemon", 1);
    await heard.started("a");
    process.kill(room.launcherPid(), "SIGKILL");
    await until(() => log.includes("attached to the launcher again"));
    containers.destroy("a");
    await heard.exited("a");
    expect(isRunning(Number(daemon))).toBe(false);
  });

  test("an exit that nobody saw is lost, and never a success", async () => {
    const first = await room.open();
    first.containers.launch(room.spec("a", "while [ ! -e go ]; do sleep 0.01; done; exit 0"));
    const { pid } = await first.heard.started("a");
    await room.killLauncher();
    writeFileSync(join(room.sandbox, "go"), "");
    await gone(pid);
    const second = await room.open();
    expect(await second.containers.recover()).toMatchObject([
      { id: "a", exit: { waitStatus: "lost", lostBecause: "launcher died" } },
    ]);
  });

  test("an exit that was told before is still known with its status", async () => {
    const first = await room.open();
    first.containers.launch(room.spec("a", "exit 6"));
    await first.heard.exited("a");
    await room.killLauncher();
    expect(await (await room.open()).containers.recover()).toMatchObject([{ id: "a", exit: { waitStatus: 6 << 8 } }]);
  });

  test("orders given meanwhile are carried out by the next one", async () => {
    const { containers, heard } = await room.open();
    process.kill(room.launcherPid(), "SIGKILL");
    for (let i = 0; i < 20; i++) containers.launch(room.spec(`t${i}`, `exit ${i}`));
    await heard.count(20, (event) => event.type === "exited");
    expect(heard.all.filter((event) => event.type === "started")).toHaveLength(20);
  });

  test("in the middle of a burst: every container is told once as started or failed, and once as ended", async () => {
    const { containers, heard } = await room.open();
    for (let i = 0; i < 100; i++) containers.launch(room.spec(`t${i}`, "exit 1"));
    await heard.count(10, (event) => event.type === "exited");
    process.kill(room.launcherPid(), "SIGKILL");
    await heard.count(100, (event) => event.type === "exited" || event.type === "launch_failed");
    for (let i = 0; i < 100; i++) {
      const told = heard.all.filter((event) => event.id === `t${i}`).map((event) => event.type);
      expect([["started", "exited"], ["launch_failed"]]).toContainEqual(told);
    }
    const ends = heard.all.flatMap((event) => (event.type === "exited" ? [event.waitStatus] : []));
    expect(new Set(ends).difference(new Set([256, "lost"]))).toEqual(new Set());
  });
});

describe("whoever is killed, and whenever", () => {
  test.each([
    [1, undefined],
    [2, "none"],
  ] as const)(
    "each container runs at most once and ends once, with its true status or as lost (seed %i)",
    async (seed, cgroups) => {
      const { below } = createRandom(seed);
      const told = new Map<string, string[]>();
      let count = 0;
      for (let round = 0; round < 8; round++) {
        const life = await room.open({ cgroups, compactAtBytes: 20_000 });
        for (const one of await life.containers.recover())
          note(told, one.id, one.pid === 0 ? [] : one.exit ? ["started", `${one.exit.waitStatus}`] : ["started"]);
        for (let i = 0; i < 25; i++) {
          const id = `c${count++}`;
          told.set(id, []);
          life.containers.launch(
            room.spec(
              id,
              `echo ran >>ran-${id}; ${["", "(setsid sleep 1000 &)", "sleep 0.1"][below(3)] || ":"}; exit ${count % 100}`,
            ),
          );
        }
        await life.heard.count(below(40), () => true);
        if (round % 2 === 0) process.kill(room.launcherPid(), "SIGKILL");
        else process.kill(room.spawnerPid(), "SIGKILL");
        await life.heard.count(below(20), (event) => event.type !== "started");
        life.containers.close();
        for (const event of life.heard.all)
          note(told, event.id, [event.type === "exited" ? `${event.waitStatus}` : event.type]);
      }
      const last = await room.open({ cgroups });
      for (const one of await last.containers.recover()) {
        note(told, one.id, one.pid === 0 ? [] : ["started"]);
        if (one.exit) note(told, one.id, [`${one.exit.waitStatus}`]);
        else if (one.pid > 0) note(told, one.id, [`${(await last.heard.exited(one.id)).waitStatus}`]);
      }
      for (const [id, words] of told) {
        const ran = room.read(`ran-${id}`).split("\n").length - 1;
        const code = `${((Number(id.slice(1)) + 1) % 100) << 8}`;
        expect([id, ran <= 1]).toEqual([id, true]);
        expect([id, [[], ["started", code], ["started", "lost"], ["launch_failed"]]]).toEqual([
          id,
          expect.arrayContaining([words]),
        ]);
        if (words.includes(code)) expect([id, ran]).toEqual([id, 1]);
      }
    },
  );
});

describe("a pid is never trusted alone", () => {
  test("a process that has the pid of a recorded task, but another start time, is not signalled", async () => {
    const first = await room.open();
    await first.containers.stop();
    const decoy = spawn("sleep", ["1000"]);
    decoys.push(decoy);
    writeRecord([
      ["B", 1, bootId(), 0],
      ["S", "a", decoy.pid ?? 0, 12345, 2 ** 61 + 4096, "", 0, 0, "/o", "/e", "", "", ""],
    ]);
    const second = await room.open();
    expect(await second.containers.recover()).toMatchObject([{ id: "a", exit: { waitStatus: "lost" } }]);
    second.containers.signal("a", 9, "leader");
    second.containers.signal("a", 9, "all");
    second.containers.destroy("a");
    await second.containers.stop();
    expect(isRunning(decoy.pid ?? 0)).toBe(true);
  });

  test("after a reboot all tasks are lost, and nothing is signalled", async () => {
    const boot = join(room.build(), "boot-id");
    writeFileSync(boot, "first-boot\n");
    const first = await room.open({ bootIdFile: boot });
    first.containers.launch(room.spec("ran", "exec sleep 1000"));
    first.containers.launch(room.spec("ended", "exit 3"));
    const [{ pid }] = await Promise.all([first.heard.started("ran"), first.heard.exited("ended")]);
    await room.killLauncher();
    writeFileSync(boot, "second-boot\n");
    const second = await room.open({ bootIdFile: boot });
    expect((await second.containers.recover()).map((one) => [one.id, one.exit])).toEqual([
      ["ended", { waitStatus: 3 << 8 }],
      ["ran", { waitStatus: "lost", lostBecause: "machine restarted" }],
    ]);
    expect(isRunning(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
  });
});

describe("the launcher", () => {
  test("lets nobody else near: its folder is for its owner only", async () => {
    await room.open();
    expect(statSync(join(room.dir, "launcher")).mode & 0o777).toBe(0o700);
  });

  test("refuses to be the second one of a folder", async () => {
    await room.open();
    const program = join(import.meta.dirname, "../launch/launcher.pl");
    const second = spawn("perl", [program, join(room.dir, "launcher")], { stdio: ["ignore", "pipe", "pipe"] });
    decoys.push(second);
    let said = "";
    second.stderr.on("data", (text) => (said += text));
    const code = await new Promise((resolve) => second.once("close", resolve));
    expect([code, said]).toEqual([expect.any(Number), expect.stringContaining("another launcher holds")]);
    expect(code).not.toBe(0);
  });

  test("answers malformed lines with errors, forgets half a line with its client, and goes on", async () => {
    const { containers, heard } = await room.open();
    const garbage = [
      "",
      "\t\t",
      "nonsense",
      "spawn",
      "spawn\t../../etc",
      "spawn\t.hidden",
      `spawn\t${"x".repeat(201)}`,
      "signal\ta\tKILL\tleader",
      "signal\ta\t9\teverybody",
      "signal",
      "destroy",
      "exits\tall",
      "sweep\t/etc",
      "sweep\t/sys/fs/cgroup/../../../etc",
      "\u0000\u0001\u0002",
    ];
    const answers = await talk(garbage.map((line) => line + "\n").join("") + "ping\tend\n", "pong\tend\n");
    expect(answers.split("\n").filter((line) => line.startsWith("error\t"))).toHaveLength(garbage.length);
    await talk("hello\n", "hello", "spawn\tx\tfile=/bin/tr");
    containers.launch(room.spec("a", "exit 0"));
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 0 });
  });

  test("refuses fields that only it may set", async () => {
    // Whoever asks for exits is taken for the agent, and an earlier one is cut off: so there is none here.
    (await room.open()).containers.close();
    for (const field of [
      "pid=1",
      "state=running",
      "as=0:0",
      "mark=1",
      "id=b",
      "kill=/etc",
      "mkdir=/tmp/x",
      "max=many",
    ]) {
      expect(await talk(`exits\t0\nspawn\tx\t${field}\n`, "failed\tx\tspec")).toContain("failed\tx\tspec\t22");
    }
  });

  test("takes more orders than it can hold at once, and carries out each", async () => {
    const { containers, heard } = await room.open({ cgroups: "none" });
    const environment = { PATH: "/usr/bin:/bin", LONG: "x".repeat(50_000) };
    for (let i = 0; i < 150; i++) containers.launch({ ...room.spec(`t${i}`, "exit 1"), environment });
    await heard.count(150, (event) => event.type === "exited" && event.waitStatus === 256);
  });

  test("keeps a signal for a container that is only just starting", async () => {
    const { containers, heard } = await room.open();
    containers.launch(room.spec("a", "exec sleep 1000"));
    containers.signal("a", 15, "leader");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 15 });
    containers.launch(room.spec("b", "exec sleep 1000"));
    containers.destroy("b");
    await heard.first((event) => event.id === "b" && (event.type === "exited" || event.type === "launch_failed"));
  });

  test("keeps five hundred at once, and every end is told", async () => {
    const { containers, heard } = await room.open({ cgroups: "none" });
    for (let i = 0; i < 500; i++)
      containers.launch({ ...room.spec(`t${i}`, ""), command: { file: "sleep", argv: ["sleep", "1000"] } });
    await heard.count(500, (event) => event.type === "started");
    for (let i = 0; i < 500; i++) containers.destroy(`t${i}`);
    await heard.count(500, (event) => event.type === "exited");
    expect(heard.all.filter((event) => event.type === "exited" && event.waitStatus !== 9)).toEqual([]);
  });

  test("hires another spawner when the first is killed", async () => {
    const { containers, heard } = await room.open();
    const spawner = room.spawnerPid();
    containers.launch(room.spec("a", "while [ ! -e go ]; do sleep 0.01; done; exit 4"));
    await heard.started("a");
    process.kill(spawner, "SIGKILL");
    await gone(spawner);
    writeFileSync(join(room.sandbox, "go"), "");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 4 << 8 });
    await until(() => launchUntilStarted(containers, heard.all));
  });

  test("rewrites its record when it has grown, and forgets nothing by that", async () => {
    const first = await room.open({ compactAtBytes: 20_000 });
    first.containers.launch(room.spec("kept", "exit 9"));
    first.containers.launch(room.spec("runs", "exec sleep 1000"));
    await Promise.all([first.heard.exited("kept"), first.heard.started("runs")]);
    const record = join(room.dir, "launcher", "launcher.record");
    const sizes: number[] = [];
    for (let i = 0; i < 200; i++) {
      first.containers.launch(room.spec(`t${i}`, "exit 0"));
      await first.heard.exited(`t${i}`);
      first.containers.forget(`t${i}`);
      sizes.push(statSync(record).size);
    }
    expect(Math.max(...sizes)).toBeLessThan(25_000);
    expect(sizes.some((size, at) => size < (sizes[at - 1] ?? 0))).toBe(true);
    await room.killLauncher();
    const second = await room.open();
    const found = await second.containers.recover();
    expect(found.find((one) => one.id === "kept")).toMatchObject({ exit: { waitStatus: 9 << 8 } });
    expect(found.find((one) => one.id === "runs")).not.toHaveProperty("exit");
  });
});

// What is told to each life of the agent is told again to the next, until it is forgotten: here it is written down once.
function note(told: Map<string, string[]>, id: string, words: readonly string[]): void {
  const known = told.get(id) ?? [];
  told.set(id, [...known, ...words.filter((word) => !known.includes(word))]);
}

function writeRecord(lines: (string | number)[][]): void {
  writeFileSync(join(room.dir, "launcher", "launcher.record"), lines.map((fields) => recordLine(...fields)).join(""));
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Writes to the launcher's socket, reads until the answer holds `until`, and leaves after writing `last`. */
function talk(text: string, until: string, last = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(join(room.dir, "launcher", "launcher.sock"), () => socket.write(text));
    socket.on("error", reject);
    socket.on("data", (bytes) => {
      answer += bytes;
      if (!answer.includes(until)) return;
      socket.write(last, () => socket.destroy());
    });
    socket.on("close", () => resolve(answer));
  });
}

type Opened = Awaited<ReturnType<Room["open"]>>;

/** What an agent knows of its containers once all that was under way is told, by id. */
async function settled({ containers, heard }: Opened) {
  const found = await containers.recover();
  const later = await Promise.all(
    found.filter((one) => !one.exit && !existsSync(`/proc/${one.pid}`)).map((one) => heard.exited(one.id)),
  );
  const withExit = found.map((one) => {
    const exit = later.find((event) => event.id === one.id);
    return exit ? { ...one, exit: { waitStatus: exit.waitStatus } } : one;
  });
  return withExit.sort((a, b) => a.id.localeCompare(b.id));
}

// Until the launcher has noticed that its spawner is gone a launch may be refused.
let tries = 0;
async function launchUntilStarted(containers: Opened["containers"], told: readonly ContainerEvent[]): Promise<boolean> {
  const id = `again${tries++}`;
  containers.launch(room.spec(id, "exit 0"));
  await until(() => told.some((event) => event.id === id));
  return told.some((event) => event.id === id && event.type === "started");
}

function agentProgram(): string {
  const module = pathToFileURL(join(import.meta.dirname, "containers.ts")).href;
  return `import { LaunchedContainers } from ${JSON.stringify(module)};
    const on = (event) => console.log(event.pid);
    const containers = await LaunchedContainers.open({ dir: ${JSON.stringify(join(room.dir, "launcher"))}, on });
    containers.launch(${JSON.stringify(room.spec("a", "exec sleep 1000"))});`;
}

function firstWords(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout?.once("data", (text) => resolve(String(text).trim())));
}
