import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Isolation } from "@meseta/kernel/core/agent/isolation.ts";
import type { ContainerSpec } from "@meseta/kernel/core/agent/ports.ts";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../launch/heard.ts";
import type { Layout } from "./cgroups/layout.ts";
import { cpuBusy, isRunning, Room } from "./room.ts";

const room = new Room();
const isRoot = process.getuid?.() === 0;
const inCI = process.env["CI"] === "true";
/** Where a part of the machine is missing the test is skipped, but never where everything has to be there. */
const skipWithout = (part: boolean) => !part && !inCI;
const withCgroups = isRoot && existsSync("/sys/fs/cgroup");

afterEach(() => room.clear());

describe("a container", () => {
  test("starts, and its exit code is told as wait status", async () => {
    const { containers, heard } = await room.open();
    containers.launch(room.spec("a", "exit 3"));
    expect(await heard.started("a")).toMatchObject({ pid: expect.any(Number), startTimeTicks: expect.any(Number) });
    expect(await heard.exited("a")).toEqual({ type: "exited", id: "a", waitStatus: 3 << 8 });
  });

  test("tells the pid and the start time that the kernel tells", async () => {
    const { containers, heard } = await room.open();
    containers.launch(room.spec("a", "exec sleep 1000"));
    const { pid, startTimeTicks } = await heard.started("a");
    expect(startTimeTicks).toBe(startTimeOf(pid));
  });

  test("that dies of a signal says which", async () => {
    const { containers, heard } = await room.open();
    containers.launch(room.spec("a", "kill -TERM $$"));
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 15 });
  });

  test("appends what it says to its stdout and stderr", async () => {
    const { containers, heard } = await room.open();
    writeFileSync(join(room.sandbox, "stdout"), "before\n");
    containers.launch(room.spec("a", "echo out; echo err >&2"));
    await heard.exited("a");
    expect(room.read("stdout")).toBe("before\nout\n");
    expect(room.read("stderr")).toBe("err\n");
  });

  test("has exactly the environment that it was given", async () => {
    const { containers, heard } = await room.open();
    const environment = { PATH: "/usr/bin:/bin", EMPTY: "", ODD: "a=b\tc\nd%41 é" };
    containers.launch({ ...room.spec("a", ""), command: { file: "env", argv: ["env", "-0"] }, environment });
    await heard.exited("a");
    expect(Object.fromEntries(room.read("stdout").split("\0").filter(Boolean).map(split))).toEqual(environment);
  });

  test("gets its arguments as they are, without any shell", async () => {
    const { containers, heard } = await room.open();
    const argv = ["printf", "%s|", "a b", "$HOME", "`id`", "x\ny", "", "%41"];
    containers.launch({ ...room.spec("a", ""), command: { file: "/usr/bin/printf", argv } });
    await heard.exited("a");
    expect(room.read("stdout")).toBe("a b|$HOME|`id`|x\ny||%41|");
  });

  test("leads a session and a process group of its own, in its directory, with default signals and no descriptor but three", async () => {
    const { containers, heard } = await room.open();
    containers.launch(
      room.spec(
        "a",
        "pwd; ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f1,5,6 /proc/$$/stat; umask",
      ),
    );
    const { pid } = await heard.started("a");
    await heard.exited("a");
    const [directory, fds, blocked, ignored, ids, mask] = room.read("stdout").trim().split("\n");
    // ls itself opens the folder that it lists.
    expect([directory, fds, mask]).toEqual([room.sandbox, "4", "0022"]);
    expect([blocked, ignored]).toEqual(["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"]);
    expect(ids).toBe(`${pid} ${pid} ${pid}`);
  });

  test("has the rlimits that it asked for", async () => {
    const { containers, heard } = await room.open();
    containers.launch({
      ...room.spec("a", "ulimit -n; ulimit -c"),
      rlimits: [
        { type: "RLMT_NOFILE", soft: 100, hard: 200 },
        { type: "RLMT_CORE", soft: 0, hard: 0 },
      ],
    });
    await heard.exited("a");
    expect(room.read("stdout")).toBe("100\n0\n");
  });

  test.skipIf(skipWithout(isRoot))("runs as another user, with that user's groups and none of root's", async () => {
    const { containers, heard } = await room.open();
    room.ownedBy("nobody");
    containers.launch({
      ...room.spec("a", "id -u; id -g; id -G; cat /proc/self/status | grep CapEff"),
      user: "nobody",
    });
    await heard.exited("a");
    const gid = execFileSync("id", ["-g", "nobody"], { encoding: "utf8" }).trim();
    const uid = execFileSync("id", ["-u", "nobody"], { encoding: "utf8" }).trim();
    expect(room.read("stdout")).toBe(`${uid}\n${gid}\n${gid}\nCapEff:\t0000000000000000\n`);
    expect(statSync(join(room.sandbox, "stdout")).uid).toBe(Number(uid));
  });

  test.skipIf(skipWithout(isRoot))(
    "is refused as root, by whatever name, where the agent runs nothing as root",
    async () => {
      const { containers, heard } = await room.open({ rootTasks: false });
      for (const user of ["root", "0", "000"]) {
        containers.launch({ ...room.spec(`as-${user}`, "true"), user });
        const { cause, message } = await heard.failed(`as-${user}`);
        expect([cause, message.includes(`${user} is root`)]).toEqual(["user", true]);
      }
      room.ownedBy("nobody");
      containers.launch({ ...room.spec("nobody", "exit 3"), user: "nobody" });
      expect(await heard.exited("nobody")).toMatchObject({ waitStatus: 3 << 8 });
    },
  );

  test("is launched once, however often it is asked for", async () => {
    const { containers, heard } = await room.open();
    containers.launch(room.spec("a", "echo once; exec sleep 1000"));
    const { pid } = await heard.started("a");
    expect(await room.linesOf("stdout", 1)).toEqual(["once"]);
    containers.launch(room.spec("a", "echo twice"));
    await heard.count(2, (event) => event.type === "started");
    expect(heard.all.filter((event) => event.type === "started").map((event) => event.pid)).toEqual([pid, pid]);
    containers.signal("a", 15, "leader");
    await heard.exited("a");
    expect(room.read("stdout")).toBe("once\n");
  });
});

