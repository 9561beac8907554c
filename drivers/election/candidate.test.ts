import { expect, test } from "vitest";
import type { Etcd } from "../store/etcd/client.ts";
import type { Page } from "../store/etcd/messages.ts";
import { Candidate } from "./candidate.ts";
import { LeaseCells } from "./lease.ts";

const OTHER = JSON.stringify({ hostname: "127.0.0.1", port: 1, name: "other" });
const address = { hostname: "127.0.0.1", port: 2 };
const turns = () => new Promise((resolve) => setImmediate(resolve));

/** A candidate over an etcd that answers each look when it is told to, while the process of another one that leads is gone when it is said. */
function candidacy() {
  const looks: PromiseWithResolvers<Page>[] = [];
  const gone = Promise.withResolvers<void>();
  const silences: (string | undefined)[] = [];
  const cells = new LeaseCells();
  const etcd = {
    range: () => {
      looks.push(Promise.withResolvers<Page>());
      return looks.at(-1)!.promise;
    },
    transact: async () => ({ succeeded: true, revision: 1, pages: [] }),
    close: () => {},
  } as unknown as Etcd;
  const candidate = new Candidate({
    folder: "f",
    etcd,
    lease: { cells, keep: async () => cells.renewed(7, 1_000_000_000_000n), end: async () => {} },
    surroundings: { steadyNs: () => 0n, wait: turns, random: () => 0.5, newName: () => "mine" } as never,
    silence: (reason) => void silences.push(reason?.message),
    leaderGone: () => gone.promise,
  });
  return { candidate, looks, gone, silences };
}

const saw = (value: string | undefined) => ({ pairs: value === undefined ? [] : [{ value }] }) as unknown as Page;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turns();
}

test("what a look brings that was under way when the process came to lead is old: it hears, and names nobody else", async () => {
  for (const end of ["refused", "answered"]) {
    const { candidate, looks, gone, silences } = candidacy();
    const leads = candidate.stand(address);
    await until(() => looks.length === 1);
    looks[0]!.resolve(saw(OTHER));
    // The look of who waits for the other one's end.
    await until(() => looks.length === 2);
    gone.resolve();
    await leads;
    if (end === "refused") looks[1]!.reject(new Error("no etcd answers"));
    else looks[1]!.resolve(saw(OTHER));
    await turns();
    expect([candidate.hears(), candidate.leader(), silences]).toEqual([true, undefined, []]);
    await candidate.resign();
  }
});

test("who was told that no etcd answers, and comes to lead before the next look, hears it again", async () => {
  const { candidate, looks, gone, silences } = candidacy();
  const leads = candidate.stand(address);
  await until(() => looks.length === 1);
  looks[0]!.resolve(saw(OTHER));
  await until(() => looks.length === 2);
  looks[1]!.reject(new Error("no etcd answers"));
  await until(() => !candidate.hears());
  gone.resolve();
  await leads;
  expect([candidate.hears(), silences]).toEqual([true, ["no etcd answers", undefined]]);
  await candidate.resign();
});
