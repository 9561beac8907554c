// The same commands for containers with an image of their own: what is looked into is set apart from the machine.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { boxImage } from "../box-image.ts";
import { MESETA, meseta, RunningCluster } from "./local-cluster.ts";
import { PseudoTerminal } from "./pseudo-terminal.ts";

const SLOW = { timeout: 60_000, interval: 50 };
/** The cursor is asked for its place behind it. */
const PROMPT = "# \x1b[6n";

let cluster: RunningCluster;
let dir: string;
let image: string;
let env: NodeJS.ProcessEnv;
let background: ChildProcess;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "meseta-inside-image-"));
  image = boxImage(join(dir, "image"));
  cluster = await RunningCluster.start(["--agents", "1"]);
  env = { ...process.env, MESETA_MASTER: cluster.ready.master, NO_COLOR: "1", TERM: "xterm" };
  mkdirSync(join(dir, "shared"));
  writeFileSync(join(dir, "shared/file"), "of the node\n");
  const script = "echo mine > own; sleep 1000";
  const words = [
    "run",
    "--name",
    "box",
    "--image",
    image,
    "-e",
    "A=task",
    "-v",
    `${join(dir, "shared")}:/shared:ro`,
    script,
  ];
  background = spawn(MESETA, words, { env, stdio: "ignore" });
  const running = async () => (await run("task", "list", "-q", "--filter", "state=running")).out.trim();
  await vi.waitFor(async () => (await running()) || Promise.reject(new Error("it does not run")), SLOW);
});
afterAll(async () => {
  background.kill("SIGKILL");
  await cluster.remove();
  rmSync(dir, { recursive: true });
});

const run = (...args: string[]) => meseta(cluster, ...args);
const terminal = (...args: string[]) => new PseudoTerminal([MESETA, ...args], env, 30, 90);

it("a command runs as its image says, with the words that it is given, or by a shell", async () => {
  expect((await run("run", "--image", image)).out).toBe("as the image says\n");
  expect((await run("run", "--image", image, "--", "echo", "a  b")).out).toBe("a  b\n");
  expect((await run("run", "--image", image, "echo $FROM; exit 3")).out).toBe("image\n");
  expect((await run("run", "--image", image, "--user", "plain", "-w", "/tmp", "id -u")).out).toBe("1000\n");
  expect((await run("run", "--image", image, "--entrypoint", "cat", "/etc/passwd")).out).toContain("plain:");
});

it("what cannot be had is told with its reason, and is 126 or 127", async () => {
  const missing = await run("run", "--image", `oci:${dir}/nowhere:box`, "true");
  expect([missing.code, missing.err]).toEqual([126, expect.stringContaining("cannot be had")]);
  const refused = await run("run", "--image", image, "--privileged", "true");
  expect([refused.code, refused.err]).toEqual([126, expect.stringContaining("gives no container all rights")]);
});

it("exec sees what the task sees, and takes what is piped into it", async () => {
  const { out } = await run("exec", "box", "cat /shared/file; echo $A $FROM; ls /; ps");
  expect(out).toContain("of the node\ntask image\n");
  expect(out).not.toContain("home");
  expect(out).toMatch(/\n +1 root +/);
  expect((await run("exec", "-u", "plain", "box", "id", "-u")).out).toBe("1000\n");
  expect((await run("exec", "box", "no-such-program")).code).toBe(127);
  const child = spawn(MESETA, ["exec", "-i", "box", "--", "cat"], { env, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end("piped");
  const [said] = await Promise.all([once(child.stdout, "data"), once(child, "close")]);
  expect(String(said[0])).toBe("piped");
});

it("a shell inside has a terminal of its own size, and its own code", async () => {
  const at = terminal("task", "exec", "-it", "box", "--", "sh");
  await at.until(PROMPT);
  await at.untilRaw();
  at.type("stty size\n");
  await at.until("30 90");
  await at.until(PROMPT);
  at.resize(50, 120);
  at.type('until [ "$(stty size)" = \'50 120\' ]; do sleep 0.05; done; echo as "large"\n');
  await at.until("as large\r\n");
  await at.until(PROMPT);
  at.type("exit 7\n");
  expect(await at.ended).toBe(7);
});

it("run -it is a shell in a container", async () => {
  const at = terminal("run", "-it", "--image", image, "sh");
  await at.until(PROMPT);
  at.type("stty size; exit 4\n");
  await at.until("30 90");
  expect(await at.ended).toBe(4);
});

it("the sandbox of a container is listed and downloaded, and its figures are told", async () => {
  await expect.poll(async () => (await run("task", "ls", "box", "-q")).out.split("\n"), SLOW).toContain("own");
  expect((await run("task", "download", "box", "own", join(dir, "copy"))).code).toBe(0);
  expect(readFileSync(join(dir, "copy"), "utf8")).toBe("mine\n");
  const [usage] = JSON.parse((await run("task", "stats", "box", "--json")).out);
  expect(usage.statistics.processes).toBeGreaterThan(0);
});

it("a port that is published is reached at the node, on the port that the task is told", async () => {
  const script = "echo at $PORT_80; echo hello | nc -l -p 80";
  const child = spawn(MESETA, ["run", "--image", image, "-p", "80", script], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(/at (\d+)/.exec(first.toString())![1]);
  const { connect } = await import("node:net");
  const answer = async () => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return text;
  };
  await expect.poll(() => answer().catch(() => ""), SLOW).toBe("hello\n");
  child.kill("SIGINT");
  await once(child, "close");
});

it("an operator's container runs in an image, with a volume and variables, and as the image says", async () => {
  const volume = `${join(dir, "shared")}:/shared:ro`;
  const shell = 'test "$A$FROM" = mineimage && cat /shared/file >&2 && exit 5';
  const words = ["--image", image, "-e", "A=mine", "-v", volume, "S0", "--", "sh", "-c", shell];
  const launched = await run("container", "launch", ...words);
  expect((await run("container", "wait", "S0", launched.out.trim())).code).toBe(5);
  const asItSays = await run("container", "launch", "--image", image, "S0");
  expect((await run("container", "wait", "S0", asItSays.out.trim())).code).toBe(0);
  expect((await run("container", "launch", "S0")).err).toContain("or an --image that names one");
});