describe("a launch that cannot be is told with its cause, and is no exit", () => {
  const cases: [cause: string, change: Partial<ContainerSpec>, message: RegExp][] = [
    ["command", { command: { file: "no-such-program", argv: ["x"] } }, /^no-such-program: No such file or directory$/],
    ["command", { command: { file: "/etc/passwd", argv: ["x"] } }, /^\/etc\/passwd: Permission denied$/],
    ["command", { command: { file: "/", argv: ["x"] } }, /^\/: Permission denied$/],
    ["directory", { workingDirectory: "/no/such/folder" }, /^\/no\/such\/folder: No such file or directory$/],
    ["output", { stdout: "/no/such/stdout" }, /^\/no\/such\/stdout: No such file or directory$/],
    ["user", { user: "no-such-user" }, /^no such user: no-such-user$/],
    ["spec", { environment: { "": "x" } }, /variable/],
    ["spec", { command: { file: "/bin/echo", argv: ["echo", "a\0b"] } }, /NUL/],
    ["spec", { rlimits: [{ type: "RLMT_WISHES" }] }, /RLMT_WISHES/],
    ["spec", { workingDirectory: "relative" }, /absolute/],
    ["spec", { environment: { LONG: "x".repeat(3_000_000) } }, /too long/],
    ["command", { environment: { LONG: "x".repeat(200_000) } }, /Argument list too long/],
  ];
  test.each(cases.map(([cause, change, message]) => [cause, message, change] as const))(
    "%s, because %s",
    async (cause, message, change) => {
      const { containers, heard } = await room.open();
      containers.launch({ ...room.spec("a", "true"), ...change });
      expect(await heard.failed("a")).toMatchObject({ cause, message: expect.stringMatching(message) });
      // The same id may be tried again.
      containers.launch(room.spec("a", "exit 0"));
      await heard.exited("a");
      expect(heard.all.map((event) => event.type)).toEqual(["launch_failed", "started", "exited"]);
    },
  );

  test("an image, on an agent without a runtime", async () => {
    const { containers, heard } = await room.open({ missing: "this agent has no container runtime: install crun" });
    const isolation: Isolation = {
      sandbox: { host: room.sandbox, inside: "/x" },
      mounts: [],
      network: { kind: "host" },
      rootAllowed: true,
      pidNamespace: "own",
    };
    containers.launch({ ...room.spec("a", "true"), isolation });
    expect(await heard.failed("a")).toMatchObject({ cause: "spec", message: expect.stringContaining("install crun") });
  });

  test("a script whose interpreter is missing", async () => {
    const { containers, heard } = await room.open();
    writeFileSync(join(room.sandbox, "script"), "#!/no/such/interpreter\n", { mode: 0o755 });
    containers.launch({ ...room.spec("a", ""), command: { file: join(room.sandbox, "script"), argv: ["script"] } });
    expect(await heard.failed("a")).toMatchObject({
      cause: "command",
      message: expect.stringMatching(/No such file or directory$/),
    });
  });
});

