import { StoreDamaged } from "@meseta/lib/core/ports/store.ts";
import { Compacted, type Etcd } from "./client.ts";
import type { Layout } from "./layout.ts";
import type { Pair } from "./messages.ts";
import { fits, readStored } from "./record.ts";

export interface Scanned {
  /** The revision of etcd that all of it is of. */
  readonly revision: number;
  readonly epoch: string | undefined;
  readonly head: string | undefined;
  readonly records: [key: string, value: string][];
  /** Records that are in pieces, and under which name. */
  readonly named: [key: string, name: string][];
}

/** Large enough for few round trips, small enough for the memory of a process: a record's own value has some tens of KiB at most. */
const PAGE_RECORDS = 1_000;
const PAGE_PIECES = 16;
/** Others may compact while we read. Each time we begin anew there is more time until the next. */
const MAX_BEGINNINGS = 10;

/** Reads all records of that prefix as they stood at one revision. `url` is what a damage is told of. */
export async function scanRecords(client: Etcd, layout: Layout, prefix: string, url: string): Promise<Scanned> {
  for (let beginning = 1; ; beginning++)
    try {
      return await scanOnce(client, layout, prefix, url);
    } catch (error) {
      if (!(error instanceof Compacted) || beginning === MAX_BEGINNINGS) throw error;
    }
}

async function scanOnce(client: Etcd, layout: Layout, prefix: string, url: string): Promise<Scanned> {
  const { key, end } = layout.records(prefix);
  const first = await client.transact({
    when: [],
    does: [
      { range: { key: layout.epoch } },
      { range: { key: layout.head } },
      { range: { key, end, limit: PAGE_RECORDS } },
    ],
  });
  const { revision } = first;
  const [epoch, head, page] = first.pages;
  const scanned: Scanned = {
    revision,
    epoch: epoch!.pairs[0]?.value,
    head: head!.pairs[0]?.value,
    records: [],
    named: [],
  };
  for (let { pairs, more } = page!; ; ) {
    for (const pair of pairs) await take(pair);
    if (!more) return scanned;
    const next = `${pairs.at(-1)!.key}\u0000`;
    ({ pairs, more } = await client.range({ key: next, end, limit: PAGE_RECORDS, revision }));
  }

  async function take(pair: Pair): Promise<void> {
    const key = layout.keyOf(pair.key);
    const stored = readStored(pair.value);
    const text = stored === undefined || "text" in stored ? stored?.text : await piecesOf(stored.name, stored.pieces);
    if (text === undefined || !fits(key, text, pair.value)) throw damaged(pair);
    if (!("text" in stored!)) scanned.named.push([key, stored!.name]);
    scanned.records.push([key, text]);
  }

  async function piecesOf(name: string, count: number): Promise<string | undefined> {
    const texts: string[] = [];
    for (let { key, end } = layout.pieces(name); ; ) {
      const { pairs, more } = await client.range({ key, end, revision, limit: PAGE_PIECES });
      for (const piece of pairs) texts.push(piece.value);
      if (!more) return texts.length === count ? texts.join("") : undefined;
      key = `${pairs.at(-1)!.key}\u0000`;
    }
  }

  function damaged({ key, revision: written }: Pair): StoreDamaged {
    return new StoreDamaged(
      `${url} is damaged: the key ${key} (revision ${written}) fails its checksum. Restore it from a backup.`,
    );
  }
}
