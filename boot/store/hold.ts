import { existsSync } from "node:fs";
import { keepVacant, type Vacancy } from "@meseta/drivers/election/vacancy.ts";
import { type Compared, compareReplicas } from "@meseta/drivers/store/etcd/replicas.ts";
import { openEtcd } from "@meseta/drivers/store/etcd/store.ts";
import { SqliteFile } from "@meseta/drivers/store/sqlite/file.ts";
import { lookAt, type Seen } from "@meseta/drivers/store/sqlite/look.ts";
import { type Opened, type Store, StoreDamaged, StoreInUse } from "@meseta/lib/core/ports/store.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { isVacant, putAside, takeAway, userOf } from "./aside.ts";
import { type Place, placeUrl } from "./place.ts";

/** A store in the hands of a command, which is no part of a cluster. */
export interface Held {
  readonly url: string;
  /** Its epoch and commits; undefined while there is no store. */
  look(): Promise<Opened | undefined>;
  /** More than the checksums of records: what holds them. Gives what is to be said of that, if anything. */
  check(): Promise<string | undefined>;
  /** Forgets all that is there, whole or not, for this one record, in one step. Of a file there is no need: see `holdToFill`. */
  erase?(key: string, value: string): Promise<void>;
  /** Closes a store that was made to be filled, and takes it away. */
  undo?(): Promise<void>;
  readonly store: Store;
}

/** Opens a store that is there to be read, and says who else has it open. Rejects with `no-store` where there is none. */
export async function holdToRead(place: Place): Promise<Held & { readonly user: string | undefined }> {
  const url = placeUrl(place);
  if (place.kind === "sqlite") {
    const { inUse } = existing(place.path, url);
    return { ...sqlite(place.path, url, false), user: inUse ? "another process has it open" : undefined };
  }
  const held = etcd(place, url);
  try {
    if ((await held.look()) === undefined) throw noStore(url, "nobody has ever written to that folder");
    return { ...held, user: await held.user() };
  } catch (error) {
    await held.store.close();
    throw error;
  }
}

/** Opens a store that is there and that nobody uses, nor can until it is closed. Rejects with `no-store` or `store-in-use`. */
export async function holdAlone(place: Place): Promise<Held> {
  if (place.kind === "sqlite") {
    const url = placeUrl(place);
    existing(place.path, url);
    return sqlite(place.path, url, true);
  }
  const { user, ...held } = await holdToRead(place);
  return alone(held, place, async () => user);
}

/** The same of one that is to be filled, and may be new. Where its contents do not count, as `force` says, a file that is damaged is put aside. */
export async function holdToFill(place: Place, force = false): Promise<Held> {
  const url = placeUrl(place);
  if (place.kind === "sqlite") {
    if (isVacant(place.path)) return made(place.path, url);
    if (existsSync(place.path)) existing(place.path, url);
    try {
      return sqlite(place.path, url, true);
    } catch (error) {
      if (!force || !(error instanceof StoreDamaged)) throw error;
      const user = userOf(place.path);
      if (user !== undefined) throw inUse(url, `${user} has it open`);
      putAside(place.path);
      return sqlite(place.path, url, true);
    }
  }
  const held = etcd(place, url);
  return alone(held, place, () => held.user());
}

/** Whoever stands by on it waits until it is closed. */
async function alone(
  held: Held,
  place: Place & { kind: "etcd" },
  ownerOf: () => Promise<string | undefined>,
): Promise<Held> {
  try {
    const vacancy = await keepVacant(place);
    if ("leader" in vacancy) throw inUse(held.url, (await ownerOf()) ?? `${leaderIn(vacancy.leader)} leads on it`);
    const user = await ownerOf().catch(releasing(vacancy));
    if (user !== undefined) await releasing(vacancy)(inUse(held.url, user));
    return { ...held, store: { ...bound(held.store), close: () => vacancy.release().then(() => held.store.close()) } };
  } catch (error) {
    await held.store.close();
    throw error;
  }
}