const unified = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find((mount) =>
  existsSync(`${mount}/cgroup.subtree_control`),
);
const ways: [name: string, cgroups: "none" | Layout | undefined][] = [["without cgroups", "none"]];
if (withCgroups) ways.push(["with cgroups", undefined]);
if (withCgroups && unified) ways.push(["in the v2 tree", { kill: { version: 2, mount: unified } }]);

describe.each(ways)("killing whole, %s", (_, cgroups) => {
  const daemon =
    "sh -c 'setsid sh -c \"(sleep 1000 & echo \\$! >>pids) & wait\" & exit' ; (sleep 1000 & echo $! >>pids); sleep 1000 & echo $! >>pids";

  test("destroy kills children, grandchildren and daemons in sessions of their own", async () => {
    const { containers, heard } = await room.open({ cgroups });
    containers.launch(room.spec("a", `${daemon}; wait`));
    const pids = await room.linesOf("pids", 3);
    containers.destroy("a");
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 9 });
    for (const pid of pids) expect(isRunning(Number(pid))).toBe(false);
  });

  test("what a container leaves behind when its first process ends dies too, before the exit is told", async () => {
    const { containers, heard } = await room.open({ cgroups });
    containers.launch(room.spec("a", `${daemon}; while [ $(wc -l <pids) -lt 3 ]; do :; done; exit 7`));
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 7 << 8 });
    const pids = room.read("pids").trim().split("\n");
    expect(pids).toHaveLength(3);
    for (const pid of pids) expect(isRunning(Number(pid))).toBe(false);
  });

  test("one container's daemons die with it, the other's live on", async () => {
    const { containers, heard } = await room.open({ cgroups });
    const daemonTo = (file: string) =>
      `sh -c 'setsid sh -c "echo \\$\\$ >${file}; exec sleep 1000" & exit'; exec sleep 1000`;
    containers.launch(room.spec("a", daemonTo("a-pid")));
    containers.launch(room.spec("b", daemonTo("b-pid")));
    const [[a], [b]] = await Promise.all([room.linesOf("a-pid", 1), room.linesOf("b-pid", 1)]);
    containers.destroy("a");
    await heard.exited("a");
    expect([isRunning(Number(a)), isRunning(Number(b))]).toEqual([false, true]);
  });

  test("a signal goes to the first process, to its group, or to all", async () => {
    const { containers, heard } = await room.open({ cgroups });
    const reporter = (name: string) =>
      `trap 'echo ${name} >>got' USR1; echo ${name} >>ready; while :; do sleep 0.02; done`;
    const script = `(${reporter("child")}) & setsid sh -c "${reporter("daemon")}" & ${reporter("leader")}`;
    containers.launch(room.spec("a", script));
    await room.linesOf("ready", 3);
    containers.signal("a", 10, "leader");
    expect(await room.linesOf("got", 1)).toEqual(["leader"]);
    containers.signal("a", 10, "group");
    expect((await room.linesOf("got", 3)).slice(1).sort()).toEqual(["child", "leader"]);
    containers.signal("a", 10, "all");
    expect((await room.linesOf("got", 6)).slice(3).sort()).toEqual(["child", "daemon", "leader"]);
    containers.destroy("a");
    await heard.exited("a");
  });

  test("statistics count the processes and their time and memory", async () => {
    const { containers, heard } = await room.open({ cgroups });
    containers.launch({
      ...room.spec("a", `${cpuBusy}; echo busy >ready; sleep 1000 & wait`),
      limits: { cpus: 0.5, memoryBytes: 64 << 20 },
    });
    await heard.started("a");
    await room.linesOf("ready", 1);
    const found = await containers.statistics("a");
    expect(found).toMatchObject({ timestamp: expect.any(Number), cpus_soft_limit: 0.5 });
    expect(found?.mem_rss_bytes).toBeGreaterThan(0);
    expect((found?.cpus_user_time_secs ?? 0) + (found?.cpus_system_time_secs ?? 0)).toBeGreaterThan(0);
    expect(found?.processes).toBeGreaterThanOrEqual(1);
    containers.destroy("a");
    await heard.exited("a");
    expect(await containers.statistics("a")).toBeUndefined();
  });

  test("two hundred tasks in one burst all end with their own status", async () => {
    const { containers, heard } = await room.open({ cgroups });
    for (let i = 0; i < 200; i++) containers.launch(room.spec(`t${i}`, `exit ${i}`));
    await heard.count(200, (event) => event.type === "exited");
    for (let i = 0; i < 200; i++)
      expect(heard.all.find((event) => event.type === "exited" && event.id === `t${i}`)).toMatchObject({
        waitStatus: i << 8,
      });
    expect(heard.all.filter((event) => event.type === "started")).toHaveLength(200);
  });
});

