import type { Election } from "@meseta/lib/core/ports/election.ts";
import { type LogFields, silentLog } from "@meseta/lib/core/ports/log.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { type HttpServer, serve } from "@meseta/lib/io/http/server.ts";
import { STANDBY_WATCH, standbyWatch } from "@meseta/lib/io/standby-watch.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EtcdClient } from "../store/etcd/client.ts";
import { EtcdCluster, hasEtcd } from "../store/etcd/etcd.rig.ts";
import { etcdElection } from "./etcd.ts";
import { ownMark } from "./process-mark.ts";

const address = (port: number) => ({ hostname: "127.0.0.1", port });

describe.runIf(hasEtcd)("an election on etcd", () => {
  let etcd: EtcdCluster;
  let count = 0;
  let folder = "";
  const ends: (() => Promise<void>)[] = [];
  const said: string[] = [];
  const note = (message: string, fields?: LogFields) => void said.push(`${message} ${fields?.["reason"] ?? ""}`);
  beforeAll(async () => {
    etcd = await EtcdCluster.start(1);
  });
  afterEach(async () => {
    said.length = 0;
    for (const end of ends.splice(0)) await end();
  });
  afterAll(() => etcd.stop());

  const candidate = (where = (folder = `test/${count++}`)): Election => {
    const log = { ...silentLog, warn: note, info: note };
    const election = etcdElection({ hosts: etcd.hosts, folder: where, log });
    ends.push(() => election.resign());
    return election;
  };
  const listens = async (leads: () => boolean): Promise<HttpServer> => {
    const handler = standbyWatch(leads);
    const server = await serve({ host: "127.0.0.1", port: 0, handler, log: silentLog });
    ends.push(() => server.close());
    return server;
  };
  /** A leader, and another one that watches its process and leads in the end. */
  const watched = async () => {
    const first = candidate();
    let isWatched = false;
    const server = await listens(() => (isWatched = true));
    await first.stand(address(server.port));
    const second = candidate(folder);
    const leads = second.stand(address(2));
    await expect.poll(() => isWatched).toBe(true);
    return { first, server, second, leads };
  };

  it("lets the first one lead, and tells the others who that is until he resigns", async () => {
    const first = candidate();
    await first.stand(address(1));
    expect(first.mayAct()).toBe(true);
    expect(first.leader()).toBeUndefined();
    const second = candidate(folder);
    const leads = second.stand(address(2));
    await expect.poll(() => second.leader()).toEqual(address(1));
    expect(second.mayAct()).toBe(false);
    await first.resign();
    await leads;
    expect([first.mayAct(), second.mayAct()]).toEqual([false, true]);
    expect(second.leader()).toBeUndefined();
  });

  it("lets two lead that share an etcd, but no folder", async () => {
    const both = [candidate(), candidate()];
    await Promise.all(both.map((one) => one.stand(address(1))));
    expect(both.map((one) => one.mayAct())).toEqual([true, true]);
  });

  it("replaces a leader whose process is gone although his lease is renewed, and he hears of it", async () => {
    const { first, server, second, leads } = await watched();
    await server.close();
    await leads;
    expect(second.mayAct()).toBe(true);
    expect((await first.lost).message).toMatch(/another one leads now: .*"port":2/);
    expect(first.mayAct()).toBe(false);
    expect(first.leader()).toEqual(address(2));
  });

  it("names nobody where the leader's process is gone, and etcd with it", async () => {
    const { first, server, second, leads } = await watched();
    await etcd.killMember(0);
    await first.lost;
    expect(second.leader()).toEqual(address(server.port));
    await server.close();
    await expect.poll(() => second.leader()).toBeUndefined();
    expect(second.mayAct()).toBe(false);
    // For longer than one attempt takes, and one line all the same.
    await expect.poll(() => second.hears()).toBe(false);
    const silent = `No etcd answers while this process stands by: it cannot lead no etcd answers at ${etcd.hosts[0]}`;
    expect(said).toEqual([expect.stringContaining(silent)]);
    etcd.startMember(0);
    await leads;
    expect([second.hears(), second.mayAct()]).toEqual([true, true]);
    expect(said.at(-1)).toBe("An etcd answers again ");
  });

  it("replaces a leader whose port belongs to somebody who does not lead", async () => {
    const { first, server, leads } = await watched();
    await server.close();
    const other = await serve({
      host: "127.0.0.1",
      port: server.port,
      handler: standbyWatch(() => false),
      log: silentLog,
    });
    ends.push(() => other.close());
    await leads;
    expect((await first.lost).message).toMatch(/another one leads now/);
  });

  it("does not replace a leader who was never met: he may be behind a wall", async () => {
    const first = candidate();
    await first.stand(address(await freePort()));
    const second = candidate(folder);
    void second.stand(address(2));
    await expect.poll(() => second.leader()).toBeDefined();
    await first.resign();
    await expect.poll(() => second.mayAct()).toBe(true);
  });

  it("replaces a leader who was never met where his process can be seen to be no more, and only there", async () => {
    const own = ownMark()!;
    const nobody = 2 ** 22 + 1;
    const [here, elsewhere] = [own, { ...own, within: `another ${own.within}` }];
    const client = new EtcdClient(etcd.hosts);
    for (const [process, isReplaced] of [
      [{ ...here, pid: nobody }, true],
      [{ ...elsewhere, pid: nobody }, false],
      [here, false],
    ] as const) {
      const one = candidate();
      const key = `/${folder}/leader`;
      const value = JSON.stringify({ ...address(await freePort()), name: "n", process });
      await client.transact({ when: [], does: [{ put: { key, value } }] });
      void one.stand(address(2));
      if (!isReplaced) {
        await expect.poll(() => one.leader()).toBeDefined();
        const { succeeded } = await client.transact({ when: [{ key, value }], does: [{ delete: { key } }] });
        expect(succeeded).toBe(true);
      }
      await expect.poll(() => one.mayAct()).toBe(true);
    }
    client.close();
  });

  it("keeps a leader whose thread is busy for longer than the lease", async () => {
    const first = candidate();
    await first.stand(address(1));
    const second = candidate(folder);
    void second.stand(address(2));
    await expect.poll(() => second.leader()).toBeDefined();
    for (const endMs = performance.now() + 4_000; performance.now() < endMs; );
    expect(first.mayAct()).toBe(true);
    await expect.poll(() => second.leader()).toEqual(address(1));
    expect(second.mayAct()).toBe(false);
  });

  it("tells a leader that etcd is gone, and he leads no more although it comes back", async () => {
    const first = candidate();
    await first.stand(address(1));
    await etcd.killMember(0);
    expect((await first.lost).message).toMatch(/was not renewed in time/);
    expect(first.mayAct()).toBe(false);
    etcd.startMember(0);
    const second = candidate(folder);
    await second.stand(address(2));
    expect([first.mayAct(), second.mayAct()]).toEqual([false, true]);
  });

  it("ends at once where no etcd answers to begin with", async () => {
    const election = etcdElection({ hosts: [`127.0.0.1:${await freePort()}`], folder: "nowhere", log: silentLog });
    await expect(election.stand(address(1))).rejects.toThrow(/no etcd answers/);
    await election.resign();
  });

  it("is held open for who leads, and refused by who does not", async () => {
    let leads = true;
    const server = await listens(() => leads);
    const held = await fetch(server.url + STANDBY_WATCH);
    expect(held.status).toBe(200);
    await held.body!.cancel();
    leads = false;
    expect((await fetch(server.url + STANDBY_WATCH)).status).toBe(503);
  });
});
