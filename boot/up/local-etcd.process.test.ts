import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { EtcdAddress } from "@meseta/drivers/store/etcd/address.ts";
import { hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { openEtcd } from "@meseta/drivers/store/etcd/store.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPlace } from "../store/place.ts";
import type { ChosenPorts } from "./addresses.ts";
import { etcdStore, etcdWishes } from "./etcd.ts";
import { LocalEtcd } from "./local-etcd.ts";
import { Supervised } from "./supervise.ts";

const NO_LOG = { debug() {}, info() {}, warn() {}, error() {} };

describe.runIf(hasEtcd)("the etcd of a cluster on one machine", () => {
  const dir = testFolder("local-etcd");
  beforeAll(() => void mkdirSync(join(dir, "logs")));
  let ports: ChosenPorts;
  let said: string[] = [];
  let etcd: LocalEtcd | undefined;
  let records: string;

  const start = async (counts = true) => {
    said = [];
    const supervise = (part: Supervised["part"]) => new Supervised(part, NO_LOG);
    etcd = new LocalEtcd(dir, ports, { supervise, say: (line) => said.push(line) });
    await etcd.start(counts);
  };
  const stop = () => etcd!.stop();
  const inStore = async <T>(work: (store: ReturnType<typeof openEtcd>) => Promise<T>): Promise<T> => {
    const place = readPlace(etcdStore(ports)) as EtcdAddress;
    const store = openEtcd(place);
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  const held = () => inStore(async (store) => JSON.stringify(await store.scan("")));

  beforeAll(async () => {
    ports = {};
    for (const { part } of etcdWishes()) ports[part] = await freePort();
    await start(false);
    await inStore(async (store) => {
      const { epoch } = await store.open();
      for (let at = 0; at < 40; at++)
        await store.commit(
          { puts: new Map([[`record/${at}`, `of ${at} ${"x".repeat(300)}`]]), deletes: new Set() },
          epoch,
        );
    });
    records = await held();
    await stop();
  });
  afterAll(async () => {
    await etcd?.stop();
  });

  it("starts again as it was", async () => {
    await start();
    expect(said).toEqual([]);
    expect(await held()).toBe(records);
    await stop();
  });

  it("makes a member anew whose database holds something else, though etcd sees nothing wrong with it", async () => {
    const file = join(dir, "etcd-2", "member", "snap", "db");
    flip(file, readFileSync(file).lastIndexOf("of 17 xxx"));
    await start();
    expect(said).toEqual([
      expect.stringMatching(
        /^etcd-2 is damaged \(.*etcd-2: .*snap\/db: at revision \d+ etcd-1 and etcd-3 hold something else\): it was made anew .* is in .*etcd-2\.damaged$/,
      ),
    ]);
    expect(await held()).toBe(records);
    await stop();
  });

  it("makes a member anew whose log is damaged, and says where", async () => {
    const folder = join(dir, "etcd-1", "member", "wal");
    const file = join(
      folder,
      readdirSync(folder)
        .filter((name) => name.endsWith(".wal"))
        .sort()[0]!,
    );
    const at = readFileSync(file).indexOf("of 3 xxx");
    flip(file, at);
    await start();
    const found = /walpb: crc mismatch, in (\S+) at byte (\d+)/.exec(said[0]!)!;
    expect(found[1]).toBe(file);
    expect(Number(found[2])).toBeLessThanOrEqual(at);
    expect(Number(found[2])).toBeGreaterThan(at - 500);
    expect(await held()).toBe(records);
    await stop();
  });

  it("makes a member anew that is gone, and does not let it begin with nothing", async () => {
    rmSync(join(dir, "etcd-3"), { recursive: true });
    await start();
    expect(said).toEqual([expect.stringMatching(/^etcd-3 is damaged .*there is no log/)]);
    expect(await held()).toBe(records);
    await stop();
    await start();
    expect(said).toEqual([]);
    await stop();
  });

  it("says why a member cannot start that is whole", async () => {
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen({ host: "127.0.0.1", port: ports["etcd-2"]! }, resolve));
    const refused = (await start().catch((error: Error) => error)) as Failure;
    thief.close();
    expect(refused.problem).toMatchObject({ code: "not-started", message: "the etcd-2 did not start" });
    expect(refused.problem.why).toContain("address already in use");
    await stop();
  });

  it("refuses to start when too few are whole, and names what is damaged", async () => {
    for (const name of ["etcd-1", "etcd-2"]) rmSync(join(dir, name), { recursive: true });
    const refused = (await start().catch((error: Error) => error)) as Failure;
    expect(refused.problem).toMatchObject({
      code: "damaged-state",
      message: `the state in ${join(dir, "etcd-1")}, ${join(dir, "etcd-2")} is damaged`,
    });
    expect(existsSync(join(dir, "etcd-1"))).toBe(false);
    rmSync(join(dir, "etcd-3"), { recursive: true });
    await expect(start()).rejects.toThrow(Failure);
    expect(etcd!.isRunning).toBe(false);
  });
});

function flip(path: string, at: number): void {
  expect(at).toBeGreaterThan(0);
  const file = openSync(path, "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  writeSync(file, Buffer.of(byte[0]! ^ 1), 0, 1, at);
  closeSync(file);
}
