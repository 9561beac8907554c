import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { etcdElection } from "@meseta/drivers/election/etcd.ts";
import { EtcdCluster, hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { openEtcd } from "@meseta/drivers/store/etcd/store.ts";
import { SqliteFile } from "@meseta/drivers/store/sqlite/file.ts";
import { FORMAT_KEY, type StoredFormat } from "@meseta/lib/core/format.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MESETA = fileURLToPath(new URL("../bin/meseta", import.meta.url));

/** For all that is waited for, on a machine that does much else. */
const PATIENCE_MS = 600_000;

describe("a store that a newer release has brought up", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "newer-"));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each([
    ["master", "store.db"],
    ["agent", "store/store.db"],
    ["init", "store.db"],
    ["cron", "store.db"],
  ])("of %s is refused with both releases and what to do, and not touched", async (part, file) => {
    const path = join(dir, part, file);
    mkdirSync(dirname(path), { recursive: true });
    const newer: StoredFormat = { format: 2, release: "9.8.7" };
    write(path, [
      [FORMAT_KEY, JSON.stringify(newer)],
      ["framework", "in a language of its own"],
    ]);
    const before = contents(path);
    const ports = part === "cron" ? ["--metronome-port", "0"] : [];
    const started = promisify(execFile)(MESETA, [part, "--port", "0", ...ports, "--dir", join(dir, part)]);
    await expect(started).rejects.toMatchObject({
      code: 6,
      stderr: expect.stringMatching(
        /code: newer-state\n.*store\.db holds records of format 2, written by Meseta 9\.8\.7; this is Meseta \d+\.\d+\.\d+, which knows formats up to 1\. Start that release again, or .*\n +try +meseta store restore FILE STORE --force/,
      ),
    });
    expect(contents(path)).toEqual(before);
  });
});

describe.runIf(hasEtcd)("an older release beside a newer one that leads", () => {
  it("does not stand by on records that it could not read", { timeout: PATIENCE_MS }, async () => {
    await using etcd = await EtcdCluster.start(1);
    const place = { hosts: etcd.hosts, folder: "meseta/master" };
    const store = openEtcd(place);
    const { epoch } = await store.open();
    const newer: StoredFormat = { format: 2, release: "9.8.7" };
    await store.commit({ puts: new Map([[FORMAT_KEY, JSON.stringify(newer)]]), deletes: new Set() }, epoch);
    const leader = etcdElection(place);
    await leader.stand({ hostname: "127.0.0.1", port: 1 });
    const dir = mkdtempSync(join(tmpdir(), "newer-"));
    const flags = ["--port", "0", "--dir", dir, "--store", `etcd://${etcd.hosts[0]}`];
    const refused = expect.stringMatching(/newer-state\n.*holds records of format 2/);
    await expect(promisify(execFile)(MESETA, ["master", ...flags])).rejects.toMatchObject({ code: 6, stderr: refused });
    await leader.resign();
    await store.close();
    rmSync(dir, { recursive: true });
  });
});

function write(path: string, records: readonly [string, string][]): void {
  const file = new SqliteFile(path);
  file.commit({ puts: new Map(records), deletes: new Set() }, file.open().epoch);
  file.close();
}

function contents(path: string) {
  const file = new SqliteFile(path);
  const seen = { ...file.look(), records: file.scan("") };
  file.close();
  return seen;
}
