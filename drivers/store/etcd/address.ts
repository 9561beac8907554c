import type { EtcdAccess } from "./access.ts";

/** Where a store is in etcd: the members, each `host:port`, and the folder of its keys without slashes at its ends. */
export interface EtcdAddress {
  readonly hosts: readonly string[];
  readonly folder: string;
  /** What no address says: by which certificates and as whom. */
  readonly access?: EtcdAccess | undefined;
}

const DEFAULT_PORT = 2379;

/** Reads `etcd://host[:port],…[/folder]`; what is wrong with it as a sentence. */
export function readEtcdUrl(url: string): EtcdAddress | { readonly problem: string } {
  const [, members, rest = ""] = /^etcd:\/\/([^/]*)(\/.*)?$/.exec(url) ?? [];
  if (members === undefined) return { problem: "it does not begin with etcd://" };
  if (members.includes("@"))
    return { problem: "user and password do not belong into it: --etcd-user, and MESETA_ETCD_PASSWORD" };
  const hosts = members.split(",").map(hostOf);
  const bad = hosts.indexOf(undefined);
  if (bad >= 0) return { problem: `"${members.split(",")[bad]}" is no host:port` };
  if (new Set(hosts).size < hosts.length) return { problem: "a member is named twice" };
  const folder = rest.replace(/^\/|\/$/g, "");
  if (folder !== "" && !/^[\w.%-]+(\/[\w.%-]+)*$/.test(folder))
    return { problem: `"${rest}" is no folder: letters, digits, ".", "_", "%" and "-", with "/" between` };
  return { hosts: hosts as string[], folder };
}

/** As it can be given to `--store` again. */
export function etcdUrl({ hosts, folder }: EtcdAddress): string {
  return `etcd://${hosts.join(",")}${folder === "" ? "" : `/${folder}`}`;
}

function hostOf(text: string): string | undefined {
  const [, host, port = `${DEFAULT_PORT}`] = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d+))?$/.exec(text.trim()) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return `${host}:${Number(port)}`;
}
