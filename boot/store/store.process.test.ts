import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EtcdCluster, hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const MESETA = fileURLToPath(new URL("../../bin/meseta", import.meta.url));
const run = (...words: string[]) =>
  promisify(execFile)(MESETA, words).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }) => ({ code: code as number, out: stdout as string, err: stderr as string }),
  );

/** A part of a cluster that was started by hand. */
class Started {
  readonly log: string[] = [];
  readonly url: Promise<string>;
  /** The master's own. */
  readonly leads: Promise<void>;
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(...words: string[]) {
    this.#child = spawn(MESETA, [...words, "--port", "0"], { stdio: ["ignore", "ignore", "pipe"] });
    const lines = createInterface({ input: this.#child.stderr! });
    this.leads = new Promise((resolve) => lines.on("line", (line) => line.includes("The master leads") && resolve()));
    this.url = new Promise((resolve) =>
      lines.on("line", (line) => {
        this.log.push(line);
        const url = / listens .*(http:\/\/[\d.:]+)/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      }),
    );
    this.ended = new Promise((resolve) => this.#child.once("exit", (code) => resolve(code)));
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.ended;
  }
}

describe.runIf(hasEtcd)("a master on an etcd of three", () => {
  const dir = testFolder("on-etcd");
  const running: Started[] = [];
  let etcd: EtcdCluster;
  let store: string;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(3);
    store = `etcd://${etcd.hosts.join(",")}`;
  });
  afterEach(async () => {
    for (const part of running.splice(0)) await part.end("SIGKILL");
  });
  afterAll(async () => {
    await etcd.stop();
  });

  const start = (...words: string[]) => {
    const part = new Started(...words);
    running.push(part);
    return part;
  };
  const weightsOf = async (part: Started) => {
    await part.leads;
    const master = connectMaster([await part.url]);
    const weights = await master.getWeights();
    master.close();
    return weights.map(({ role, weight }) => `${role} ${weight}`).sort();
  };
  const weigh = async (part: Started, role: string, weight: number) => {
    await part.leads;
    const master = connectMaster([await part.url]);
    await master.updateWeights([{ role, weight }]);
    master.close();
  };

  it("grows from a file to etcd, is killed and comes back, loses a member, and goes back by a backup", async () => {
    const [alone, backup] = [join(dir, "alone"), join(dir, "a.backup")];
    const file = `sqlite:${join(alone, "store.db")}`;
    const first = start("master", "--dir", alone);
    await weigh(first, "web", 2);
    expect(await run("store", "copy", file, `${store}/meseta/master`)).toMatchObject({
      code: 6,
      err: expect.stringContaining("code: store-in-use"),
    });
    await first.end("SIGTERM");
    expect(await run("store", "copy", file, `${store}/meseta/master`)).toMatchObject({ code: 0 });

    const second = start("master", "--dir", join(dir, "m"), "--store", store);
    expect(await weightsOf(second)).toEqual(["web 2"]);
    await weigh(second, "batch", 3);
    await second.end("SIGKILL");

    const third = start("master", "--dir", join(dir, "m"), "--store", store);
    expect(await weightsOf(third)).toEqual(["batch 3", "web 2"]);
    const lost = ((await etcd.leader())! + 1) % 3;
    await etcd.killMember(lost);
    await weigh(third, "late", 4);
    expect(await run("store", "backup", `${store}/meseta/master`, backup)).toMatchObject({ code: 0 });
    expect(await run("store", "restore", backup, `${store}/meseta/master`, "--force")).toMatchObject({
      code: 6,
      err: expect.stringMatching(/process \d+ on \S+ has it open/),
    });
    expect((await run("store", "check", `${store}/meseta/master`)).out).toMatch(
      /is whole: .*; 2 members hold the same, and \S+ is not compared: no etcd answers at .*; in use: process \d+/,
    );
    await third.end("SIGTERM");

    expect(await run("store", "restore", backup, file)).toMatchObject({ code: 6 });
    expect(await run("store", "restore", backup, file, "--force")).toMatchObject({ code: 0 });
    expect(await weightsOf(start("master", "--dir", alone))).toEqual(["batch 3", "late 4", "web 2"]);
    etcd.startMember(lost);
  });

  it("ends while no majority of members is there, and has all that it answered when it is started again", async () => {
    const master = start("master", "--dir", join(dir, "gone"), "--store", `${store}/gone`);
    await weigh(master, "before", 2);
    await Promise.all([0, 1].map((at) => etcd.killMember(at)));
    expect(await weigh(master, "during", 3).catch(String)).not.toBe(undefined);
    expect(await master.ended).toBe(1);
    expect(master.log.join("\n")).toMatch(/lease of the leader was not renewed in time/);
    for (const at of [0, 1]) etcd.startMember(at);
    const again = start("master", "--dir", join(dir, "gone"), "--store", `${store}/gone`);
    await expect.poll(() => weigh(again, "after", 4).then(() => "stored", String)).toBe("stored");
    expect(await weightsOf(again)).toEqual(expect.arrayContaining(["after 4", "before 2"]));
  });

  it("shares the etcd with an init and a cron, each in a folder of its own", async () => {
    const master = start("master", "--dir", join(dir, "shared"), "--store", `${store}/shared`);
    await start("init", "--dir", join(dir, "i"), "--store", `${store}/shared`, "--master", await master.url).url;
    const cron = ["--dir", join(dir, "c"), "--metronome-port", "0", "--master", await master.url];
    await start("cron", ...cron, "--store", `${store}/shared`).url;
    // Members that were started again before are there in a while.
    for (const folder of ["shared/master", "shared/init/marathon", "shared/cron/chronos"])
      await expect
        .poll(async () => (await run("store", "check", `${store}/${folder}`)).out)
        .toMatch(new RegExp(`/${folder} is whole: .*; 3 members hold the same;`));
    expect(await run("store", "check", `${store}/shared/init/other`)).toMatchObject({
      code: 4,
      err: expect.stringMatching(/code: no-store\n.*\n +try +etcdctl --endpoints \S+ get \/ --prefix --keys-only/),
    });
  });
});

describe("a store that cannot be", () => {
  const dir = testFolder("no-store");
  const started = (part: string, store: string) => run(part, "--port", "0", "--dir", dir, "--store", store);

  it.each(["master", "init", "cron"])("is refused by %s before it starts", async (part) => {
    const err = expect.stringMatching(/cannot use the setting store/);
    expect(await started(part, "zk://h1:2181")).toMatchObject({ code: 2, err });
  });

  it("ends a master that does not reach it, and says what to do", async () => {
    const err = expect.stringMatching(
      /the store does not work +code: store-failed\n +why +no etcd answers at .*ECONNREFUSED/,
    );
    expect(await started("master", `etcd://127.0.0.1:${await freePort()}`)).toMatchObject({ code: 1, err });
  });
});
