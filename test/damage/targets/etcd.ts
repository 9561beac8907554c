import type { Etcd } from "@meseta/drivers/store/etcd/client.ts";
import { Layout } from "@meseta/drivers/store/etcd/layout.ts";
import type { Page, Range } from "@meseta/drivers/store/etcd/messages.ts";
import { cut, storedPointer, storedRecord } from "@meseta/drivers/store/etcd/record.ts";
import { scanRecords } from "@meseta/drivers/store/etcd/scan.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Target } from "../cases.ts";
import type { Files } from "../harm.ts";

const LAYOUT = new Layout("meseta/master");

/**
 * The values of a store in etcd, each like a file: records, and pieces of large ones. That etcd itself loses a key, or has an older value, nothing here can tell: its members do, by
 * their own log and checksums.
 */
export function etcdTarget(random: Random): Target {
  const files = new Map<string, Buffer>();
  for (let at = 0; at < 40; at++) {
    const [key, text] = [`record/${at}`, JSON.stringify({ of: random.uuid(), text: "é".repeat(random.below(200)) })];
    files.set(LAYOUT.record(key), Buffer.from(storedRecord(key, text)));
  }
  for (let at = 0; at < 4; at++) {
    const [key, name, text] = [`large/${at}`, `name-${at}`, random.uuid().repeat(1_000)];
    const parts = cut(text, 8_192);
    files.set(LAYOUT.record(key), Buffer.from(storedPointer(key, text, parts.length, name)));
    for (const [part, value] of parts.entries()) files.set(LAYOUT.piece(name, part), Buffer.from(value));
  }
  return {
    name: "etcd values",
    files,
    older: [],
    read,
    isLocated: (message) => /is damaged: the key \S+ \(revision \d+\)/.test(message),
    untold: (key, how) => how === "gone" && !key.includes("/piece/"),
  };
}

async function read(files: Files): Promise<string> {
  const pairs = [...files]
    .map(([key, value]) => ({ key, value: value.toString(), revision: 1 }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = ({ key, end = `${key}\0`, limit = pairs.length }: Range): Page => {
    const found = pairs.filter((pair) => pair.key >= key && pair.key < end);
    return { pairs: found.slice(0, limit), more: found.length > limit } as unknown as Page;
  };
  const etcd = {
    range: async (range: Range) => page(range),
    transact: async ({ does }: { does: readonly { range: Range }[] }) => ({
      revision: 1,
      pages: does.map((one) => page(one.range)),
    }),
  } as unknown as Etcd;
  return JSON.stringify((await scanRecords(etcd, LAYOUT, "", "etcd://h/meseta/master")).records);
}
