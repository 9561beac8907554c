import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { EpochRefused, type Store, StoreDamaged, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { puts } from "../conformance.rig.ts";
import { EtcdClient } from "./client.ts";
import { EtcdCluster, hasEtcd } from "./etcd.rig.ts";
import { Layout } from "./layout.ts";
import type { Operation } from "./messages.ts";
import { Relay } from "./relay.rig.ts";
import { openEtcd } from "./store.ts";

const QUICK = { wholeMs: 1_500, attemptMs: 500 };
const opened: Store[] = [];
const closeAll = async () => {
  for (const store of opened.splice(0)) await store.close();
};
afterEach(closeAll);

let count = 0;
const newFolder = () => `failures/${count++}`;

async function owner(
  hosts: readonly string[],
  folder = newFolder(),
  patience?: { wholeMs: number; attemptMs: number },
) {
  const store = openEtcd({ hosts, folder }, patience);
  opened.push(store);
  const { epoch, version } = await store.open();
  const commit = (entries: Record<string, string>) => store.commit(puts(entries), epoch);
  return { store, epoch, version, folder, commit };
}

describe.runIf(hasEtcd)("on an etcd of three", () => {
  let etcd: EtcdCluster;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(3);
  });
  afterAll(() => etcd.stop());

  it("a killed member, also the leading one, costs no commit, and none is done twice", async () => {
    const { store, epoch, version, folder, commit } = await owner(etcd.hosts);
    for (let round = 0; round < 3; round++) {
      const killed = (await etcd.leader())!;
      const commits = Array.from({ length: 50 }, (_, i) => commit({ [`${round}/${i}`]: "x", last: `${round} ${i}` }));
      await commits[5];
      await etcd.killMember(killed);
      await Promise.all(commits);
      etcd.startMember(killed);
      await expect.poll(() => etcd.leader()).toBeDefined();
    }
    expect(await store.scan("")).toHaveLength(151);
    await store.close();
    const next = await owner(etcd.hosts, folder);
    expect(next.version).toBe(version + 150);
    expect(next.epoch).toBeGreaterThan(epoch);
  });

  it("a member that is frozen is passed over", async () => {
    const { commit, store } = await owner(etcd.hosts, newFolder(), { wholeMs: 10_000, attemptMs: 500 });
    await commit({ a: "1" });
    etcd.freezeMember(0);
    try {
      for (let round = 2; round < 5; round++) await commit({ a: `${round}` });
      expect(await store.scan("a")).toEqual([["a", "4"]]);
    } finally {
      etcd.thawMember(0);
    }
  });

  it("without a majority a commit fails with what to do, and when they are back it goes on", async () => {
    const { commit, store } = await owner(etcd.hosts, newFolder(), QUICK);
    await commit({ a: "before" });
    await etcd.killMember(0);
    await etcd.killMember(1);
    const failed = await commit({ a: "during" }).catch((error) => error);
    expect(failed).toBeInstanceOf(StoreFailed);
    expect(failed.message).toMatch(/no etcd answers at .*Is it running|Start the missing ones/);
    await expect(store.scan("")).rejects.toBeInstanceOf(StoreFailed);
    await expect(commit({ a: "blindly" })).rejects.toBeInstanceOf(StoreFailed);
    etcd.startMember(0);
    etcd.startMember(1);
    await expect.poll(() => etcd.leader()).toBeDefined();
    await expect.poll(() => store.scan("").then(([record]) => record?.[1], String)).toMatch(/^(before|during)$/);
    await commit({ a: "after" });
    expect(await store.scan("a")).toEqual([["a", "after"]]);
  });

  it("what was committed is there after all members were killed at once", async () => {
    const { commit, folder } = await owner(etcd.hosts);
    await Promise.all(Array.from({ length: 30 }, (_, i) => commit({ [`k/${i}`]: "v".repeat(i * 5_000) })));
    await Promise.all([0, 1, 2].map((at) => etcd.killMember(at)));
    for (const at of [0, 1, 2]) etcd.startMember(at);
    await expect.poll(() => etcd.leader()).toBeDefined();
    const next = await owner(etcd.hosts, folder, { wholeMs: 30_000, attemptMs: 1_000 });
    const sizes = (await next.store.scan("k/")).map(([key, value]) => [key, value.length]);
    expect(Object.fromEntries(sizes)).toEqual(
      Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k/${i}`, i * 5_000])),
    );
  });
});

describe.runIf(hasEtcd)("on an etcd of one", () => {
  let etcd: EtcdCluster;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(1);
  });
  afterAll(() => etcd.stop());
  const change = async (...does: Operation[]) => {
    const client = new EtcdClient(etcd.hosts);
    await client.transact({ when: [], does });
    client.close();
  };
  const keysOf = async (folder: string) => {
    const client = new EtcdClient(etcd.hosts);
    const { pairs } = await client.range({ key: `/${folder}/`, end: `/${folder}0`, keysOnly: true });
    client.close();
    return pairs.map(({ key }) => key.slice(folder.length + 2));
  };

  it("a commit whose answer is lost is sent again, and was done once", async () => {
    await using relay = await Relay.start(etcd.hosts[0]!);
    const { commit, store, version, folder } = await owner([relay.host]);
    for (let round = 0; round < 5; round++) {
      let cut = false;
      relay.cutsAnswers = () => !cut && (cut = true);
      await commit({ round: `${round}`, large: `${round}`.repeat(100_000) });
      expect(cut).toBe(true);
    }
    expect(await store.scan("round")).toEqual([["round", "4"]]);
    expect((await owner(etcd.hosts, folder)).version).toBe(version + 5);
    await closeAll();
  });

  it("a take-over whose answer is lost was done once", async () => {
    await using relay = await Relay.start(etcd.hosts[0]!);
    const { epoch, folder } = await owner(etcd.hosts);
    for (let answer = 1; answer < 8; answer++) {
      let answers = 0;
      relay.cutsAnswers = () => ++answers === answer;
      const { commit } = await owner([relay.host], folder);
      await commit({ a: "works" });
    }
    const last = await owner(etcd.hosts, folder);
    expect(last.epoch).toBeGreaterThan(epoch);
    await closeAll();
  });

  it("a commit that was given up and arrives after all changes nothing that was built on the state before it", async () => {
    await using relay = await Relay.start(etcd.hosts[0]!);
    const slow = await owner([relay.host], newFolder(), QUICK);
    await slow.commit({ a: "before" });
    relay.holds = true;
    await expect(slow.commit({ a: "given up", b: "given up" })).rejects.toBeInstanceOf(StoreFailed);
    expect(relay.held).toBeGreaterThan(0);
    const held = relay.held;
    relay.holds = false;
    expect(await slow.store.scan("")).toEqual([["a", "before"]]);
    await slow.commit({ a: "built on before" });
    relay.release();
    expect(held).toBeGreaterThan(0);
    await slow.commit({ c: "later" });
    expect(await slow.store.scan("")).toEqual([
      ["a", "built on before"],
      ["c", "later"],
    ]);
    await closeAll();
  });

  it("a commit of an owner that was cut off while another took over has no effect when it arrives", async () => {
    await using relay = await Relay.start(etcd.hosts[0]!);
    const old = await owner([relay.host], newFolder(), { wholeMs: 20_000, attemptMs: 20_000 });
    await old.commit({ a: "old" });
    relay.holds = true;
    const late = old.commit({ a: "late", large: "x".repeat(500_000) });
    late.catch(() => {});
    await expect.poll(() => relay.held).toBeGreaterThan(0);
    const young = await owner(etcd.hosts, old.folder);
    await young.commit({ a: "young" });
    relay.release();
    await expect(late).rejects.toBeInstanceOf(EpochRefused);
    expect(await young.store.scan("")).toEqual([["a", "young"]]);
    expect((await keysOf(old.folder)).filter((key) => key.startsWith("piece/"))).toEqual([]);
    await closeAll();
  });

  it("a record that was changed behind its back is named, and not served", async () => {
    const { commit, store, folder } = await owner(etcd.hosts);
    await commit({ "agent/1": "good", "agent/2": "good".repeat(50_000), "role/a": "good" });
    const layout = new Layout(folder);
    await change({ put: { key: layout.record("agent/1"), value: "00000000=evil" } });
    const damaged = await store.scan("").catch((error) => error);
    expect(damaged).toBeInstanceOf(StoreDamaged);
    expect(damaged.message).toMatch(
      new RegExp(
        `^etcd://.*/${folder} is damaged: the key /${folder}/record/agent/1 \\(revision \\d+\\) fails its checksum`,
      ),
    );
    expect(await store.scan("role/")).toEqual([["role/a", "good"]]);
    await commit({ "agent/1": "good again" });
    const piece = (await keysOf(folder)).find((key) => key.startsWith("piece/"))!;
    await change({ delete: { key: `/${folder}/${piece}` } });
    await expect(store.scan("agent/2")).rejects.toThrow(/agent\/2 .* fails its checksum/);
    await change({ put: { key: layout.record("agent/2"), value: "no record at all" } });
    await expect(store.scan("")).rejects.toThrow(/agent\/2 .* fails its checksum/);
  });

  it.each(["epoch", "head"])("a store without its %s is damaged, and never begun anew", async (name) => {
    const { commit, folder } = await owner(etcd.hosts);
    await commit({ a: "1" });
    await change({ delete: { key: `/${folder}/${name}` } });
    await expect(owner(etcd.hosts, folder)).rejects.toThrow(StoreDamaged);
    await change({ put: { key: `/${folder}/${name}`, value: "nonsense" } });
    await expect(owner(etcd.hosts, folder)).rejects.toThrow(
      /is damaged: there are records, and the keys .* are not as/,
    );
  });

  it("a store that is damaged can be erased, whatever of it is: one record is left, and who had it open has it no more", async () => {
    const { commit, store, folder, epoch } = await owner(etcd.hosts);
    await commit({ a: "1", large: "x".repeat(600_000), z: "1" });
    await change({ put: { key: new Layout(folder).record("a"), value: "00000000=evil" } });
    await change({ put: { key: `/${folder}/head`, value: "nonsense" } });
    const other = openEtcd({ hosts: etcd.hosts, folder });
    opened.push(other);
    await other.erase("left", "what");
    expect(await other.scan("")).toEqual([["left", "what"]]);
    expect((await keysOf(folder)).filter((key) => key.startsWith("piece/"))).toEqual([]);
    await expect(commit({ a: "2" })).rejects.toBeInstanceOf(EpochRefused);
    expect((await other.open()).epoch).toBeGreaterThan(epoch);
    await store.close();
  });

  it("large values that were replaced, or never committed, leave nothing behind", async () => {
    const { commit, store, folder, epoch } = await owner(etcd.hosts);
    const large = "x".repeat(600_000);
    await commit({ a: large, b: large });
    await commit({ a: large, b: "small" });
    await store.commit({ puts: new Map(), deletes: new Set(["b"]) }, epoch);
    const pieces = async () => (await keysOf(folder)).filter((key) => key.startsWith("piece/"));
    expect(await pieces()).toHaveLength(3);
    await change({ put: { key: new Layout(folder).piece("of-a-dead-owner", 0), value: "half a record" } });
    const next = await owner(etcd.hosts, folder);
    expect(await next.store.scan("")).toEqual([["a", large]]);
    expect(await pieces()).toHaveLength(3);
    expect((await pieces()).join()).not.toContain("of-a-dead-owner");
  });

  it("that a newer release has given another form is let be", async () => {
    const { store, folder, epoch } = await owner(etcd.hosts);
    await change({ put: { key: new Layout(folder).form, value: "2" } });
    for (const refused of [store.open(), store.look()])
      await expect(refused).rejects.toThrow(/is a store of form 2, made by a newer release; this one knows form 1/);
    await change({ delete: { key: new Layout(folder).form } });
    expect(await store.look()).toMatchObject({ epoch });
  });

  it("says who has it open, and no more when it is closed", async () => {
    const { store, epoch, folder } = await owner(etcd.hosts);
    const reader = openEtcd({ hosts: etcd.hosts, folder });
    opened.push(reader);
    expect(await reader.owner()).toMatchObject({ epoch, pid: process.pid });
    expect(await reader.look()).toEqual({ epoch, version: 0 });
    await store.close();
    expect(await reader.owner()).toBeUndefined();
    const empty = openEtcd({ hosts: etcd.hosts, folder: newFolder() });
    opened.push(empty);
    expect(await empty.look()).toBeUndefined();
  });

  it("is read as of one moment, also when the past is forgotten meanwhile", async () => {
    const { commit, store } = await owner(etcd.hosts);
    for (let at = 0; at < 3; at++)
      await store
        .scan("")
        .then(() =>
          commit(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${at}/${i}`, "x".repeat(2_000)]))),
        );
    const client = new EtcdClient(etcd.hosts);
    let reading = true;
    const scan = store.scan("").finally(() => (reading = false));
    const compacting = (async () => {
      for (let times = 0; reading && times < 5; times++) {
        const { revision } = await client.transact({ when: [], does: [{ put: { key: "/elsewhere", value: "x" } }] });
        await client.compact(revision);
      }
    })();
    expect(await scan).toHaveLength(1_500);
    await compacting;
    client.close();
  });
});

describe.runIf(hasEtcd)("an etcd that is full", () => {
  it("refuses with what to do about it, and keeps what it has", async () => {
    await using etcd = await EtcdCluster.start(1, ["--quota-backend-bytes", String(4 * 1024 * 1024)]);
    const { commit, store } = await owner(etcd.hosts);
    const stored: string[] = [];
    const failed = await (async () => {
      for (let at = 0; ; at++) {
        await commit({ [`${at}`]: "x".repeat(500_000) });
        stored.push(`${at}`);
      }
    })().catch((error) => error);
    expect(failed).toBeInstanceOf(StoreFailed);
    expect(failed.message).toMatch(
      /database space exceeded": its database has reached --quota-backend-bytes.*alarm disarm/,
    );
    expect((await store.scan("")).map(([key]) => key)).toEqual(stored.sort());
  });
});

describe("what is no etcd", () => {
  it("is told as such when nobody listens", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    await expect(owner([host], "x", QUICK)).rejects.toThrow(
      new RegExp(
        `^no etcd answers at ${host}: connect ECONNREFUSED ${host}. Is it running, and does this machine reach it\\? Try: etcdctl`,
      ),
    );
  });

  it("is told as such when it speaks something else", async () => {
    const server = createServer((_, answer) => answer.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(owner([host], "x", QUICK)).rejects.toThrow(`no etcd answers at ${host}: `);
    server.closeAllConnections();
    server.close();
  });
});
