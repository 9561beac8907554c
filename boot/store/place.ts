import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type EtcdAddress, etcdUrl, readEtcdUrl } from "@meseta/drivers/store/etcd/address.ts";
import type { FormattedStore } from "@meseta/lib/core/formatted.ts";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { type Store, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { accessOf } from "../etcd/access.ts";
import { badSetting, type Settings } from "../flags.ts";
import { ofOurFormat } from "../formats.ts";

/** Where a store is. */
export type Place = { readonly kind: "sqlite"; readonly path: string } | ({ readonly kind: "etcd" } & EtcdAddress);

/** Which of the stores in an etcd is whose. */
export interface Part {
  readonly part: "master" | "init" | "cron";
  /** The framework's name, of which a cluster can have several. */
  readonly name?: string | undefined;
}

/** What a `--store` says; what is wrong with it as a sentence. */
export function readPlace(text: string): Place | { readonly problem: string } {
  if (text.startsWith("sqlite:")) {
    const path = text.slice("sqlite:".length);
    return path === "" ? { problem: "it names no file" } : { kind: "sqlite", path: fileOf(resolve(path)) };
  }
  if (!text.startsWith("etcd:")) return { problem: "it begins with neither sqlite: nor etcd:" };
  const address = readEtcdUrl(text);
  return "problem" in address ? address : { kind: "etcd", ...address };
}

/** A part's folder means the store in it. */
function fileOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, "store.db") : path;
}

/** As it can be given to commands. */
export function placeUrl(place: Place): string {
  return place.kind === "sqlite" ? `sqlite:${place.path}` : etcdUrl(place);
}

/** The place of a part's store: `--store`, and in etcd the part's own folder of it; or a file in `dir`. */
export function placeOf(settings: Settings, { part, name }: Part, dir: string): Place {
  const text = settings["store"];
  if (text === undefined) return { kind: "sqlite", path: join(dir, "store.db") };
  const place = readPlace(text);
  if ("problem" in place)
    throw badSetting("store", text, `of the form sqlite:PATH or etcd://HOST:PORT,…/FOLDER: ${place.problem}`);
  if (place.kind === "sqlite") return place;
  const own = name === undefined ? part : `${part}/${encodeURIComponent(name)}`;
  return { ...place, folder: `${place.folder || "meseta"}/${own}`, access: accessOf(settings) };
}

/** Opens the store of a part; in etcd that contacts nobody yet. Rejects with StoreInUse when another process has the file. */
export async function openStoreOf(settings: Settings, part: Part, dir: string, log: Log): Promise<FormattedStore> {
  const place = placeOf(settings, part, dir);
  const url = placeUrl(place);
  return ofOurFormat(refusingHalves(await openPlace(place, log), url), part.part, url, log);
}

async function openPlace(place: Place, log: Log): Promise<Store> {
  if (place.kind === "etcd") return (await import("@meseta/drivers/store/etcd/store.ts")).openEtcd(place);
  const { openAsSole } = await import("@meseta/drivers/store/sqlite/sole.ts");
  const { openSqlite } = await import("@meseta/drivers/store/sqlite/store.ts");
  return openAsSole(place.path, openSqlite, waitsIn(log, place));
}

/** Who waits for a process that has its store says so. */
export function waitsIn(log: Log, { path }: { readonly path: string }): () => void {
  return () => log.info("Another process has the store open; it may be about to end", { path });
}

/** The record of a store that is being filled from another one. With it nothing else in it means anything yet. */
export const UNFINISHED = "store/unfinished";

// A half is never taken for the whole.
function refusingHalves(store: Store, url: string): Store {
  return {
    maxRecords: store.maxRecords,
    async open(above) {
      if ((await store.scan(UNFINISHED)).length > 0)
        throw new StoreFailed(
          `${url} was being filled from another store, and that was not finished. Do it again, with --force`,
        );
      return store.open(above);
    },
    scan: (prefix) => store.scan(prefix),
    commit: (change, epoch) => store.commit(change, epoch),
    close: () => store.close(),
  };
}
