import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { expect, test } from "vitest";
import { GrpcUnanswered } from "./grpc.ts";
import { type Channel, Members, type Patience } from "./members.ts";
import { MACHINE } from "./surroundings.ts";

const RENEWAL: Patience = { wholeMs: 1_000, attemptMs: 400 };

/** Members that answer after so many milliseconds each; no time passes but by them. */
function etcdOf(...answerMs: number[]) {
  let nowMs = 0;
  const asked: string[] = [];
  const channel = (host: string): Channel<string, string> => ({
    broken: false,
    async call(_, __, timeoutMs) {
      asked.push(`${host} ${timeoutMs}`);
      const tookMs = answerMs[Number(host)]!;
      nowMs += Math.min(tookMs, timeoutMs);
      if (tookMs > timeoutMs) throw new GrpcUnanswered("late");
      return host;
    },
    close() {},
  });
  const surroundings = {
    ...MACHINE,
    steadyNs: () => BigInt(Math.round(nowMs * 1e6)),
    wait: async (ms: number) => void (nowMs += ms),
  };
  const members = new Members([...answerMs.keys()].map(String), channel, RENEWAL, surroundings);
  return { call: () => members.call("Lease/LeaseKeepAlive", ""), asked, answerMs };
}

test("an etcd that is slower than one attempt is heard with the second call, and from then on", async () => {
  for (const members of [1, 3]) {
    const etcd = etcdOf(...Array.from({ length: members }, () => 700));
    await expect(etcd.call()).rejects.toThrow(StoreFailed);
    for (let call = 0; call < 5; call++) await expect(etcd.call()).resolves.toBeDefined();
  }
});

test("once it answers in time again, a member that does not costs no more than before", async () => {
  const etcd = etcdOf(700, 700);
  await expect(etcd.call()).rejects.toThrow(StoreFailed);
  etcd.answerMs.fill(5);
  const last = await etcd.call();
  etcd.answerMs[Number(last)] = 10_000;
  etcd.asked.length = 0;
  await etcd.call();
  expect(etcd.asked).toEqual([`${last} 400`, `${1 - Number(last)} 400`]);
});

test("where nobody answers at all each call ends within its time", async () => {
  const etcd = etcdOf(10_000, 10_000, 10_000);
  for (let call = 0; call < 8; call++) {
    etcd.asked.length = 0;
    await expect(etcd.call()).rejects.toThrow(StoreFailed);
    const askedMs = etcd.asked.map((one) => Number(one.split(" ")[1])).reduce((sum, ms) => sum + ms, 0);
    expect(askedMs).toBeLessThanOrEqual(RENEWAL.wholeMs);
  }
});
