import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { EtcdAccess, EtcdTls } from "@meseta/drivers/store/etcd/access.ts";
import { badSetting, readSettings, type Settings } from "../flags.ts";
import { ETCD_FLAGS } from "./flags.ts";

const PASSWORD = "MESETA_ETCD_PASSWORD";

/** How to be let in by the etcd of `--store`; undefined for one that lets everybody in. Refuses files that cannot be read, or are no certificates. */
export function accessOf(settings: Settings, env: NodeJS.ProcessEnv = process.env): EtcdAccess | undefined {
  const [tls, user] = [tlsOf(settings), userOf(settings, env)];
  return tls === undefined && user === undefined ? undefined : { tls, user };
}

/** The same of a command without such flags: from the environment and the files of settings. */
export function accessAround(env: NodeJS.ProcessEnv = process.env): EtcdAccess | undefined {
  const command = { name: "store", summary: "", example: "", flags: ETCD_FLAGS };
  return accessOf(readSettings(command, [], env), env);
}

function tlsOf(settings: Settings): EtcdTls | undefined {
  const [ca, cert, key] = ["etcd-ca", "etcd-cert", "etcd-key"].map((name) => fileIn(settings, name));
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ["etcd-key", "etcd-cert"] : ["etcd-cert", "etcd-key"];
    throw badSetting(given, settings[given]!, `enough: it goes with --${missing}`);
  }
  const tls: EtcdTls = { ca, cert, key };
  checkCertificates(settings, tls);
  return tls;
}

function checkCertificates(settings: Settings, { ca, cert, key }: EtcdTls): void {
  for (const [name, part] of [
    ["etcd-ca", { ca }],
    ["etcd-cert", { cert, key }],
  ] as const)
    try {
      createSecureContext(part);
    } catch (error) {
      throw badSetting(name, settings[name]!, `a PEM file that can be used: ${(error as Error).message}`);
    }
}

function userOf(settings: Settings, env: NodeJS.ProcessEnv): EtcdAccess["user"] {
  const name = settings["etcd-user"];
  if (name === undefined) return undefined;
  const password = env[PASSWORD] ?? fileIn(settings, "etcd-password-file")?.replace(/\r?\n$/, "");
  if (password === undefined)
    throw badSetting("etcd-user", name, `enough: its password goes into ${PASSWORD} or --etcd-password-file`);
  return { name, password };
}

function fileIn(settings: Settings, name: string): string | undefined {
  const file = settings[name];
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw badSetting(name, file, `a file that can be read: ${(error as Error).message}`);
  }
}
