import { afterAll, beforeAll, describe } from "vitest";
import { everyStore } from "../conformance.rig.ts";
import { EtcdCluster, hasEtcd } from "./etcd.rig.ts";
import { openEtcd } from "./store.ts";

let count = 0;

describe.runIf(hasEtcd).each([1, 3])("on an etcd of %d", (members) => {
  let etcd: EtcdCluster;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(members);
  });
  afterAll(() => etcd.stop());

  everyStore(
    "etcd",
    () => {
      const folder = `test/${count++}`;
      return async () => openEtcd({ hosts: etcd.hosts, folder });
    },
    { histories: 10 },
  );
});
