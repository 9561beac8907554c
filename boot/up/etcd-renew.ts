import { EtcdClient } from "@meseta/drivers/store/etcd/client.ts";
import { isVacant, putAside } from "../store/aside.ts";
import { asNewcomer, type EtcdMember } from "./etcd.ts";

/**
 * Prepares a member to begin anew: what it has is put aside, and the others, which must be more than half, take the old one out and let a new one in at the same place, as etcd
 * prescribes. Gives the part that is to be started, and where the old records are, if there were any. Whoever is interrupted does it again.
 */
export async function renew(
  member: EtcdMember,
  others: readonly EtcdMember[],
): Promise<{ readonly fresh: EtcdMember; readonly aside: string | undefined }> {
  // First of all: with its old records it would be refused from then on.
  const aside = isVacant(member.folder) ? undefined : putAside(member.folder);
  const client = new EtcdClient(others.map(({ host }) => host));
  try {
    for (const one of await client.members()) if (one.peerUrls.includes(member.peerUrl)) await client.removeMember(one);
    await client.addMember(member.peerUrl);
  } finally {
    client.close();
  }
  return { fresh: asNewcomer(member), aside };
}
