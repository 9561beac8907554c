// The command line against a real cluster: every verb, the exit codes, and what people read.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MESETA, meseta, RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 30_000, interval: 50 };

let cluster: RunningCluster;
beforeAll(async () => {
  cluster = await RunningCluster.start([
    "--agents",
    "2",
    "--resources",
    "cpus:4;mem:4096;disk:4096;ports:[31000-31099]",
  ]);
});
afterAll(() => cluster.remove());

const run = (...args: string[]) => meseta(cluster, ...args);
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).out);

/** A task that runs until it is killed, in the background; resolves when it runs. */
async function background(name: string): Promise<{ child: ReturnType<typeof spawn>; id: string }> {
  const env = { ...process.env, MESETA_MASTER: cluster.ready.master, NO_COLOR: "1" };
  const child = spawn(MESETA, ["run", "--name", name, "echo one; echo two; echo three >&2; sleep 1000"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const id = async () =>
    (await run("task", "list", "-q", "--filter", `task=${name}*`, "--filter", "state=running")).out.trim();
  return {
    child,
    id: await vi.waitFor(async () => (await id()) || Promise.reject(new Error(`${name} does not run`)), SLOW),
  };
}

describe("run", () => {
  it("prints the task's output and exits with its code", async () => {
    const { code, out, err } = await run("run", "echo hello; echo oops >&2; exit 3");
    expect([code, out]).toEqual([3, "hello\n"]);
    expect(err).toContain("oops\n");
    expect(err).toMatch(/✗ echo\.[a-z-]+ failed after .*: Command exited with status 3/);
  });

  it("tells apart a missing program, a signal, and words that are kept whole", async () => {
    expect((await run("run", "no-such-program-anywhere")).code).toBe(127);
    expect((await run("run", "kill -9 $$")).code).toBe(137);
    expect((await run("run", "printf", "%s|", "a b", "it's")).out).toBe("a b|it's|");
  });

  it("gives instances their own ports and labels their lines", async () => {
    const { code, out } = await run("run", "--instances", "3", "--ports", "1", "-e", "X=y", "echo $X $PORT0");
    expect(code).toBe(0);
    const lines = out.trim().split("\n");
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^[a-z-]+ \| y 310\d\d$/);
  });

  it("runs a task group, whose failing member ends the others", async () => {
    const task = (id: string, value: string) => ({
      task_id: { value: id },
      resources: [
        { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
        { name: "mem", type: "SCALAR", scalar: { value: 32 } },
      ],
      command: { value },
    });
    const file = join(cluster.dir, "pod.json");
    writeFileSync(
      file,
      JSON.stringify({ tasks: [task("a", "echo from a; sleep 1000"), task("b", "sleep 1; exit 5")] }),
    );
    const { code, out } = await run("run", "--task-group", file);
    expect(code).toBe(5);
    expect(out).toContain("| from a\n");
  });

  it("says what is short when there is no room, and exits with 125", async () => {
    const { code, err } = await run("run", "--cpus", "50", "--timeout", "2s", "true");
    expect(code).toBe(125);
    expect(err).toContain("code: not-placed");
    expect(err).toContain("cpus 50 wanted, the largest offer has cpus 4");
  });

  it("kills its tasks on Ctrl-C, says so, and exits with 130", async () => {
    const { child, id } = await background("interrupted");
    const said: Buffer[] = [];
    child.stderr!.on("data", (bytes) => said.push(bytes));
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    expect(code).toBe(130);
    expect(Buffer.concat(said).toString()).toContain("killing 1 task");
    expect(await json("task", "show", id)).toMatchObject({ state: "TASK_KILLED" });
  });

  it("says what cannot be run at all, with 126", async () => {
    const { code, err } = await run("run", "--user", "no-such-user-here", "true");
    expect([code, err]).toEqual([126, expect.stringContaining("code: task-not-runnable")]);
  });

  it("finds no cluster: 125, with the four lines", async () => {
    const { code, err } = await run("run", "--master", "http://127.0.0.1:1", "true");
    expect(code).toBe(125);
    expect(err).toContain("✗ cannot reach a master of the cluster");
    expect(err).toContain("  try   meseta up");
  });
});

describe("a running task", () => {
  let task: Awaited<ReturnType<typeof background>>;
  beforeAll(async () => {
    task = await background("server");
  });
  afterAll(() => void task.child.kill("SIGKILL"));

  it("is listed, shown and logged, also by a beginning of its name", async () => {
    expect((await run("ps")).out).toContain("● running");
    expect((await run("task", "show", "server")).out).toMatch(/History\nTIME +STATE/);
    await expect.poll(async () => (await run("task", "log", "server")).out, SLOW).toBe("one\ntwo\n");
    expect((await run("logs", "-n", "1", task.id)).out).toBe("two\n");
    expect((await run("task", "log", "server", "stderr")).out).toBe("three\n");
  });

  it("has a sandbox whose files can be listed and printed", async () => {
    const { agent_id: agent } = await json("task", "show", task.id);
    const sandbox = /Sandbox +(\S+)/.exec((await run("task", "show", task.id)).out)![1]!;
    expect((await run("files", "ls", sandbox, "--node", agent.value, "--no-header")).out).toContain("stdout");
    expect((await run("files", "cat", `${sandbox}/stdout`, "--node", agent.value)).out).toBe("one\ntwo\n");
    const missing = await run("files", "cat", `${sandbox}/nope`, "--node", agent.value);
    expect([missing.code, missing.err]).toEqual([4, expect.stringContaining("code: no-file")]);
    expect((await run("container", "list", agent.value, "-o", "wide")).out).toContain(task.id);
  });

  it("can have a command beside it, whose code is passed on", async () => {
    const { code, out, err } = await run("exec", "server", "echo beside; echo oops >&2; exit 4");
    expect([code, out, err]).toEqual([4, "beside\n", "oops\n"]);
    expect((await run("task", "exec", "server", "--", "printf", "%s", "a b")).out).toBe("a b");
  });

  it("has a framework that can be shown and explained", async () => {
    expect((await run("framework", "show", "run-server")).out).toContain(task.id);
    expect((await run("framework", "explain", "run-server")).out).toContain("Role *: 2 nodes looked at");
    expect(await json("framework", "explain", "run-server")).toMatchObject({ connection: "connected" });
  });

  it("is killed by name, after a yes only", async () => {
    const asked = await run("task", "kill", task.id);
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining("code: confirm-first")]);
    const exit = once(task.child, "close");
    expect((await run("task", "kill", task.id, "--yes")).code).toBe(0);
    expect((await exit)[0]).toBe(143);
    expect((await run("stop", task.id, "--yes")).err).toContain("had ended already");
  });
});

