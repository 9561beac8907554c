import { describe, expect, it } from "vitest";
import { LOOP_BOUNDS } from "./bounds.ts";
import { Daemon, type DaemonPorts, Outbox } from "./daemon.ts";
import { type Change, StoreChanged, StoreDamaged, StoreFailed } from "./ports/store.ts";

type Event = { add: number; save?: boolean; key?: string };
class Adder {
  total: number;
  constructor(total = 0) {
    this.total = total;
  }
  apply(event: Event, _nowMs: number, out: Outbox<string>): void {
    this.total += event.add;
    if (event.save !== false) out.save(event.key ?? "total", { total: this.total });
    out.push(`told ${this.total}`);
  }
}

function bench(mostQueued?: number) {
  const commits: { change: Change; land(): void; fail(error: Error): void }[] = [];
  const told: string[] = [];
  const refused: string[] = [];
  const deferred: (() => void)[] = [];
  const laters: (() => void)[] = [];
  const durable = { total: 0 };
  const ports: DaemonPorts<Event, string, Outbox<string>, Adder> = {
    hands: {
      carryOut: (effect) => void told.push(effect),
      refuse: (event, reason) => void refused.push(`${event.add}: ${reason.message}`),
      isAsked: ({ key }) => key === undefined,
    },
    newOutbox: () => new Outbox<string>(),
    nowMs: () => 0,
    ...(mostQueued !== undefined && { mostQueued }),
    commit: (change) =>
      new Promise((resolve, reject) =>
        commits.push({
          change,
          land() {
            const total = change.puts.get("total");
            if (total !== undefined) durable.total = JSON.parse(total).total;
            resolve();
          },
          fail: reject,
        }),
      ),
    load: async () => new Adder(durable.total),
    defer: (task) => void deferred.push(task),
    later: (task) => void laters.push(task),
    fatal: (reason) => void told.push(`fatal ${reason.message}`),
    maxRecords: 100,
  };
  const daemon = new Daemon(new Adder(), ports);
  const turn = () => {
    for (const task of deferred.splice(0)) task();
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { daemon, ports, durable, commits, told, refused, laters, turn, settle };
}

describe("the daemon", () => {
  it("tells nothing before the commit has landed", async () => {
    const { daemon, commits, told, turn, settle } = bench();
    daemon.post({ add: 1 });
    turn();
    expect(told).toEqual([]);
    commits[0]!.land();
    await settle();
    expect(told).toEqual(["told 1"]);
  });

  it("applies the next group while a commit is under way, and keeps the order", async () => {
    const { daemon, commits, told, turn, settle } = bench();
    daemon.post({ add: 1 });
    turn();
    daemon.post({ add: 1 });
    daemon.post({ add: 1, save: false });
    turn();
    expect(commits).toHaveLength(1);
    commits[0]!.land();
    await settle();
    expect(told).toEqual(["told 1"]);
    expect(commits).toHaveLength(2);
    commits[1]!.land();
    await settle();
    expect(told).toEqual(["told 1", "told 2", "told 3"]);
  });

  it("lets an event that saves nothing leave at once when nothing is uncommitted", () => {
    const { daemon, commits, told, turn } = bench();
    daemon.post({ add: 1, save: false });
    turn();
    expect(told).toEqual(["told 1"]);
    expect(commits).toEqual([]);
  });

  it("holds a read until what it saw is durable", async () => {
    const { daemon, commits, turn, settle } = bench();
    const seen: number[] = [];
    daemon.post({ add: 5 });
    turn();
    daemon.read(
      (core) => core.total,
      (total) => void seen.push(total),
      () => {},
    );
    expect(seen).toEqual([]);
    commits[0]!.land();
    await settle();
    expect(seen).toEqual([5]);
  });

  it("lets nothing out of a process that leads no more, and ends it once", async () => {
    const { daemon, ports, commits, told, refused, turn, settle } = bench();
    let leads = true;
    ports.mayAct = () => leads;
    const reads: string[] = [];
    const read = () =>
      daemon.read(
        (core) => core.total,
        (total) => void reads.push(`saw ${total}`),
        (reason) => void reads.push(reason.message),
      );
    daemon.post({ add: 1 });
    turn();
    read();
    daemon.post({ add: 2 });
    leads = false;
    commits[0]!.land();
    await settle();
    turn();
    read();
    daemon.post({ add: 3 });
    expect(told).toEqual(["fatal this process leads no more"]);
    expect(reads).toEqual(["this process leads no more", "this process leads no more"]);
    expect(refused).toEqual(["3: this process leads no more"]);
    expect(commits).toHaveLength(1);
  });

  it("applies nothing when it wakes up as one that leads no more, and an event that saves nothing does not leave", () => {
    const { daemon, ports, told, turn } = bench();
    let asked = 0;
    ports.mayAct = () => ++asked === 1;
    daemon.post({ add: 1, save: false });
    turn();
    expect(told).toEqual(["fatal this process leads no more"]);
  });

  it("refuses the batch of a failed commit, forgets it, and goes on when the store works again", async () => {
    const { daemon, commits, told, refused, laters, turn, settle } = bench();
    daemon.post({ add: 1 });
    turn();
    daemon.post({ add: 2 });
    turn();
    const reads: string[] = [];
    daemon.read(
      (core) => core.total,
      () => void reads.push("answered"),
      (reason) => void reads.push(reason.message),
    );
    commits[0]!.fail(new Error("disk full"));
    await settle();
    expect(refused).toEqual(["1: disk full", "2: disk full"]);
    expect(reads).toEqual(["disk full"]);
    expect(daemon.core.total).toBe(0);
    daemon.post({ add: 3 });
    expect(refused).toHaveLength(3);
    commits[1]!.fail(new Error("disk full"));
    await settle();
    laters[0]!();
    commits[2]!.land();
    await settle();
    daemon.post({ add: 4 });
    turn();
    commits[3]!.land();
    await settle();
    expect(told).toEqual(["told 4"]);
  });

  it("answers no read and waits when the store cannot even be read, and goes on when it can", async () => {
    const { daemon, ports, durable, commits, told, laters, turn, settle } = bench();
    const readings = [new StoreFailed("nobody answers"), new StoreFailed("nobody answers yet")];
    const { load } = ports;
    ports.load = () => (readings.length > 0 ? Promise.reject(readings.shift()) : load());
    const read = () => {
      let result: number | string = "held";
      daemon.read(
        (core) => core.total,
        (total) => void (result = total),
        (reason) => void (result = reason.message),
      );
      return result;
    };
    durable.total = 10;
    daemon.post({ add: 1 });
    turn();
    commits[0]!.fail(new StoreFailed("cut off"));
    await settle();
    expect(read()).toBe("nobody answers");
    laters[0]!();
    await settle();
    expect(read()).toBe("nobody answers yet");
    laters[1]!();
    await settle();
    expect(read()).toBe(10);
    commits[1]!.land();
    await settle();
    daemon.post({ add: 1 });
    turn();
    commits[2]!.land();
    await settle();
    expect([told, read()]).toEqual([["told 11"], 11]);
  });

  it("loads again when the store says that it changed, and ends when it is damaged", async () => {
    const { daemon, ports, durable, commits, told, laters, turn, settle } = bench();
    daemon.post({ add: 1 });
    turn();
    commits[0]!.fail(new StoreFailed("cut off"));
    await settle();
    commits[1]!.fail(new StoreChanged("a commit had been stored after all"));
    await settle();
    durable.total = 1;
    laters[0]!();
    await settle();
    expect(daemon.core.total).toBe(1);
    commits[2]!.fail(new StoreChanged("once more"));
    await settle();
    ports.load = () => Promise.reject(new StoreDamaged("a record"));
    laters[1]!();
    await settle();
    expect(told).toEqual(["fatal a record"]);
  });

  it("loads nothing and ends nothing when a commit fails after it was stopped", async () => {
    const { daemon, commits, told, laters, turn, settle } = bench();
    daemon.post({ add: 1 });
    turn();
    daemon.stop();
    commits[0]!.fail(new Error("the store is closed"));
    await settle();
    expect([told, laters, commits.length]).toEqual([[], [], 1]);
  });

  it("refuses who asks while too many events wait, and takes what happened all the same", () => {
    const { daemon, refused } = bench();
    const event = { add: 1 };
    for (let i = 0; i < LOOP_BOUNDS.queuedEvents.most; i++) daemon.post(event);
    daemon.post({ add: 2 });
    daemon.post({ add: 3, key: "a timer" });
    expect(refused).toEqual(["2: too many requests are waiting"]);
    expect([daemon.queued, daemon.overflowed]).toEqual([LOOP_BOUNDS.queuedEvents.most + 1, 1]);
  });

  it("takes as many as the operator says that may wait", () => {
    const { daemon } = bench(2);
    for (let i = 0; i < 5; i++) daemon.post({ add: 1 });
    expect([daemon.queued, daemon.overflowed]).toEqual([2, 3]);
  });

  it("cuts a large batch only between events, and never beyond the store's bound", async () => {
    const { daemon, commits, told, turn, settle } = bench();
    for (let i = 0; i < 250; i++) daemon.post({ add: 1, key: `key ${i}` });
    turn();
    const sizes: number[] = [];
    while (commits.length > 0) {
      const commit = commits.shift()!;
      sizes.push(commit.change.puts.size);
      commit.land();
      await settle();
    }
    expect(sizes).toEqual([100, 100, 50]);
    expect(told).toHaveLength(250);
  });
});
