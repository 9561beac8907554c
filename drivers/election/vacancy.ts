import type { EtcdAddress } from "../store/etcd/address.ts";
import { EtcdClient } from "../store/etcd/client.ts";
import { MACHINE, type Surroundings } from "../store/etcd/surroundings.ts";

/** Nobody leads, and nobody can, until it is released. */
export interface Vacancy {
  /** Resolves when others can lead again. Never rejects: who is not heard leaves it to the lease. */
  release(): Promise<void>;
}

/** A command that was killed keeps others waiting that long; one that writes large records is busy for a while. */
const LEASE_SECONDS = 15;
const RENEW_MS = 3_000;
const SHORT = { wholeMs: 2_000, attemptMs: 1_000 };

/**
 * Takes the leader's place on a store without leading, so that whoever stands by waits, as for a leader whom it cannot reach. The words of who leads where somebody
 * does. Rejects with StoreFailed where etcd does not answer.
 */
export async function keepVacant(
  { folder, ...address }: EtcdAddress,
  surroundings: Surroundings = MACHINE,
): Promise<Vacancy | { readonly leader: string }> {
  const etcd = new EtcdClient(address.hosts, undefined, address.access);
  const key = `/${folder}/leader`;
  // Without an address: nobody holds a connection to it, whose end would say that it is gone.
  const value = JSON.stringify({
    vacant: `process ${surroundings.pid} on ${surroundings.host}`,
    name: surroundings.newName(),
  });
  // Our own choice, because etcd's are larger than a number is exact.
  const lease = 1 + Math.floor(surroundings.random() * 2 ** 50);
  try {
    await etcd.grant(lease, LEASE_SECONDS);
    const { succeeded, pages } = await etcd.transact({
      when: [{ key, value: undefined }],
      does: [{ put: { key, value, lease } }],
      otherwise: [{ range: { key } }],
    });
    const there = pages[0]?.pairs[0]?.value;
    // It may have been done before, when the answer was lost.
    if (!succeeded && there !== value) {
      await etcd.revoke(lease, SHORT).catch(() => {});
      etcd.close();
      return { leader: there ?? "somebody" };
    }
  } catch (error) {
    etcd.close();
    throw error;
  }
  const rest = surroundings.every(RENEW_MS, () => void etcd.renew(lease, SHORT).catch(() => {}));
  return {
    async release() {
      rest();
      await etcd.revoke(lease, SHORT).catch(() => {});
      etcd.close();
    },
  };
}