function releasing(vacancy: Vacancy): (error: unknown) => Promise<never> {
  return async (error) => {
    await vacancy.release();
    throw error;
  };
}

function bound(store: Store): Store {
  return {
    maxRecords: store.maxRecords,
    open: (above) => store.open(above),
    scan: (prefix) => store.scan(prefix),
    commit: (change, epoch) => store.commit(change, epoch),
    close: () => store.close(),
  };
}

/** As the key of the leader says it. */
function leaderIn(value: string): string {
  try {
    const { hostname, port, vacant } = JSON.parse(value);
    return vacant ?? `${hostname}:${port}`;
  } catch {
    return "somebody";
  }
}

function existing(path: string, url: string): Seen {
  if (!existsSync(path)) throw noStore(url, `there is no file ${path}`);
  const seen = lookAt(path);
  if (!seen.ours) throw noStore(url, `${path} is a database of something else`);
  return seen;
}

/** Of a store that there was none before nothing stays when it cannot be filled, as on a full disk. */
function made(path: string, url: string): Held {
  try {
    const held = sqlite(path, url, true);
    return { ...held, undo: () => held.store.close().then(() => takeAway(path)) };
  } catch (error) {
    takeAway(path);
    throw error;
  }
}

function sqlite(path: string, url: string, alone: boolean): Held {
  const file = opened(path, url, alone);
  let closed = false;
  const store: Store = {
    maxRecords: 100_000,
    open: async (above) => file.open(above),
    scan: async (prefix) => file.scan(prefix),
    commit: async (change, epoch) => void file.commit(change, epoch),
    async close() {
      if (!closed) file.close();
      closed = true;
    },
  };
  return { url, store, look: async () => file.look(), check: async () => void file.check() };
}

function opened(path: string, url: string, alone: boolean): SqliteFile {
  try {
    return new SqliteFile(path, { alone });
  } catch (error) {
    if (error instanceof StoreInUse) throw inUse(url, error.message);
    throw error;
  }
}

function etcd(place: Place & { kind: "etcd" }, url: string): Held & { user(): Promise<string | undefined> } {
  const store = openEtcd(place);
  return {
    url,
    store,
    look: () => store.look(),
    async user() {
      const owner = await store.owner();
      return owner && `process ${owner.pid} on ${owner.host} has it open, or had it until some seconds ago`;
    },
    check: async () => membersTold(place, await compareReplicas(place.hosts, { access: place.access })),
    erase: (key, value) => store.erase(key, value),
  };
}

/** Throws `damaged-state` for members that hold something else than most do. */
function membersTold(
  { hosts }: { readonly hosts: readonly string[] },
  { revision, same, different, silent }: Compared,
): string | undefined {
  if (different.length > 0) {
    const others = same.length === 0 ? "each holds something else" : `${same.join(" and ")} hold something else`;
    throw new Failure("damaged-state", {
      file: `etcd at ${different.join(", ")}`,
      why: `at revision ${revision} ${others}`,
      again: "etcdctl member list, and what docs/operate/stores.md says under “When a member of etcd is damaged”",
    });
  }
  const unknown = silent.map(({ host, why }) => `, and ${host} is not compared: ${why}`).join("");
  return hosts.length === 1 ? undefined : `${same.length} members hold the same${unknown}`;
}

function noStore(url: string, why: string): Failure {
  return new Failure("no-store", { url, why, again: hint(url) });
}

function inUse(url: string, why: string): Failure {
  return new Failure("store-in-use", { url, why, again: "stop that part, and try again" });
}

function hint(url: string): string {
  if (!url.startsWith("etcd:")) return "meseta store check sqlite:DIR/store.db";
  const [, hosts, folder] = /^etcd:\/\/([^/]*)\/(.*)$/.exec(url)!;
  // Who named a part's own folder is to see which there are.
  return /(^|\/)(master|(init|cron)\/[^/]+)$/.test(folder!)
    ? `etcdctl --endpoints ${hosts} get / --prefix --keys-only --limit 20`
    : `meseta store check ${url}/master`;
}
