import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAddresses } from "@meseta/sdk/core/address.ts";
import { splitCredentials } from "../core/credentials.ts";
import { Failure } from "../core/failure.ts";
import { masterFlag } from "../core/row.ts";
import { parseSettings } from "../core/yaml.ts";
import type { LookUp } from "../flags.ts";

/** A value and the place that it came from. */
export interface Setting {
  readonly value: string | readonly string[];
  /** "command line", "MESETA_CPUS", a file's name, or "default". */
  readonly from: string;
}

/** The look-up of this process: its environment, the settings files, and the cluster of this machine. */
export function ownLookUp(): LookUp {
  return createLookUp(process.env, settingsFiles(), localPortsFile());
}

/**
 * Where settings are looked for besides the command line, in this order: the environment, then the files that exist. Where
 * none names a part of the cluster, the ports file that `meseta up` keeps in its folder says where this machine's own one listens.
 */
export function createLookUp(env: NodeJS.ProcessEnv, files: readonly string[], portsFile?: string): LookUp {
  let loaded: [string, ReadonlyMap<string, string>][] | undefined;
  const named: LookUp = (row, name) => {
    const variable = `MESETA_${name.toUpperCase().replaceAll("-", "_")}`;
    const fromEnv = env[variable];
    if (fromEnv !== undefined && fromEnv !== "") return { value: fromEnv, from: variable };
    loaded ??= files.map(load).filter((each) => each !== undefined);
    const section = row.path.replaceAll(" ", "-");
    for (const [file, values] of loaded) {
      const value = values.get(`${section}.${name}`) ?? values.get(name);
      if (value !== undefined) return { value, from: file };
    }
    return undefined;
  };
  const local = (name: string): Setting | undefined =>
    Object.hasOwn(LOCAL_PARTS, name) && portsFile !== undefined ? localPart(portsFile, LOCAL_PARTS[name]!) : undefined;
  return (row, name) => {
    const setting = named(row, name) ?? local(name);
    if ((name !== "init" && name !== "cron") || (setting !== undefined && setting.from !== portsFile)) return setting;
    // Of a cluster that is named by its masters this machine's own init and cron are no part.
    const master = named(row, "master");
    return master === undefined || isOneOf(master, local("master")?.value ?? masterFlag.default!)
      ? setting
      : { value: "", from: master.from };
  };
}

function isOneOf(master: Setting, here: Setting["value"]): boolean {
  const known = urlsOf(here);
  return urlsOf(master.value).some((one) => known.includes(one));
}

function urlsOf(value: Setting["value"]): string[] {
  const { addresses } = splitCredentials([value].flat().join(","));
  return (parseAddresses(addresses) ?? []).map((one) => one.replace("//localhost", "//127.0.0.1"));
}

/** The flags that name a part of the cluster, and the port by which `meseta up` knows it. */
const LOCAL_PARTS: Readonly<Record<string, string>> = { master: "master", init: "init", cron: "metronome" };

// Of several masters any may lead, so all of them are named: `master`, `master-2`, …
function localPart(file: string, name: string): Setting | undefined {
  try {
    const ports = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>;
    const names = [name, ...Object.keys(ports).filter((one) => one.startsWith(`${name}-`))];
    const urls = names.flatMap((one) => (typeof ports[one] === "number" ? `http://127.0.0.1:${ports[one]}` : []));
    return urls.length > 0 ? { value: urls.join(","), from: file } : undefined;
  } catch {
    return undefined;
  }
}

/** Of the cluster that `meseta up` without `--dir` starts. */
export function localPortsFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(env["MESETA_DIR"] || fileURLToPath(new URL("../../.meseta", import.meta.url)), "ports.json");
}

export function settingsFiles(env: NodeJS.ProcessEnv = process.env): string[] {
  const home = env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
  return ["meseta.yaml", join(home, "meseta", "config.yaml")];
}

/** The names of all that stands in settings files, known or not. */
export function settingsInFiles(files = settingsFiles()): { readonly name: string; readonly file: string }[] {
  return files.flatMap((file) => [...(load(file)?.[1].keys() ?? [])].map((name) => ({ name, file })));
}

function load(file: string): [string, ReadonlyMap<string, string>] | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const parsed = parseSettings(text);
  if ("error" in parsed) throw new Failure("bad-file", { file, why: parsed.error });
  return [file, parsed.values];
}
