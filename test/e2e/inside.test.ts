// What users type to look into running tasks: exec, attach, files, figures. The tasks are plain processes.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MESETA, meseta, RunningCluster } from "./local-cluster.ts";
import { PseudoTerminal } from "./pseudo-terminal.ts";

const SLOW = { timeout: 30_000, interval: 50 };
/** A prompt of a shell, root's or not. */
const PROMPT = /[#$] $/;

let cluster: RunningCluster;
let env: NodeJS.ProcessEnv;
let task: string;
const background: ChildProcess[] = [];

beforeAll(async () => {
  cluster = await RunningCluster.start();
  env = { ...process.env, MESETA_MASTER: cluster.ready.master, NO_COLOR: "1", TERM: "xterm", PS1: "# " };
  const script = "mkdir -p conf/deep; echo a=1 > conf/deep/app.ini; ln -s /etc/passwd conf/out; echo ready; sleep 1000";
  task = await started("server", ["run", "--name", "server", script]);
});
afterAll(async () => {
  for (const child of background) child.kill("SIGKILL");
  await cluster.remove();
});

const run = (...args: string[]) => meseta(cluster, ...args);

/** Starts `meseta run` in the background; resolves with the task's id when it runs. */
async function started(name: string, args: readonly string[]): Promise<string> {
  background.push(spawn(MESETA, args, { env, stdio: "ignore" }));
  const found = async () =>
    (await run("task", "list", "-q", "--filter", `task=${name}*`, "--filter", "state=running")).out.trim();
  return vi.waitFor(async () => (await found()) || Promise.reject(new Error(`${name} does not run`)), SLOW);
}

/** Runs the command line with this on its stdin. */
async function piped(input: string | Buffer, ...args: string[]): Promise<{ code: number; out: Buffer; err: string }> {
  const child = spawn(MESETA, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (bytes) => out.push(bytes));
  child.stderr.on("data", (bytes) => err.push(bytes));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, out: Buffer.concat(out), err: Buffer.concat(err).toString() };
}

const terminal = (...args: string[]) => new PseudoTerminal([MESETA, ...args], env, 30, 90);

