import {
  type Change,
  checkLengths,
  EpochRefused,
  type Opened,
  type Store,
  StoreChanged,
  StoreDamaged,
  StoreFailed,
  StoreNewer,
} from "@meseta/lib/core/ports/store.ts";
import { type EtcdAddress, etcdUrl } from "./address.ts";
import { type Etcd, EtcdClient } from "./client.ts";
import { Compactor } from "./compactor.ts";
import { Layout } from "./layout.ts";
import type { Patience } from "./members.ts";
import type { Condition, Operation, Outcome } from "./messages.ts";
import { planCommit } from "./plan.ts";
import { type Owner, Presence } from "./presence.ts";
import { storedRecord } from "./record.ts";
import { scanRecords } from "./scan.ts";
import { MACHINE, type Surroundings } from "./surroundings.ts";

/** A store in etcd can be asked who has it open, without opening it. */
export interface EtcdStore extends Store {
  owner(): Promise<Owner | undefined>;
  /** As `open` tells it, without taking the store over; undefined when nobody has ever opened it. */
  look(): Promise<Opened | undefined>;
  /** Forgets all that is there, whole or damaged, and holds this one record then, in one step. Whoever had it open has lost it. */
  erase(key: string, value: string): Promise<void>;
}

/**
 * A store in a folder of etcd. A commit is one transaction of etcd: it holds only while the epoch is this owner's and the last commit is the one
 * that this owner knows, so it can be sent again when no answer came, and what an older owner sends has no effect. It resolves when a
 * majority of the members has it on disk. One thing is done after the other.
 */
export function openEtcd(address: EtcdAddress, patience?: Patience): EtcdStore {
  return etcdStore(address, new EtcdClient(address.hosts, patience, address.access), MACHINE);
}

/** The same over any client, which it closes in the end. */
export function etcdStore(address: EtcdAddress, client: Etcd, surroundings: Surroundings): EtcdStore {
  return new OpenEtcd(address, client, surroundings);
}

