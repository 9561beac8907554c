import { StoreFailed } from "@meseta/lib/core/ports/store.ts";
import type { GrpcRefused } from "./grpc.ts";

/** What etcd refused, with what an operator can do about it. */
export function refusal({ message, status }: GrpcRefused, members: string): StoreFailed {
  const remedy = REMEDIES.find(([words]) => message.includes(words))?.[1];
  return new StoreFailed(
    `etcd at ${members} says "${message || `status ${status}`}"${remedy === undefined ? "" : `: ${remedy}`}`,
  );
}

// By the words of etcd's own errors (api/v3rpc/rpctypes).
const REMEDIES: readonly (readonly [words: string, remedy: string])[] = [
  [
    "database space exceeded",
    "its database has reached --quota-backend-bytes. Make room (etcdctl compact REVISION, then etcdctl defrag) or raise the quota, then: etcdctl alarm disarm",
  ],
  ["request is too large", "start its members with --max-request-bytes 1572864 (the default) or more"],
  ["too many operations", "start its members with --max-txn-ops 128 (the default) or more"],
  ["no leader", "fewer than half of its members see one another. Start the missing ones"],
  ["leader changed", "its members elect a leader again and again. Are their disks slow, or their clocks jumping?"],
  [
    "request timed out",
    "fewer than half of its members answer in time. Start the missing ones, or give them faster disks",
  ],
  ["user name is empty", "it wants to know who asks: --etcd-user NAME, with the password in MESETA_ETCD_PASSWORD"],
  ["permission denied", "its user is to have a role that may read and write beneath the store's folder"],
  [
    "invalid user ID or password",
    "--etcd-user and the password in MESETA_ETCD_PASSWORD are not those of one of its users",
  ],
  ["alarm is activated", "a member found its data damaged. See: etcdctl alarm list"],
  ["corrupt cluster", "a member found its data damaged. See: etcdctl alarm list"],
];
