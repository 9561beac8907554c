// `meseta job` against a real cluster: every verb, the exit codes, and what people read.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MESETA, meseta, RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 60_000, interval: 50 };

let cluster: RunningCluster;
beforeAll(async () => {
  cluster = await RunningCluster.start(["--agents", "1", "--no-init"]);
});
afterAll(() => cluster.remove());

const run = (...args: string[]) => meseta(cluster, "job", ...args);
const json = async (...args: string[]) => JSON.parse((await run(...args, "-o", "json")).out);

/** Writes a definition and gives its path. */
function file(definition: object): string {
  const path = join(cluster.dir, `definition-${Object.values(definition)[0]}.json`);
  writeFileSync(path, JSON.stringify(definition));
  return path;
}

const NIGHTLY = { id: "nightly", cron: "30 2 * * *", timezone: "Europe/Berlin" };
const SMALL = { cpus: 0.1, mem: 32 };
const backup = { id: "backup", run: { ...SMALL, cmd: "echo dumped" }, schedules: [NIGHTLY] };
const stuck = { id: "stuck", run: { ...SMALL, cmd: "echo begun; exec sleep 100000" } };

describe("a job", () => {
  it("is tried out without being made", async () => {
    const { code, out, err } = await run("add", file({ ...backup, descripton: "nightly" }), "--dry-run");
    expect(err).toBe('"descripton" was left aside: did you mean "description"?\n');
    const [words, ...firings] = out.trim().split("\n");
    expect([code, words, firings.length]).toEqual([0, "every day at 02:30 Europe/Berlin", 10]);
    for (const firing of firings) expect(firing).toMatch(/^ {2}\d{4}-\d\d-\d\d {2}02:30:00\+0[12]:00$/);
    expect(await json("list")).toEqual([]);
  });

  it("is added once, and replaced only when that is said", async () => {
    expect(await run("add", file(backup))).toMatchObject({
      code: 0,
      err: expect.stringContaining("● job backup is added. It runs in "),
    });
    expect(await run("add", file(backup))).toMatchObject({ code: 6, err: expect.stringContaining("code: job-exists") });
    const again = { ...backup, description: "again" };
    expect((await run("add", file(again), "--replace")).code).toBe(0);
    expect(await json("show", "backup")).toMatchObject({ id: "backup", description: "again", schedules: [NIGHTLY] });
  });

  it("is listed, shown and explained, also by a beginning of its id", async () => {
    expect((await run("list", "-q")).out).toBe("backup\n");
    expect((await run("show", "back")).out).toMatch(/Schedule +30 2 \* \* \* Europe\/Berlin/);
    expect((await run("explain", "backup")).out).toMatch(/^backup {2}scheduled\n.* next at \S+T02:30:00/);
    expect((await meseta(cluster, "complete", "job", "show", "b")).out).toBe("backup\n");
  });

  it("that is paused is told as paused, promises no firing, and runs by hand", async () => {
    expect((await run("pause", "backup")).code).toBe(0);
    const { out } = await run("explain", "backup");
    expect(out).toMatch(/^backup {2}paused\n/);
    expect(out).not.toContain("; next at");
    expect((await run("list", "--filter", "state=paused", "-q")).out).toBe("backup\n");
    expect((await run("run", "backup")).code).toBe(0);
    expect((await run("resume", "backup")).code).toBe(0);
    expect((await run("explain", "backup")).out).toMatch(/^backup {2}scheduled\n/);
  });

  it("that follows another one stands behind it in the graph", async () => {
    await run("add", file({ id: "report", run: backup.run, dependencies: [{ id: "backup" }] }));
    expect((await run("graph")).out).toMatch(/backup.*report/s);
    expect((await run("graph", "--dot")).out).toContain('"backup" -> "report"');
    expect((await run("explain", "report")).out).toMatch(/^report {2}follows\n.*backup/);
    expect(await run("rm", "backup", "--yes")).toMatchObject({
      code: 6,
      err: expect.stringContaining("Other jobs depend on this one: report"),
    });
    expect((await run("rm", "report", "--yes")).code).toBe(0);
  });
});