class OpenEtcd implements EtcdStore {
  readonly maxRecords = MAX_RECORDS;
  readonly #url: string;
  readonly #client: Etcd;
  readonly #surroundings: Surroundings;
  readonly #layout: Layout;
  readonly #presence: Presence;
  readonly #compactor: Compactor;
  /** Records in pieces, and under which name these are. */
  readonly #named = new Map<string, string>();
  #mine: Mine | undefined;
  /** The value of the last commit; undefined after a failure, when it may or may not be there, until all is read again. */
  #head: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(address: EtcdAddress, client: Etcd, surroundings: Surroundings) {
    this.#url = etcdUrl(address);
    this.#client = client;
    this.#surroundings = surroundings;
    this.#layout = new Layout(address.folder);
    this.#presence = new Presence(client, this.#layout, surroundings);
    this.#compactor = new Compactor(this.#client);
  }

  open(above = 0): Promise<Opened> {
    return this.#inTurn(() => this.#takeOver(above));
  }

  scan(prefix: string): Promise<[string, string][]> {
    return this.#inTurn(() => this.#scan(prefix));
  }

  commit(change: Change, epoch: number): Promise<void> {
    return this.#inTurn(() => this.#commit(change, epoch));
  }

  owner(): Promise<Owner | undefined> {
    return this.#inTurn(async () => {
      const { pairs } = await this.#client.range({ key: this.#layout.owner });
      return pairs[0] && (JSON.parse(pairs[0].value) as Owner);
    });
  }

  look(): Promise<Opened | undefined> {
    return this.#inTurn(async () => {
      const { epoch, head } = await this.#read();
      return epoch === undefined ? undefined : { epoch: numberOf(epoch)!, version: numberOf(head!)! };
    });
  }

  erase(key: string, value: string): Promise<void> {
    return this.#inTurn(async () => {
      const { epoch, head, form } = this.#layout;
      const { dayMs, newName } = this.#surroundings;
      const kept = this.#layout.record(key);
      const { key: first, end } = this.#layout.records("");
      const before = valueIn(await this.#client.range({ key: epoch }));
      const last = Math.max(numberOf(before ?? "") ?? 0, Math.floor(dayMs() / 1000));
      await this.#client.transact({
        when: [{ key: form, value: undefined }],
        does: [
          { delete: { key: first, end: kept } },
          { delete: { key: `${kept}\u0000`, end } },
          { delete: this.#layout.allPieces() },
          { put: { key: kept, value: storedRecord(key, value) } },
          { put: { key: epoch, value: `${last + 1} ${newName()}` } },
          { put: { key: head, value: `0 ${newName()}` } },
        ],
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#turn.then(async () => {
      await this.#presence.end();
      this.#client.close();
    });
    return this.#closing;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new StoreFailed("the store is closed"));
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #takeOver(above: number): Promise<Opened> {
    const { dayMs, newName } = this.#surroundings;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await this.#read();
      // As the time of day, so that a store that was made anew, or filled from a copy, comes after all that were obeyed before.
      const last = before.epoch === undefined ? 0 : numberOf(before.epoch)!;
      const epoch = Math.max(last + 1, above + 1, Math.floor(dayMs() / 1000));
      const value = `${epoch} ${newName()}`;
      const head = before.head ?? `0 ${newName()}`;
      const { succeeded, pages } = await this.#client.transact({
        when: [
          { key: this.#layout.epoch, value: before.epoch },
          { key: this.#layout.form, value: undefined },
        ],
        does: [
          { put: { key: this.#layout.epoch, value } },
          ...(before.head === undefined ? [{ put: { key: this.#layout.head, value: head } }] : []),
          await this.#presence.before(epoch),
          { range: { key: this.#layout.head } },
        ],
        otherwise: [{ range: { key: this.#layout.epoch } }, { range: { key: this.#layout.head } }],
      });
      // It may have been carried out before, when the answer was lost.
      if (!succeeded && valueIn(pages[0]) !== value) continue;
      this.#head = valueIn(pages.at(-1))!;
      this.#mine = { epoch, value };
      this.#named.clear();
      this.#presence.begin(epoch, this.#isMine(this.#mine));
      return { epoch, version: numberOf(this.#head)! };
    }
    throw new StoreFailed(`${this.#url} is taken over by others all the time`);
  }

  async #scan(prefix: string): Promise<[string, string][]> {
    for (let attempt = 1; ; attempt++) {
      const scanned = await scanRecords(this.#client, this.#layout, prefix, this.#url);
      if (prefix !== "") return scanned.records;
      this.#named.clear();
      for (const [key, name] of scanned.named) this.#named.set(key, name);
      if (this.#mine === undefined || scanned.epoch !== this.#mine.value) return scanned.records;
      this.#head = scanned.head;
      try {
        await this.#sweep(this.#mine);
        return scanned.records;
      } catch (error) {
        if (error instanceof EpochRefused) throw error;
        if (error instanceof StoreChanged && attempt < MAX_ATTEMPTS) continue;
        // Nobody needs it now, and an etcd that is full is read all the same. What comes next builds on what was read.
        this.#head = scanned.head;
        return scanned.records;
      }
    }
  }

  async #commit(change: Change, epoch: number): Promise<void> {
    checkLengths(change);
    const records = change.puts.size + change.deletes.size;
    if (records > MAX_RECORDS)
      throw new StoreFailed(`${records} records in one commit; ${this.#url} takes ${MAX_RECORDS}`);
    const mine = this.#mine;
    if (mine === undefined || mine.epoch !== epoch) throw await this.#refused(epoch);
    const plan = planCommit(change, this.#named, this.#layout, this.#surroundings.newName);
    const base = this.#head;
    if (base === undefined) throw await this.#unknown(mine);
    // Pieces may be there without their commit, but not the other way round.
    for (const does of plan.before) await this.#ifMine(mine, does);
    const revision = await this.#advance(mine, base, numberOf(base)! + 1, plan.together);
    for (const [key, name] of plan.names) {
      if (name === undefined) this.#named.delete(key);
      else this.#named.set(key, name);
    }
    this.#compactor.wrote(revision, change);
  }

  /**
   * Does it as what comes next after `base`, and after nothing else; the revision of etcd that it has then. When no answer comes the head
   * is unknown until it is read again, and what is read then may still be overtaken by this: the next one that builds on it is refused.
   */
  async #advance(mine: Mine, base: string, version: number, does: readonly Operation[]): Promise<number> {
    const head = `${version} ${this.#surroundings.newName()}`;
    this.#head = undefined;
    const outcome = await this.#client.transact({
      when: [this.#isMine(mine), { key: this.#layout.head, value: base }],
      does: [{ put: { key: this.#layout.head, value: head } }, ...does],
      otherwise: [{ range: { key: this.#layout.epoch } }, { range: { key: this.#layout.head } }],
    });
    if (!outcome.succeeded) this.#judge(outcome, mine, head);
    this.#head = head;
    return outcome.revision;
  }

  // It was not done: now. It may have been before, when the answer was lost.
  #judge({ pages: [epoch, head] }: Outcome, mine: Mine, ours: string): void {
    const now = valueIn(epoch);
    if (now !== mine.value) throw this.#isOver(mine.epoch, now);
    if (valueIn(head) !== ours)
      throw new StoreChanged(
        "a commit that had been given up was stored after all: what is known of the store is to be loaded again",
      );
  }

  async #ifMine(mine: Mine, does: readonly Operation[]): Promise<void> {
    const { succeeded } = await this.#client.transact({ when: [this.#isMine(mine)], does });
    if (!succeeded) throw await this.#refused(mine.epoch);
  }

  async #refused(epoch: number): Promise<EpochRefused> {
    return this.#isOver(epoch, (await this.#read()).epoch);
  }

  async #unknown(mine: Mine): Promise<Error> {
    const { epoch } = await this.#read();
    if (epoch !== mine.value) return this.#isOver(mine.epoch, epoch);
    return new StoreChanged("a commit failed, and whether it was stored is known only when all is loaded again");
  }

  #isOver(epoch: number, now: string | undefined): EpochRefused {
    if (epoch === this.#mine?.epoch) this.#presence.stop();
    return new EpochRefused(epoch, now === undefined ? 0 : numberOf(now)!);
  }

  #isMine({ value }: Mine): Condition {
    return { key: this.#layout.epoch, value };
  }

  /** Whose the store is, and the last commit; both there or none of them. */
  async #read(): Promise<{ epoch: string | undefined; head: string | undefined }> {
    const records = { ...this.#layout.records(""), limit: 1, keysOnly: true };
    const { pages } = await this.#client.transact({
      when: [],
      does: [
        { range: { key: this.#layout.epoch } },
        { range: { key: this.#layout.head } },
        { range: records },
        { range: { key: this.#layout.form } },
      ],
    });
    const form = valueIn(pages[3]);
    if (form !== undefined)
      throw new StoreNewer(
        `${this.#url} is a store of form ${form}, made by a newer release; this one knows form 1. Start that release again`,
      );
    const [epoch, head] = [valueIn(pages[0]), valueIn(pages[1])];
    const isNew = epoch === undefined && head === undefined && pages[2]!.pairs.length === 0;
    if (!isNew && (numberOf(epoch ?? "") === undefined || numberOf(head ?? "") === undefined))
      throw new StoreDamaged(
        `${this.#url} is damaged: there are records, and the keys ${this.#layout.epoch} and ${this.#layout.head} are not as they were written. Restore it from a backup.`,
      );
    return { epoch, head };
  }

  /**
   * Removes pieces that no record points at: of commits that failed half way. One that was given up may still arrive and point at its
   * own; so the head moves on first, and then it cannot.
   */
  async #sweep(mine: Mine): Promise<void> {
    const known = new Set(this.#named.values());
    const stray = (await this.#names()).filter((name) => !known.has(name));
    if (stray.length === 0) return;
    await this.#advance(mine, this.#head!, numberOf(this.#head!)!, []);
    for (const name of stray) await this.#ifMine(mine, [{ delete: this.#layout.pieces(name) }]);
  }

  async #names(): Promise<string[]> {
    const names = new Set<string>();
    for (let { key, end } = this.#layout.allPieces(); ; ) {
      const { pairs, more } = await this.#client.range({ key, end, keysOnly: true, limit: 10_000 });
      for (const pair of pairs) names.add(this.#layout.nameOf(pair.key));
      if (!more) return [...names];
      key = `${pairs.at(-1)!.key}\u0000`;
    }
  }
}

/** The epoch of this owner, and the value of its key. */
interface Mine {
  readonly epoch: number;
  readonly value: string;
}

/** Larger batches would be cut by their bytes anyway, and an event saves a hundred records at most. */
const MAX_RECORDS = 500;
const MAX_ATTEMPTS = 20;

function valueIn(page: Outcome["pages"][number] | undefined): string | undefined {
  return page?.pairs[0]?.value;
}

function numberOf(value: string): number | undefined {
  const number = /^(\d{1,15}) \S+$/.exec(value)?.[1];
  return number === undefined ? undefined : Number(number);
}
