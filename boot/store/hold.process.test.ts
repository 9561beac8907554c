import { etcdElection } from "@meseta/drivers/election/etcd.ts";
import { EtcdCluster, hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { openEtcd } from "@meseta/drivers/store/etcd/store.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fill } from "./fill.ts";
import { holdAlone, holdToFill } from "./hold.ts";

const ADDRESS = { hostname: "127.0.0.1", port: 1 };

describe.runIf(hasEtcd)("a store in etcd in the hands of a command", () => {
  let etcd: EtcdCluster;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(1);
  });
  afterAll(() => etcd.stop());
  const placeOf = (folder: string) => ({ kind: "etcd", hosts: etcd.hosts, folder }) as const;

  it("is led by nobody: who stands by leads when the command is done, and finds all of it", async () => {
    const place = placeOf("waits");
    const held = await holdToFill(place);
    const standby = etcdElection(place);
    const order: string[] = [];
    const led = standby.stand(ADDRESS).then(() => order.push("led"));
    const records = Array.from({ length: 2_000 }, (_, at) => [`record/${String(at).padStart(5, "0")}`, "x"] as const);
    await fill(held, { records, from: "a test", epoch: 1, force: false, again: "", progress() {} });
    expect(standby.leader()).toBeUndefined();
    order.push("filled");
    await held.store.close();
    await led;
    expect(order).toEqual(["filled", "led"]);
    const store = openEtcd(place);
    await store.open();
    expect(await store.scan("")).toEqual(records);
    await store.close();
    await standby.resign();
  });

  it("is refused to a second command, and to any while somebody leads", async () => {
    const place = placeOf("refused");
    const filled = await holdToFill(place);
    await fill(filled, { records: [["a", "1"]], from: "a test", epoch: 1, force: false, again: "", progress() {} });
    for (const hold of [holdToFill, holdAlone]) {
      const refused = (await hold(place).catch((error: unknown) => error)) as Failure;
      expect(refused).toBeInstanceOf(Failure);
      expect(JSON.stringify(refused)).toMatch(/"store-in-use".*process \d+ on \S+/);
    }
    await filled.store.close();
    const leader = etcdElection(place);
    await leader.stand(ADDRESS);
    const refused = await holdToFill(place).catch((error: unknown) => error);
    expect(JSON.stringify(refused)).toMatch(/"store-in-use".*127\.0\.0\.1:1 leads on it/);
    await leader.resign();
    await (await holdAlone(place)).store.close();
  });
});