describe("a run", () => {
  it("is followed to its end, whose outcome is the exit code", async () => {
    const well = await run("run", "backup");
    expect([well.code, well.err]).toEqual([0, expect.stringContaining("○ succeeded")]);
    await run(
      "add",
      file({ name: "broken", command: "echo oops >&2; exit 3", retries: 0, schedule: "R0//P1D", ...SMALL }),
    );
    const badly = await run("run", "broken");
    expect([badly.code, badly.err]).toEqual([1, expect.stringContaining("Command exited with status 3")]);
    expect((await run("log", "broken", "--file", "stderr")).out).toContain("oops\n");
    expect((await run("history", "broken")).out).toMatch(/✗ failed.*Command exited with status 3/);
  });

  it("has what it wrote printed, an older one by a beginning of its id", async () => {
    expect((await run("log", "backup")).out).toBe("dumped\n");
    const oldest = (await json("history", "backup")).at(-1).id;
    expect((await run("log", "backup", oldest.slice(0, -1))).out).toBe("dumped\n");
  });

  it("that could not even begin says why in place of what it wrote", async () => {
    const env = { A: { secret: "a" } };
    const secrets = { a: { source: "none" } };
    await run("add", file({ id: "secretive", run: { ...SMALL, cmd: "true", env, secrets } }));
    expect((await run("run", "secretive")).code).toBe(1);
    const { code, err } = await run("log", "secretive");
    expect([code, err]).toEqual([4, expect.stringMatching(/✗ job secretive has no stdout of run.*the secret 'none'/s)]);
    expect((await run("rm", "secretive", "--yes")).code).toBe(0);
  });

  it("goes on when the look at it ends, by Ctrl-C or in time", async () => {
    await run("add", file(stuck));
    const late = await run("run", "stuck", "--timeout", "1s");
    expect([late.code, late.err]).toEqual([7, expect.stringContaining("code: timed-out")]);
    const env = { ...process.env, MESETA_CRON: cluster.ready.metronome!, NO_COLOR: "1" };
    const child = spawn(MESETA, ["job", "run", "stuck"], { env, stdio: ["ignore", "ignore", "pipe"] });
    for await (const text of child.stderr) {
      if (!String(text).includes("running")) continue;
      child.kill("SIGINT");
      break;
    }
    const [code] = await once(child, "close");
    expect(code).toBe(130);
    expect(await json("show", "stuck")).toMatchObject({ activeRuns: [{}, {}] });
    expect((await run("explain", "stuck")).out).toMatch(/^stuck {2}running\n/);
  });

  it("is one of several that are stopped together, and then the job can be removed", async () => {
    const busy = await run("rm", "stuck", "--yes");
    expect([busy.code, busy.err]).toEqual([6, expect.stringContaining("2 runs of it are under way")]);
    expect(busy.err).toContain("try   meseta job rm stuck --stop");
    expect((await run("stop", "stuck", "--yes")).err).toContain("2 runs of stuck are told to end");
    await expect.poll(async () => (await run("history", "stuck")).out, SLOW).not.toContain("running");
    expect((await run("history", "stuck")).out).toMatch(/✗ failed.*It was stopped on request/);
    expect((await run("rm", "stuck", "--yes")).code).toBe(0);
    expect((await run("list", "-q")).out).toBe("backup\nbroken\n");
  });

  it("without a place says what it waits for", async () => {
    await run("add", file({ id: "huge", run: { cmd: "true", cpus: 900, mem: 32 } }));
    expect((await run("run", "huge", "--no-wait")).code).toBe(0);
    const explained = async () => (await run("explain", "huge")).out;
    await expect.poll(explained, SLOW).toMatch(/^huge {2}waiting\n.*900 cpus.*cpus free/s);
    const log = await run("log", "huge");
    expect([log.code, log.err]).toEqual([4, expect.stringContaining("it still waits for a place")]);
    expect((await run("rm", "huge", "--stop", "--yes")).code).toBe(0);
  });
});

describe("what cannot be done", () => {
  it.each(["show", "explain", "run", "stop", "history", "log", "pause", "resume", "rm"])(
    "%s of a job that is not there exits with 4",
    async (verb) => {
      const { code, out, err } = await run(verb, "nobody");
      expect([code, out, err]).toEqual([4, "", expect.stringContaining("✗ there is no job nobody")]);
    },
  );

  it("of a run that is not there sends to the job's history", async () => {
    for (const verb of ["log", "stop"])
      expect(await run(verb, "backup", "zzz", "--yes").then(({ code, err }) => [code, err])).toEqual([
        verb === "log" ? 2 : 4,
        expect.stringContaining(verb === "log" ? "no flag --yes" : "✗ job backup has no run zzz"),
      ]);
    expect((await run("log", "backup", "zzz")).err).toContain("try   meseta job history backup");
  });

  it.each([
    [["add"], 2, "missing required argument 'file'"],
    [["add", "/none.json"], 2, "code: bad-file"],
    [["history", "backup", "-n", "x"], 2, "--lines x is not understood"],
    [["run", "backup", "--timeout", "soon"], 2, "--timeout soon is not understood"],
    [["rm", "backup"], 2, "code: confirm-first"],
    [["lst"], 2, "did you mean `job list`?"],
    [["list", "--cron", "http://127.0.0.1:1"], 8, "code: cron-unreachable"],
  ])("%j is told in words", async (args, code, words) => {
    const ended = await run(...(args as string[]));
    expect([ended.code, ended.err]).toEqual([code, expect.stringContaining(words as string)]);
  });

  it("with a file that is no job's is told before anything is asked", async () => {
    const { code, err } = await run("add", file({ foo: 1 }));
    expect([code, err]).toEqual([2, expect.stringContaining("neither an id, as Metronome's jobs, nor a name")]);
  });

  it("with a definition that is refused says which field and why", async () => {
    const odd = await run("add", file({ id: "odd", run: { cmd: "true", cpus: "many" } }));
    expect([odd.code, odd.err]).toEqual([1, expect.stringContaining("/run/cpus: error.expected.jsnumber")]);
    const never = await run("add", file({ name: "never", command: "true", schedule: "0 0 31 2 *" }));
    expect([never.code, never.err]).toEqual([1, expect.stringContaining("never fires: there is no such day")]);
    expect((await run("list", "-q")).out).toBe("backup\nbroken\n");
  });
});
