import type { Resource, ResourceDiskInfoSource } from "@meseta/api/mesos/generated/mesos.ts";
import { fromMilli, toMilli } from "@meseta/api/mesos/resources/scalar.ts";
import { withMilli } from "@meseta/api/mesos/resources/value.ts";
import type { Pool, Stock } from "@meseta/sdk/core/offer/pool.ts";
import { accepts } from "./operators.ts";
import { Tally } from "./tally.ts";
import type { Reservation, VolumeWish } from "./wish.ts";

/** A disk for each new volume, of what is unreserved; undefined when one finds none. Takes them from the stock, so ask only when all else is there. */
export function takeDisks(wishes: readonly VolumeWish[], stock: Stock, ids: readonly string[]): Resource[] | undefined {
  const before = stock.pools.map(({ milli }) => milli);
  const taken: Resource[] = [];
  for (const [i, wish] of wishes.entries()) {
    const pool = bestOf(stock.pools.filter((one) => fits(one, wish)));
    if (pool === undefined) {
      putBack(stock, before);
      return undefined;
    }
    taken.push(volumeOf(pool, wish, ids[i]!));
  }
  return taken;
}

/** The amounts of the stock's pools as they were before. */
export function putBack(stock: Stock, before: readonly number[]): void {
  for (const [i, pool] of stock.pools.entries()) pool.milli = before[i]!;
}

/** The volumes of a reservation, as the offer shows them, in the order of their ids; undefined unless all are there. */
export function volumesOf(stock: Stock, reservation: Reservation): Resource[] | undefined {
  const found = reservation.volumeIds.map((id) =>
    stock.pools.find(({ resource, milli }) => milli > 0 && resource.disk?.persistence?.id === id),
  );
  return found.every((pool) => pool !== undefined) ? found.map(({ resource }) => resource) : undefined;
}

// The smallest disk that will do: a larger one may be what the next volume needs.
function bestOf(pools: readonly Pool[]): Pool | undefined {
  return pools.reduce<Pool | undefined>(
    (best, one) => (best === undefined || one.milli < best.milli ? one : best),
    undefined,
  );
}

function fits({ resource, role, milli }: Pool, wish: VolumeWish): boolean {
  if (resource.name !== "disk" || role !== "*" || resource.disk?.persistence !== undefined) return false;
  const { source } = resource.disk ?? {};
  if (typeOf(source) !== wish.type || milli < toMilli(wish.sizeMiB)) return false;
  if (wish.type === "mount" && wish.maxSizeMiB !== undefined && milli > toMilli(wish.maxSizeMiB)) return false;
  return source?.profile === wish.profileName && wish.constraints.every((one) => accepts(one, pathOf(source), NONE, 0));
}

const NONE = new Tally();

function typeOf(source: ResourceDiskInfoSource | undefined): VolumeWish["type"] | undefined {
  if (source === undefined) return "root";
  if (source.type === "PATH") return "path";
  return source.type === "MOUNT" ? "mount" : undefined;
}

function pathOf(source: ResourceDiskInfoSource | undefined): string | undefined {
  return source?.path?.root ?? source?.mount?.root;
}

// A disk with a body of its own is taken whole.
function volumeOf(pool: Pool, wish: VolumeWish, id: string): Resource {
  const milli = wish.type === "mount" ? pool.milli : toMilli(wish.sizeMiB);
  pool.milli -= milli;
  return {
    ...withMilli(pool.resource, milli),
    scalar: { value: fromMilli(milli) },
    disk: {
      ...(pool.resource.disk ?? {}),
      persistence: { id },
      volume: { mode: "RW", container_path: wish.containerPath },
    },
  };
}
