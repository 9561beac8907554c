import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import type { ContainerInput } from "@meseta/kernel/core/agent/ports.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConsoleInput, type ConsoleOptions, consoleOrder, consoleReady } from "./console.ts";
import { until } from "./heard.ts";
import { canContain, type HeardLauncher, LaunchRoom, runtimes } from "./launch.rig.ts";
import type { Launcher } from "./launcher.ts";

const window = { rows: 30, columns: 100 };
/** Programs for terminals, as every container has them that stands on busybox. */
const shell = "/bin/sh";

let room: LaunchRoom;
let inputs: ConsoleInput[];
beforeEach(() => {
  room = new LaunchRoom();
  inputs = [];
  mkdirSync(room.path("tty"), { mode: 0o700 });
});
afterEach(async () => {
  for (const input of inputs) input.close();
  await room.clear();
});

describe("the terminal of a process", () => {
  test("is that of its session, has the size that was wished for, and shows all", async () => {
    const { heard } = await start("tty; stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo three; echo >/dev/tty own");
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 0 });
    await heard.exit("console");
    expect(shown()).toMatch(/^\/dev\/pts\/\d+\n30 100\nthree\nown\n$/);
    expect(readdirSync(room.path("tty"))).toEqual(["console.log"]);
  });

  test("echoes what is typed, and takes its end of file", async () => {
    const { heard, input } = await start("cat; echo bye; exit 3");
    await input.write(Buffer.from("hello\n"));
    await until(() => shown() === "hello\nhello\n");
    input.end();
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 3 << 8 });
    await heard.exit("console");
    expect(shown()).toBe("hello\nhello\nbye\n");
  });

  test("knows another character for the end of file", async () => {
    const { heard, input } = await start("stty eof ^E; echo set; cat; echo bye");
    await until(() => shown() === "set\n");
    input.end();
    await heard.exit("a");
    await heard.exit("console");
    expect(shown()).toContain("bye\n");
  });

  test("changes its size, and tells who is in it", async () => {
    const { heard, input } = await start("trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.02; done");
    await until(() => shown() === "ready\n");
    input.resize({ rows: 7, columns: 33 });
    await heard.exit("a");
    await heard.exit("console");
    expect(shown()).toBe("ready\n7 33\n");
  });

  test("sends the signals of its keys", async () => {
    const { heard, input } = await start("echo ready; exec sleep 1000");
    await until(() => shown() === "ready\n");
    await input.write(Buffer.of(3));
    expect(await heard.exit("a")).toMatchObject({ waitStatus: 2 });
  });

  test("loses nothing of much that is shown at once", async () => {
    const { heard } = await start("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
    await heard.exit("a");
    await heard.exit("console");
    expect(shown()).toBe(Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join(""));
  });

  test("takes much that is typed, as fast as it is read", async () => {
    const { heard, input } = await start("stty raw -echo; echo ready; head -c 3000000 | cksum");
    await until(() => shown().includes("ready"));
    const bytes = Buffer.alloc(3_000_000, "0123456789");
    await input.write(bytes);
    await heard.exit("a");
    await heard.exit("console");
    expect(shown()).toMatch(/ 3000000/);
  });

  test("has one writer at a time: a new one takes the place of the old, and each is heard", async () => {
    const { heard, input } = await start("cat");
    await input.write(Buffer.from("first\n"));
    await until(() => shown() === "first\nfirst\n");
    const other = new ConsoleInput(room.path("tty"));
    inputs.push(other);
    await other.write(Buffer.from("second\n"));
    await until(() => shown().endsWith("second\nsecond\n"));
    await until(async () => {
      // The old one notices that it has been replaced, and comes back.
      await input.write(Buffer.from("third\n"));
      return shown().includes("third\nthird\n");
    });
    input.end();
    await heard.exit("a");
  });

  test("outlives the agent and its launcher", async () => {
    const { launcher } = await start("cat; echo bye");
    await room.killLauncher(launcher);
    const next = await room.open();
    const input = new ConsoleInput(room.path("tty"));
    inputs.push(input);
    await input.write(Buffer.from("hello\n"));
    await until(() => shown() === "hello\nhello\n");
    input.end();
    await next.heard.exit("a");
    await next.heard.exit("console");
    expect(shown()).toBe("hello\nhello\nbye\n");
  });

  test("that is gone drops what is typed", async () => {
    const { heard, input } = await start("exit 0");
    await heard.exit("console");
    await input.write(Buffer.from("nobody"));
    input.end();
    input.resize(window);
    await input.write(Buffer.from("nobody"));
  });

  test("keeps what it shows near a bound", async () => {
    const { heard } = await start("i=0; while [ $i -lt 50000 ]; do echo line $i; i=$((i+1)); done; sleep 2", {
      rotation: { maxBytes: 65536, keep: 1 },
    });
    await until(() => room.read("stdout.1").length > 0);
    await heard.exit("a");
    await heard.exit("console");
    expect(shown().endsWith("line 49999\n")).toBe(true);
  });
});

const none = process.env["CI"] !== "true" && (!canContain || runtimes.length === 0);

describe.skipIf(none).each(runtimes)("the terminal of a container of %s", (runtime) => {
  test("comes over its console socket, shows, echoes, changes its size and ends", async () => {
    const { launcher, heard } = await room.open();
    const a = room.id("a");
    launcher.spawn(consoleOrder(consoleOptions("socket")));
    const console = await consoleReady(room.path("tty"), "socket");
    const more = { stdout: room.path("runtime.log") };
    const script = "stty size; trap 'stty size' WINCH; echo ready; cat; cat; echo bye; exit 3";
    launcher.spawn(room.container(a, runtime, ["sh", "-c", script], { console, more }));
    await heard.started(a);
    const input: ContainerInput = typist();
    await until(() => shown().includes("30 100\nready\n"));
    await input.write(Buffer.from("hello\n"));
    await until(() => shown().endsWith("hello\nhello\n"));
    input.resize({ rows: 7, columns: 33 });
    input.end();
    await until(() => shown().includes("7 33\n"));
    input.end();
    expect(await heard.exit(a)).toMatchObject({ waitStatus: 3 << 8 });
    await heard.exit("console");
    expect(shown().endsWith("bye\n")).toBe(true);
    expect(readdirSync(room.path("tty"))).toEqual(["console.log"]);
  });
});

async function start(
  script: string,
  more: Partial<ConsoleOptions> = {},
): Promise<{ launcher: Launcher; heard: HeardLauncher; input: ConsoleInput }> {
  const { launcher, heard } = await room.open();
  launcher.spawn(consoleOrder({ ...consoleOptions("pts"), ...more }));
  const pts = await consoleReady(room.path("tty"), "pts");
  const three = { stdin: pts, stdout: pts, stderr: pts, terminal: true };
  launcher.spawn(room.order("a", "", { file: shell, argv: ["sh", "-c", script], ...three }));
  await heard.started("a");
  return { launcher, heard, input: typist() };
}

function typist(): ConsoleInput {
  const input = new ConsoleInput(room.path("tty"));
  inputs.push(input);
  return input;
}

function consoleOptions(mode: "pts" | "socket"): ConsoleOptions {
  const rotation = { maxBytes: 10 << 20, keep: 1 };
  return { id: "console", dir: room.path("tty"), window, mode, output: room.path("stdout"), rotation };
}

function shown(): string {
  try {
    return readFileSync(room.path("stdout"), "utf8").replaceAll("\r\n", "\n");
  } catch {
    return "";
  }
}