describe.skipIf(skipWithout(withCgroups))("cgroups", () => {
  test("carry the limits while the container runs, and are gone afterwards", async () => {
    const { containers, heard } = await room.open();
    containers.launch({
      ...room.spec("a", "exec sleep 1000"),
      limits: { cpus: 0.5, cpusLimit: 1, memoryBytes: 40 << 20, memoryLimitBytes: 80 << 20, pids: 50 },
    });
    const { pid } = await heard.started("a");
    const found = Object.fromEntries(cgroupFiles(containers.cgroups?.base ?? "", "a"));
    expect(found).toMatchObject(
      containers.cgroups?.layout.memory?.version === 2
        ? { "memory.max": `${80 << 20}`, "memory.low": `${40 << 20}`, "cpu.max": "100000 100000" }
        : {
            "cpu.shares": "512",
            "cpu.cfs_quota_us": "100000",
            "memory.soft_limit_in_bytes": `${40 << 20}`,
            "memory.limit_in_bytes": `${80 << 20}`,
            "pids.max": "50",
            "cgroup.procs": `${pid}`,
          },
    );
    containers.destroy("a");
    await heard.exited("a");
    expect(cgroupFiles(containers.cgroups?.base ?? "", "a")).toEqual([]);
  });

  test("a container that uses more memory than its limit is killed whole, and the exit tells the limitation", async () => {
    const { containers, heard } = await room.open();
    containers.launch({
      ...room.spec("a", "sleep 1000 & exec perl -e 'my $x; while (1) { $x .= \"x\" x 1048576 }'"),
      limits: { cpus: 1, memoryBytes: 32 << 20 },
    });
    const exit = await heard.exited("a");
    expect(exit).toMatchObject({
      waitStatus: 9,
      limitation: { reason: "REASON_CONTAINER_LIMITATION_MEMORY", memoryBytes: 32 << 20 },
    });
    expect(exit.limitation?.message).toMatch(/^Memory limit exceeded: Requested: 32MB Maximum Used: 3\dMB$/);
  });

  test("a memory kill of a child ends the whole container, though its first process would have lived on", async () => {
    const { containers, heard } = await room.open();
    containers.launch({
      ...room.spec("a", "perl -e 'my $x; while (1) { $x .= \"x\" x 1048576 }'; sleep 1000"),
      limits: { cpus: 1, memoryBytes: 32 << 20 },
    });
    expect(await heard.exited("a")).toMatchObject({
      waitStatus: 9,
      limitation: { reason: "REASON_CONTAINER_LIMITATION_MEMORY" },
    });
  });

  test("limits change while a container runs", async () => {
    const { containers, heard } = await room.open();
    containers.launch({ ...room.spec("a", "exec sleep 1000"), limits: { cpus: 0.5, memoryBytes: 40 << 20 } });
    await heard.started("a");
    containers.update("a", { cpus: 2, memoryBytes: 100 << 20 });
    await until(async () => (await containers.statistics("a"))?.mem_limit_bytes === 100 << 20);
    expect(await containers.statistics("a")).toMatchObject({ cpus_soft_limit: 2 });
  });

  test("containers of one group share its limits and die apart", async () => {
    const { containers, heard } = await room.open();
    containers.update("pod", { cpus: 1, memoryBytes: 64 << 20 });
    for (const id of ["a", "b"]) containers.launch({ ...room.spec(id, "exec sleep 1000"), group: "pod" });
    await Promise.all([heard.started("a"), heard.started("b")]);
    expect(await containers.statistics("pod")).toMatchObject({ mem_limit_bytes: 64 << 20, processes: 2 });
    containers.destroy("a");
    await heard.exited("a");
    expect(await containers.statistics("pod")).toMatchObject({ processes: 1 });
    containers.destroy("b");
    await heard.exited("b");
    expect(await containers.statistics("pod")).toBeUndefined();
  });

  test("a container that joins a group is not blamed for a memory kill before its time", async () => {
    const { containers, heard } = await room.open();
    const hungry = "perl -e 'my $x; while (1) { $x .= \"x\" x 1048576 }'";
    containers.update("pod", { cpus: 1, memoryBytes: 32 << 20 });
    containers.launch({ ...room.spec("keeps", "exec sleep 1000"), group: "pod" });
    await heard.started("keeps");
    containers.launch({ ...room.spec("hungry", `exec ${hungry}`), group: "pod" });
    expect(await heard.exited("hungry")).toHaveProperty("limitation");
    // The limit is the group's: its other container is ended as well.
    expect(await heard.exited("keeps")).toHaveProperty("limitation");
    containers.launch({ ...room.spec("late", "exit 1"), group: "pod" });
    expect(await heard.exited("late")).toEqual({ type: "exited", id: "late", waitStatus: 1 << 8 });
  });

  test("a check beside a command shares its limits and is killed without it", async () => {
    const { containers, heard } = await room.open();
    containers.launch({ ...room.spec("main", "exec sleep 1000"), limits: { cpus: 1, memoryBytes: 64 << 20 } });
    const { pid } = await heard.started("main");
    containers.launch({ ...room.spec("check", "exec sleep 1000"), group: "main" });
    await heard.started("check");
    containers.destroy("check");
    await heard.exited("check");
    expect(isRunning(pid)).toBe(true);
  });

  test("leave nothing behind when the agent stops", async () => {
    const { containers, heard } = await room.open();
    containers.launch({ ...room.spec("a", "true"), limits: { cpus: 1, memoryBytes: 64 << 20 } });
    await heard.exited("a");
    containers.forget("a");
    await containers.stop();
    expect(containers.cgroups && cgroupFolders(containers.cgroups.base)).toEqual([]);
  });

  test("an agent starts also when another one ends and takes its name along", async () => {
    const name = `/run/meseta/cgroups/${basename(room.build())}`;
    mkdirSync(dirname(name), { recursive: true });
    // A link to nothing: listed, and gone when it is read.
    symlinkSync("nothing", name);
    try {
      await room.open();
    } finally {
      unlinkSync(name);
    }
  });

  test("what an agent whose folder is gone left behind is swept when another agent starts", async () => {
    const dead = new Room();
    const { containers, heard } = await dead.open();
    containers.launch(dead.spec("a", "exec sleep 1000"));
    const { pid } = await heard.started("a");
    await dead.killLauncher();
    rmSync(dead.dir, { recursive: true });
    await room.open();
    await until(() => !isRunning(pid));
  });

  test("a stray container of a folder that was wiped is swept at the next start", async () => {
    const first = await room.open();
    first.containers.launch(room.spec("a", "exec sleep 1000"));
    const { pid } = await first.heard.started("a");
    await room.killLauncher();
    room.forgetRecord();
    const second = await room.open();
    await until(() => !isRunning(pid));
    expect(await second.containers.recover()).toEqual([]);
  });
});

