import { setTimeout as wait } from "node:timers/promises";
import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import type { EtcdAccess } from "./access.ts";
import { Compacted, EtcdClient } from "./client.ts";

/** What the members of one etcd came to when they were compared. Each is named by its `host:port`. */
export interface Compared {
  /** Of etcd: all that is written later was not compared. */
  readonly revision: number;
  /** More than half of all members, which hold the same; empty where no so many do. */
  readonly same: readonly string[];
  /** Hold something else. */
  readonly different: readonly string[];
  /** Could not be asked, each with the reason. */
  readonly silent: readonly { readonly host: string; readonly why: string }[];
}

/** Members that are behind catch up in between. */
const MAX_ATTEMPTS = 20;
const PAUSE_MS = 500;
const IN_TIME = { wholeMs: 5_000, attemptMs: 5_000 };

/**
 * Compares what the members of an etcd hold of all keys, at a revision that all of them have: etcd itself finds a damaged log when it starts, and nothing of a database
 * whose bytes have changed. `of`: how many members there are, where not all are asked. Rejects with StoreFailed when the members never had a revision in common.
 */
export async function compareReplicas(
  hosts: readonly string[],
  { of = hosts.length, access }: { readonly of?: number; readonly access?: EtcdAccess | undefined } = {},
): Promise<Compared> {
  const members = hosts.map((host) => ({ host, client: new EtcdClient([host], IN_TIME, access) }));
  try {
    for (let attempt = 1; ; attempt++) {
      const compared = await compareOnce(members, of);
      if (compared !== undefined) return compared;
      if (attempt === MAX_ATTEMPTS) throw new StoreFailed(`the members ${hosts.join(", ")} are never equally far`);
      await wait(PAUSE_MS);
    }
  } finally {
    for (const { client } of members) client.close();
  }
}

interface Asked {
  readonly host: string;
  readonly client: EtcdClient;
}

/** Undefined when one of them did not have that revision, or had forgotten more than the others. */
async function compareOnce(members: readonly Asked[], of: number): Promise<Compared | undefined> {
  const revisions = await Promise.all(members.map(({ client }) => client.range({ key: "/" }).catch(failure)));
  const known = revisions.flatMap((one) => ("why" in one ? [] : one.revision));
  const revision = known.length === 0 ? 0 : Math.min(...known);
  const sums = await Promise.all(
    members.map(async ({ client }, at) => {
      const before = revisions[at]!;
      return "why" in before ? before : client.sum(revision).catch(failure);
    }),
  );
  if (sums.some((one) => "why" in one && isElsewhere(one.error))) return undefined;
  const answered = sums.flatMap((one, at) => ("why" in one ? [] : { host: members[at]!.host, ...one }));
  if (new Set(answered.map(({ compacted }) => compacted)).size > 1) return undefined;
  const agree = (sum: number): string[] => answered.filter((one) => one.sum === sum).map(({ host }) => host);
  const same = answered.map(({ sum }) => agree(sum)).find(({ length }) => length * 2 > of) ?? [];
  const silent = sums.flatMap((one, at) => ("why" in one ? { host: members[at]!.host, why: one.why } : []));
  const different = answered.map(({ host }) => host).filter((host) => !same.includes(host));
  return { revision, same, different, silent };
}

function failure(error: Error): { readonly why: string; readonly error: Error } {
  return { why: error.message, error };
}

/** It has not come so far, or has forgotten that. */
function isElsewhere(error: Error): boolean {
  return error instanceof Compacted || error.message.includes("future revision");
}