describe("nodes", () => {
  it("are listed in every form, and filtered", async () => {
    expect((await run("node", "list")).out.split("\n")[0]).toMatch(/^NODE +HOST +STATE +CPUS/);
    const [first] = await json("node", "list");
    expect(first.agent_info.id.value).toMatch(/-S\d$/);
    expect(
      (await run("node", "list", "-o", "{{agent_info.port}}", "--sort", "node")).out.trim().split("\n"),
    ).toHaveLength(2);
    expect((await run("node", "list", "-o", "yaml")).out).toContain("- agent_info:\n");
    expect((await run("node", "list", "--filter", "state=draining", "-q")).out).toBe("");
  });

  it("are drained and activated again", async () => {
    const { code, err } = await run("node", "drain", "S0", "--yes", "--timeout", "20s");
    expect(code).toBe(0);
    expect(err).toContain("○ S0 drained");
    expect((await run("node", "show", "S0")).out).toContain("○ drained");
    expect((await run("node", "activate", "S0")).code).toBe(0);
    expect((await run("node", "deactivate", "S0")).code).toBe(0);
    expect((await json("node", "list", "--filter", "state=deactivated"))[0].deactivated).toBe(true);
    expect((await run("node", "activate", "S0")).code).toBe(0);
  });

  it("run containers that belong to no framework", async () => {
    const go = join(cluster.dir, "go");
    const shell = `while [ ! -e ${go} ]; do sleep 0.05; done; exit 6`;
    const id = (await run("container", "launch", "S0", shell)).out.trim();
    expect((await run("container", "list", "S0")).out).toContain(id);
    writeFileSync(go, "");
    expect((await run("container", "wait", "S0", id)).code).toBe(6);
    expect((await run("container", "list", "S0")).out).not.toContain(id);
    expect((await run("container", "wait", "S0", id)).code).toBe(6);
    expect((await run("container", "rm", "S0", id, "--yes")).code).toBe(0);
    const gone = await run("container", "wait", "S0", id);
    expect([gone.code, gone.err]).toEqual([4, expect.stringContaining("code: not-found")]);
    const other = (await run("container", "launch", "S0", "sleep", "1000")).out.trim();
    expect((await run("container", "kill", "S0", other.slice(0, 8), "--yes")).code).toBe(0);
    expect((await run("state", "--node", "S0")).out).toContain("tasks.launched_tasks");
  });

  it("that do not exist are 4, with the nearest name", async () => {
    const { code, err } = await run("node", "show", "S7");
    expect(code).toBe(4);
    expect(err).toMatch(/why {3}did you mean S\d\?/);
  });
});