describe("exec", () => {
  it("passes on what is piped in, and the code that comes out", async () => {
    expect(await piped("hi", "task", "exec", "-i", task, "--", "cat")).toMatchObject({
      code: 0,
      out: Buffer.from("hi"),
    });
    expect(await piped("one\ntwo\n", "exec", "-i", task, "wc -l; exit 9")).toMatchObject({ code: 9 });
  });

  it("passes megabytes both ways, byte by byte as they were", async () => {
    const sent = Buffer.alloc(3 * 1024 * 1024);
    for (let i = 0; i < sent.length; i++) sent[i] = (i * 7 + (i >> 8)) % 256;
    const { code, out } = await piped(sent, "exec", "-i", task, "--", "cat");
    expect([code, out.length, out.equals(sent)]).toEqual([0, sent.length, true]);
  });

  it("has no input without -i", async () => {
    expect(await piped("lost", "exec", task, "cat; echo end")).toMatchObject({ code: 0, out: Buffer.from("end\n") });
  });

  it("takes variables, and tells apart what does not exist", async () => {
    expect((await run("exec", "-e", "A=b c", task, "echo $A")).out).toBe("b c\n");
    const missing = await run("exec", task, "no-such-program");
    expect([missing.code, missing.err]).toEqual([127, expect.stringContaining("code: command-not-runnable")]);
    expect((await run("exec", task, "kill -9 $$")).code).toBe(137);
    expect((await run("exec", "no-such-task", "true")).code).toBe(125);
  });

  it("passes a signal on to the command", async () => {
    const child = spawn(
      MESETA,
      ["exec", task, "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done"],
      {
        env,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let said = "";
    child.stdout.on("data", (bytes) => {
      if (!said.includes("ready") && (said + bytes).includes("ready")) child.kill("SIGINT");
      said += bytes;
    });
    expect((await once(child, "close"))[0]).toBe(5);
    expect(said).toBe("ready\ncaught\n");
  });

  it("gives a shell a terminal: its size follows, keys pass, and what was before is as before", async () => {
    const at = terminal("task", "exec", "-it", task, "--", "sh");
    await at.until(PROMPT);
    await at.untilRaw();
    at.type("echo $TERM; stty size\n");
    await at.until("xterm\r\n30 90");
    at.resize(50, 120);
    // The new size travels on its own way, so the shell asks until it is there.
    at.type('until [ "$(stty size)" = \'50 120\' ]; do sleep 0.05; done; echo as "large"\n');
    await at.until(/as large\r\n[#$] $/);
    // Only when the program itself has said so does the key go to it and not to the shell that is about to start it.
    at.type("sh -c 'echo be\"gins\"; exec sleep 1000'\n");
    await at.until("begins\r\n");
    at.type("\x03");
    await at.until(PROMPT);
    at.type("(exit 7)\n");
    await at.until(PROMPT);
    at.type("\x04");
    expect(await at.ended).toBe(7);
  });

  it("ends its command when the terminal hangs up", async () => {
    const at = terminal("task", "exec", "-it", task, "--", "sh", "-c", "echo $$ is my pid; sleep 1000");
    await at.until(" is my pid");
    at.close();
    await at.ended;
    await expect.poll(async () => (await run("exec", task, "ps ax | grep -c '[m]y pid'")).out.trim(), SLOW).toBe("0");
  });

  it("wants a terminal for -it", async () => {
    const { code, err } = await piped("", "exec", "-it", task, "sh");
    expect([code, err]).toEqual([125, expect.stringContaining("code: usage")]);
  });
});

describe("a task with a terminal", () => {
  it("is typed into by run -it, which ends with its code", async () => {
    const at = terminal("run", "-it", "--name", "mine", "echo hello; exec sh");
    await at.until("hello\r\n");
    await at.until(PROMPT);
    at.type("stty size; exit 3\n");
    await at.until("30 90");
    expect(await at.ended).toBe(3);
  });

  it("is left by Ctrl-P Ctrl-Q and taken up again by attach", async () => {
    const id = await started("left", ["run", "-t", "--name", "left", "sh"]);
    const first = terminal("task", "attach", "-i", id);
    await first.untilRaw();
    first.type("A=41\n");
    await first.until("A=41");
    first.type("\x10\x11");
    await first.until("runs on");
    expect(await first.ended).toBe(0);
    const second = terminal("task", "attach", "-i", id);
    await second.untilRaw();
    second.type("echo $((A + 1)); exit 4\n");
    await second.until("42");
    expect(await second.ended).toBe(4);
  });

  it("needs one to be typed into", async () => {
    const { code, err } = await piped("x", "task", "attach", "-i", task);
    expect([code, err]).toEqual([125, expect.stringContaining("code: not-interactive")]);
  });
});

describe("files and figures", () => {
  it("lists the sandbox, and never what is outside", async () => {
    expect((await run("task", "ls", task, "-q")).out.split("\n")).toContain("stdout");
    expect((await run("task", "ls", task, "conf/deep", "-q")).out).toBe("conf/deep/app.ini\n");
    expect((await run("task", "ls", task, "../../../conf", "-q")).out).toContain("conf/deep");
    expect((await run("task", "ls", task, "nope")).code).toBe(4);
  });

  it("downloads a file, and a folder without what leads out of it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "download-"));
    try {
      const one = await run("task", "download", task, "conf/deep/app.ini", join(dir, "own.ini"));
      expect([one.code, readFileSync(join(dir, "own.ini"), "utf8")]).toEqual([0, "a=1\n"]);
      const all = await run("task", "download", task, ".", join(dir, "all"));
      expect([all.code, all.err]).toEqual([0, expect.stringContaining("◐ conf/out is left out")]);
      expect(readFileSync(join(dir, "all/conf/deep/app.ini"), "utf8")).toBe("a=1\n");
      expect(existsSync(join(dir, "all/conf/out"))).toBe(false);
      expect(readdirSync(dir).sort()).toEqual(["all", "own.ini"]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("tells what tasks use", async () => {
    expect((await run("task", "stats", "--no-header")).out).toMatch(new RegExp(`^${task} +[\\d.]+ +`));
    const [usage] = JSON.parse((await run("task", "stats", task, "--json")).out);
    expect(usage).toMatchObject({ task_id: task, statistics: { mem_limit_bytes: 160 * 1024 * 1024 } });
  });
});
