import { Compacted } from "@meseta/drivers/store/etcd/client.ts";
import type {
  Condition,
  Operation,
  Outcome,
  Page,
  Pair,
  Range,
  Transaction,
} from "@meseta/drivers/store/etcd/messages.ts";

/** What one transaction came to. */
export interface Written {
  readonly puts: Map<string, string>;
  readonly deletes: Set<string>;
}

interface Value {
  readonly value: string;
  readonly revision: number;
  readonly lease: number;
}

/** etcd said no to the request itself. */
export class Refused extends Error {}

/** What the members of an etcd agree on: keys with revisions and leases. The newest values only: what was read of before a change is compacted away. */
export class EtcdKeys {
  revision = 1;
  readonly #values = new Map<string, Value>();
  /** When a key that is no more was deleted. */
  readonly #deleted = new Map<string, number>();
  readonly #leases = new Map<number, Set<string>>();

  /** Throws Compacted. */
  range({ key, end, limit = 0, revision = 0, keysOnly = false }: Range): Page {
    const keys = end === undefined ? this.#one(key) : this.#span(key, end);
    if (revision > 0 && this.#changedSince(revision, key, end))
      throw new Compacted("the required revision has been compacted");
    const taken = limit > 0 ? keys.slice(0, limit) : keys;
    return {
      revision: this.revision,
      pairs: taken.map((one) => this.#pair(one, keysOnly)),
      more: taken.length < keys.length,
    };
  }

  /** All or nothing; throws Refused when it puts on a lease that is over. */
  transact({ when, does, otherwise = [] }: Transaction): { outcome: Outcome; written: Written } {
    const succeeded = when.every((condition) => this.#holds(condition));
    const operations = flat(succeeded ? does : otherwise);
    this.#checkLeases(operations);
    const written: Written = { puts: new Map(), deletes: new Set() };
    if (operations.some((operation) => !("range" in operation))) this.revision++;
    const pages = operations.flatMap((operation) => this.#carryOut(operation, written));
    return { outcome: { revision: this.revision, succeeded, pages }, written };
  }

  /** Whether there was none of that id. */
  grant(id: number): boolean {
    if (this.#leases.has(id)) return false;
    this.#leases.set(id, new Set());
    return true;
  }

  /** Its keys go with it; which those were. */
  revoke(id: number): string[] {
    const keys = this.#leases.get(id);
    if (keys === undefined) return [];
    this.#leases.delete(id);
    this.revision++;
    const gone = [...keys].filter((key) => this.#values.get(key)?.lease === id);
    for (const key of gone) this.#delete(key);
    return gone;
  }

  value(key: string): string | undefined {
    return this.#values.get(key)?.value;
  }

  #one(key: string): string[] {
    return this.#values.has(key) ? [key] : [];
  }

  #span(key: string, end: string): string[] {
    return [...this.#values.keys()].filter((one) => one >= key && one < end).sort((a, b) => (a < b ? -1 : 1));
  }

  #changedSince(revision: number, key: string, end = `${key}\u0000`): boolean {
    const isIn = (one: string): boolean => one >= key && one < end;
    for (const [one, value] of this.#values) if (value.revision > revision && isIn(one)) return true;
    for (const [one, at] of this.#deleted) if (at > revision && isIn(one)) return true;
    return false;
  }

  #pair(key: string, keysOnly: boolean): Pair {
    const { value, revision } = this.#values.get(key)!;
    return { key, value: keysOnly ? "" : value, revision };
  }

  #holds({ key, value }: Condition): boolean {
    return this.value(key) === value;
  }

  #checkLeases(operations: readonly Operation[]): void {
    for (const operation of operations)
      if ("put" in operation && operation.put.lease && !this.#leases.has(operation.put.lease))
        throw new Refused("etcdserver: requested lease not found");
  }

  #carryOut(operation: Operation, { puts, deletes }: Written): Page[] {
    if ("range" in operation) return [this.range(operation.range)];
    if ("put" in operation) {
      const { key, value, lease = 0 } = operation.put;
      this.#values.set(key, { value, revision: this.revision, lease });
      this.#deleted.delete(key);
      this.#leases.get(lease)?.add(key);
      puts.set(key, value);
      deletes.delete(key);
    } else if ("delete" in operation) {
      const { key, end } = operation.delete;
      for (const one of end === undefined ? this.#one(key) : this.#span(key, end)) {
        this.#delete(one);
        puts.delete(one);
        deletes.add(one);
      }
    }
    return [];
  }

  #delete(key: string): void {
    this.#values.delete(key);
    this.#deleted.set(key, this.revision);
  }
}

function flat(operations: readonly Operation[]): Operation[] {
  return operations.flatMap((operation) => ("all" in operation ? flat(operation.all) : [operation]));
}