describe("resources", () => {
  it("are reserved, made into volumes, grown, shrunk, and given back", async () => {
    const steps: string[][] = [
      ["reserve", "S1", "cpus:1;disk:500", "--role", "db"],
      ["volume", "create", "S1", "v1", "100", "--role", "db", "--path", "data"],
      ["volume", "grow", "v1", "50"],
      ["volume", "shrink", "v1", "20", "--yes"],
    ];
    for (const step of steps) expect((await run(...step)).err, step.join(" ")).not.toContain("✗");
    expect((await json("volume", "list"))[0]).toMatchObject({ id: "v1", resource: { scalar: { value: 130 } } });
    expect((await run("node", "show", "S1")).out).toMatch(/Reserved for db +cpus:1;disk:500/);
    expect((await run("volume", "destroy", "v1", "--yes")).code).toBe(0);
    expect((await run("unreserve", "S1", "cpus:1;disk:500", "--role", "db", "--yes")).code).toBe(0);
    expect((await run("reserve", "S1", "cpus:100", "--role", "db")).code).toBe(6);
    expect((await run("operation", "list")).code).toBe(0);
  });

  it("have quota and weights", async () => {
    expect((await run("quota", "set", "dev", "--guarantee", "cpus:1")).code).toBe(0);
    expect((await run("quota", "set", "dev", "--limit", "cpus:2;mem:512")).code).toBe(0);
    expect((await run("quota", "list", "--no-header")).out).toBe("dev  cpus:1  cpus:2;mem:512\n");
    expect((await run("quota", "rm", "dev", "--yes")).code).toBe(0);
    expect((await run("quota", "rm", "dev", "--yes")).code).toBe(4);
    expect((await run("weight", "set", "prod", "2.5")).code).toBe(0);
    expect(await json("weight", "list")).toEqual([{ weight: 2.5, role: "prod" }]);
    expect((await run("role", "list")).out).toContain("prod");
  });
});

describe("the cluster", () => {
  it("has a page of its own, and every part of it is healthy", async () => {
    expect(await json("status")).toMatchObject({ nodes: { all: 2, active: 2 } });
    expect((await run("status")).out).toContain("2 of 2 active");
    expect((await run("health")).code).toBe(0);
    expect((await run("version")).out).toMatch(/^Meseta +\d/);
  });

  it("plans maintenance and takes it off the plan", async () => {
    expect((await run("maintenance", "schedule", "far.local/10.9.9.9", "--in", "1h", "--for", "30m")).code).toBe(0);
    expect((await run("maintenance", "show", "--no-header")).out).toMatch(
      /^far\.local\/10\.9\.9\.9 +◐ planned +in 59m +30m/,
    );
    expect((await run("maintenance", "start", "far.local/10.9.9.9", "--yes")).code).toBe(0);
    expect((await run("maintenance", "show", "--no-header")).out).toContain("○ down");
    expect((await run("maintenance", "stop", "far.local/10.9.9.9")).code).toBe(0);
    expect((await run("maintenance", "show")).out).toBe("");
  });

  it("tells settings, measurements and log levels of masters and agents", async () => {
    expect((await run("flags")).out).toContain("offer_timeout");
    expect((await run("flags", "--node", "S0")).out).toContain("recovery_timeout");
    expect((await run("metrics", "master/elected", "--no-header")).out).toBe("master/elected  1\n");
    expect((await run("logging", "set", "1", "--for", "1s")).code).toBe(0);
    expect((await run("logging", "show")).out).toMatch(/of 3/);
    expect((await run("executor", "list")).code).toBe(0);
  });

  it("tells what happens as events", async () => {
    expect((await run("events")).out).toMatch(/● active +node S0/);
    const env = { ...process.env, MESETA_MASTER: cluster.ready.master };
    const child = spawn(MESETA, ["events", "-f", "--json"], { env, stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout!.on("data", (bytes) => (text += bytes));
    await expect.poll(() => text, SLOW).toContain("SUBSCRIBED");
    await run("run", "--name", "seen", "true");
    await expect.poll(() => text, SLOW).toMatch(/"TASK_UPDATED".*TASK_FINISHED/);
    for (const line of text.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("type");
    child.kill("SIGKILL");
  });

  it("ends a framework with its tasks", async () => {
    const { child, id } = await background("doomed");
    const exit = once(child, "close");
    expect((await run("framework", "teardown", "run-doomed", "--yes")).err).toContain("with 1 task");
    expect((await exit)[0]).toBe(125);
    expect(await json("task", "show", id)).toMatchObject({ state: "TASK_KILLED" });
  });
});

it("what cannot be understood is 2, and names the nearest", async () => {
  const { code, err } = await run("nodd", "list");
  expect([code, err]).toEqual([2, expect.stringContaining("did you mean `node`?")]);
});

it("completes commands and live names", async () => {
  expect((await run("complete", "node", "dr")).out).toBe("drain\n");
  expect((await run("complete", "node", "show", "")).out.trim().split("\n").sort()).toEqual(["S0", "S1"]);
  expect((await run("completion", "bash")).out).toContain("complete -o default -F _meseta meseta");
});