describe("the logs of a noisy container", () => {
  test("stay near their bound, and its last words are kept", async () => {
    const { containers, heard } = await room.open();
    const maxBytes = 256 * 1024;
    const script =
      "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); printf '%01000d\\n' $i; done; while [ ! -e stdout.2 ]; do printf '%01000d\\n' 0; done; echo last";
    containers.launch({ ...room.spec("a", script), rotation: { maxBytes, keep: 2 } });
    await heard.exited("a");
    // A copy may be under way when the container ends.
    const names = () => readdirSync(room.sandbox).filter((name) => name.startsWith("stdout"));
    await until(() => names().sort().join() === "stdout,stdout.1,stdout.2");
    await until(() => (room.read("stdout.1") + room.read("stdout")).endsWith("last\n"));
    for (const old of ["stdout.1", "stdout.2"])
      expect(statSync(join(room.sandbox, old)).size).toBeLessThanOrEqual(2 * maxBytes);
  });

  test.skipIf(skipWithout(isRoot))("are rotated with the rights of its user: a planted link harms nobody", async () => {
    const { containers, heard } = await room.open();
    room.ownedBy("nobody");
    const precious = join(room.dir, "precious");
    writeFileSync(precious, "x".repeat(200_000), { mode: 0o600 });
    const script = `rm stdout; ln -s ${precious} stdout; head -c 200000 /dev/zero >&2; while [ ! -e stderr.1 ]; do sleep 0.02; done`;
    containers.launch({ ...room.spec("a", script), user: "nobody", rotation: { maxBytes: 65_536, keep: 1 } });
    expect(await heard.exited("a")).toMatchObject({ waitStatus: 0 });
    expect(readFileSync(precious, "utf8")).toHaveLength(200_000);
  });
});

function startTimeOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19]);
}

function split(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function cgroupFolders(base: string): string[] {
  const mounts = ["/sys/fs/cgroup", ...readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}`)];
  return mounts.map((mount) => `${mount}/${base}`).filter((folder) => existsSync(folder));
}

function cgroupFiles(base: string, id: string): [string, string][] {
  const folders = cgroupFolders(base)
    .map((folder) => `${folder}/${id}`)
    .filter((folder) => existsSync(folder));
  const names = [
    "cpu.shares",
    "cpu.cfs_quota_us",
    "cpu.max",
    "memory.soft_limit_in_bytes",
    "memory.limit_in_bytes",
    "memory.low",
    "memory.max",
    "pids.max",
    "cgroup.procs",
  ];
  return folders.flatMap((folder) =>
    names
      .filter((name) => existsSync(`${folder}/${name}`))
      .map((name): [string, string] => [name, readFileSync(`${folder}/${name}`, "utf8").trim()]),
  );
}
